import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Mosquitto } from '../e2e/mosquitto.ts';
import { ieeeOf, startPeerHouse, type PeerHouse } from './house.ts';
import { until } from './until.ts';
import { isInterviewed, Zigbee2Mqtt, type PeerOptions } from './zigbee2mqtt.ts';

// The simulated stick and locks are honest only if a program that knows nothing of them gets along with them.

/** With the user on the wire that is the house's slot 3, and what can be heard of it. */
const LOCKS = [
  { model: 'dl-schedules', user: 3, showsPins: false, tellsUsers: true },
  { model: 'dl-plain', user: 3, showsPins: true, tellsUsers: true },
  { model: 'dl-write-only', user: 3, showsPins: false, tellsUsers: true },
  { model: 'dl-base-0', user: 2, showsPins: true, tellsUsers: true },
  { model: 'dl-endpoint-2', user: 2, showsPins: true, tellsUsers: true },
  // Its events lack their end, which zigbee2mqtt reads only where it knows the model.
  { model: 'dl-short-events', user: 3, showsPins: true, tellsUsers: false },
  { model: 'dl-install-code', user: 3, showsPins: true, tellsUsers: true },
].map((lock, index) => ({ ...lock, id: `door-${index + 1}`, address: ieeeOf(index + 1) }));
const SLOT = 3;
const START_MS = 400_000;
const TOLD_WITHIN_MS = 20_000;

let folder: string;
let broker: Mosquitto;
let house: PeerHouse;
let options: PeerOptions;
let peer: Zigbee2Mqtt;

beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'lockhub-peers-'));
  broker = await Mosquitto.start(folder);
  house = await startPeerHouse(
    folder,
    LOCKS.map(({ id, model, address }) => ({ id, model, address })),
  );
  options = {
    folder: path.join(folder, 'zigbee2mqtt'),
    brokerUrl: `mqtt://127.0.0.1:${broker.port}`,
    stick: house.zigbee,
  };
  peer = await Zigbee2Mqtt.start(options);
}, START_MS);

afterAll(async () => {
  await peer?.stop();
  await house?.end();
  await broker?.stop();
  rmSync(folder, { recursive: true, force: true });
});

it('lets in a lock of each kind and finds out that it takes PINs', async () => {
  const labels = (await house.counts()).flatMap(({ id, label }) =>
    LOCKS.find((lock) => lock.id === id)?.model === 'dl-install-code' && label ? [label.qr] : [],
  );
  await peer.letIn(LOCKS.length, labels);
  const found = peer.devices().filter((device) => isInterviewed(device));
  expect(new Set(found.map(({ model_id: model }) => model))).toEqual(
    new Set(LOCKS.map(({ model }) => model)),
  );
});

it.each(LOCKS)(
  '$model: a PIN that it sets opens, is heard of, and opens no more when it is cleared',
  async (lock) => {
    const pin = '246813';
    await setAndSee(lock, pin);
    const before = peer.told;
    expect(await house.typePin(lock.id, pin)).toEqual({ opened: true, slot: SLOT });
    await until(`${lock.model}: the opened door is told`, TOLD_WITHIN_MS, () =>
      peer.heard(
        lock.address,
        (state) =>
          lock.tellsUsers
            ? state.action === 'unlock' && state.action_user === lock.user
            : state['state'] === 'UNLOCK',
        before,
      ),
    );
    await house.act(lock.id, 'lock');
    await peer.setPin(lock.address, lock.user, null);
    await holds(lock.id, null);
    expect((await house.typePin(lock.id, pin)).opened).toBe(false);
  },
);

it('knows its locks after a restart', async () => {
  await peer.stop();
  peer = await Zigbee2Mqtt.start(options);
  expect(peer.devices().filter((device) => isInterviewed(device))).toHaveLength(LOCKS.length);
  for (const lock of LOCKS) {
    await setAndSee(lock, '135792');
    expect((await house.typePin(lock.id, '135792')).opened).toBe(true);
  }
});

/** Sets a PIN, and reads it back where the lock shows it. */
async function setAndSee(lock: (typeof LOCKS)[number], pin: string): Promise<void> {
  const before = peer.told;
  await peer.setPin(lock.address, lock.user, pin);
  await holds(lock.id, pin);
  if (!lock.showsPins) return;
  await peer.askForPin(lock.address, lock.user);
  await until(`${lock.model}: the PIN is read back`, TOLD_WITHIN_MS, () =>
    peer.heard(lock.address, ({ users }) => String(users?.[lock.user]?.pin_code) === pin, before),
  );
}

/** Waits until the lock itself has the PIN in the slot, or nothing. */
async function holds(id: string, pin: string | null): Promise<void> {
  await until(`${id} holds ${pin === null ? 'nothing' : 'the PIN'}`, TOLD_WITHIN_MS, async () => {
    const held = (await house.lock(id)).slots.find(({ slot }) => slot === SLOT);
    return (held?.pin ?? null) === pin;
  });
}
