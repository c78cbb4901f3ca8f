import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { LockState } from '../../src/core/lock.ts';
import { plan } from '../../src/core/plan/plan.ts';
import { pullBackup } from '../../src/core/request/pool.ts';
import { DAY_MS, HOUR_MS } from '../../src/core/time.ts';
import { CoreWorld, pin, POLICY, request, SCHEDULING } from '../support/core-world.ts';
import { Backend, openHubStore, Scene, startAedes, startHub, until } from './cloud-rig.ts';

let scene: Scene;
beforeEach(() => {
  scene = new Scene();
});
afterEach(() => scene.end());

const FIRST = '1029384756';
const SECOND = '5647382910';
const GUEST = '9182736450';
const FOREIGN = '6574839201';
const TYPED = '3141592653';

/** A life of codes with all that can be told of one, turn by turn; PINs are so long that nothing else looks like them. */
function* life(world: CoreWorld): Generator<void> {
  const endsAt = world.now + 2 * DAY_MS;
  const guest = request('guest', GUEST, { startsAt: world.now, endsAt, useBackupPool: true, maxUses: 2 });
  world.desire(request('anna', FIRST), guest);
  while (world.step()) yield;
  world.desire(request('anna', SECOND, { name: 'Anna B.' }), guest);
  yield;
  while (world.step()) yield;
  // Somebody edits at the lock: a code of ours, and one of their own, whose PIN is then asked for.
  world.pins.set(1, TYPED);
  world.pins.set(9, FOREIGN);
  world.hear({ kind: 'slot_changed', slot: 1 });
  world.hear({ kind: 'slot_changed', slot: 9 });
  while (world.step()) yield;
  world.desire(request('anna', SECOND), guest, request('same as theirs', FOREIGN), request('odd', '1234'));
  yield;
  const foreign = world.state.slots.find((row) => row.unmanaged)?.unmanaged?.accessCodeId ?? '';
  world.desire(request('anna', FOREIGN), guest, request(foreign, FOREIGN), request('late', FIRST));
  while (!writesNext(world) && world.step()) yield;
  world.nextOutcome = { kind: 'refused', reason: 'duplicate_pin', message: 'The lock has it.' };
  while (world.step()) yield;
  const pulled = pullBackup(world.state, 'guest', world.reading);
  if (pulled.kind === 'pulled') world.take(pulled.step);
  while (world.step()) yield;
  world.hear({ kind: 'unlocked', method: 'keycode', slot: 2 });
  world.nextOutcome = { kind: 'unknown', message: 'no answer' };
  world.desire(request('anna', TYPED));
  while (world.step()) yield;
  world.passTo(world.now + HOUR_MS);
  world.desireAndBury([], [foreign]);
  yield;
  world.passTo(endsAt + HOUR_MS);
}

function writesNext(world: CoreWorld): boolean {
  return plan(world.state, POLICY, world.reading).operations[0]?.operation.kind === 'set_pin';
}

test('no PIN leaves the hub, whatever happens to the codes', async () => {
  const deviceId = randomUUID();
  const store = openHubStore(scene.dir);
  const broker = await startAedes(scene);
  const backend = await Backend.at(scene, broker, 'hub-1');
  const hub = startHub(scene, { url: broker.url, store });
  const capabilities = { ...SCHEDULING, lastSlot: 30, pinLength: { min: 10, max: 12 } };
  const world = new CoreWorld(capabilities, deviceId);

  const pins = new Set<string>();
  let before: LockState | undefined;
  const commit = (): void => {
    store.commit(before, world.state, world.events.splice(0));
    before = world.state;
    for (const digits of world.pins.values()) pins.add(digits);
    for (const code of world.state.codes) pins.add(code.pin?.reveal() ?? FIRST);
  };
  await until('the hub is connected', () => backend.hellos()[0]);
  for (const _turn of life(world)) {
    commit();
    // Lets the publisher have its turn, so that what is in between is told too.
    await new Promise(setImmediate);
  }
  commit();
  await until('all is told', () => backend.events().at(-1)?.seq === store.outbox.head());
  await until('the end is reported', () => backend.reports(deviceId).at(-1)?.codes.length === 0);

  const types = new Set(backend.events().map((event) => event.event_type));
  for (const expected of [
    'access_code.mutations_requested',
    'access_code.code_changed',
    'access_code.modified_external_to_seam',
    'access_code.failed_to_set_on_device',
    'access_code.unmanaged.created',
    'access_code.backup_access_code_pulled',
    'access_code.deleted',
    'lock.unlocked',
  ]) {
    expect(types).toContain(expected);
  }
  expect(backend.reports(deviceId).some((report) => report.unmanaged_codes.length > 0)).toBe(true);
  expect(pins.size).toBeGreaterThan(7);
  const all = backend.heard.map((message) => message.text).join('\n') + JSON.stringify(hub.log);
  for (const digits of pins) expect(all.includes(digits), 'a PIN in what was told').toBe(false);
  expect(all).not.toContain(String(pin(FIRST)));
});
