import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { startHouse, type House } from '../../drivers/sim/house.ts';
import type { SimZigbeeKeypad } from '../../drivers/sim/zigbee/keypad.ts';
import { SUBSYSTEM } from '../../drivers/sim/zigbee/unpi.ts';
import type { LockEventBody } from '../../src/core/lock-event.ts';
import { ZigbeeLine } from './zigbee-line.ts';
import { letIn, startZigbeeRig, zigbeeDeviceId, type ZigbeeRig } from './zigbee-rig.ts';
import { eventually } from './zwave-rig.ts';

const START_MS = 60_000;
const TEST_MS = 60_000;
const CODE = '0012345678';
const OTHER_CODE = '9471047110';
const ARMED_AWAY = 3;
const INCOMING_MESSAGE = 0x81;
const PAIRING = { durationMs: 60_000, qr: null, pin: null, asksForPin: false } as const;
const HOUSE = {
  locks: [{ id: 'door', model: 'dl-plain', address: '0x000d6ffffe000011' }],
  keypads: [
    { id: 'beside', model: 'ace-keypad', address: '0x000d6ffffe000021' },
    { id: 'short', model: 'ace-four-digits', address: '0x000d6ffffe000022' },
    { id: 'spare', model: 'ace-keypad', address: '0x000d6ffffe000023' },
  ],
};

let folder: string;
let house: House;
let line: ZigbeeLine;
let rig: ZigbeeRig;
let keypad: SimZigbeeKeypad;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'lockhub-zigbee-keypad-'));
  const file = path.join(folder, 'house.yaml');
  writeFileSync(file, JSON.stringify(HOUSE));
  house = await startHouse({ seed: 1, zigbeePort: 0, house: file });
  for (const { membership } of [...house.locks, ...house.zigbeeKeypads]) membership.dismissed();
  line = new ZigbeeLine(house.zigbee ?? '');
  rig = await startZigbeeRig(house, {}, { port: await line.plug() });
  keypad = named('beside');
  await letIn(rig, keypad);
}, START_MS);

afterEach(async () => {
  await line.plug();
});

afterAll(async () => {
  await rig.stop();
  line.pull();
  await house.stop();
  rmSync(folder, { recursive: true });
});

function named(id: string): SimZigbeeKeypad {
  const found = house.zigbeeKeypads.find((candidate) => candidate.id === id);
  if (found === undefined) throw new Error(`the house has no keypad ${id}`);
  return found;
}

function typedDigits(of = keypad): readonly string[] {
  return rig.told(of, 'keypad_entry').map(({ digits }) => digits.reveal());
}

function last<Kind extends LockEventBody['kind']>(kind: Kind) {
  return rig.told(keypad, kind).at(-1);
}

const idOf = ({ ieee }: SimZigbeeKeypad): string => zigbeeDeviceId(ieee);

/** All that the driver and its library keep. */
function kept(): string {
  return JSON.stringify([...rig.storage.files.values()].map((rows) => [...rows]));
}

it('is let in as a device of its own, with keys and without slots', async () => {
  expect(keypad.membership.joined).toBe(true);
  expect(rig.told(keypad, 'found')).toMatchObject([
    {
      description: {
        radio: 'zigbee',
        address: keypad.ieee,
        model: 'frient A/S KEPZB-110',
        secure: true,
        locked: null,
        batteryLevel: 1,
        capabilities: { isKeypad: true, firstSlot: 1, lastSlot: 0, pinLength: { min: 10, max: 10 } },
      },
      snapshot: [],
    },
  ]);
  expect(rig.told(keypad, 'online')).toHaveLength(1);
  expect(await rig.driver.ping(idOf(keypad))).toBe(true);
  expect(await rig.driver.checkLink(idOf(keypad))).toMatchObject({ kind: 'done' });
  expect(await rig.driver.act(idOf(keypad), 'identify')).toEqual({ kind: 'done' });
  expect(keypad.identified).toBe(1);
  expect(await rig.driver.act(idOf(keypad), 'reinterview')).toEqual({ kind: 'done' });
  expect(await rig.driver.act(idOf(keypad), 'unlock')).toMatchObject({ kind: 'unsupported' });
  expect(await rig.driver.execute(idOf(keypad), { kind: 'read_slot', slot: 1 })).toMatchObject({
    kind: 'refused',
    reason: 'unsupported',
  });
  const node = rig.driver.network()?.nodes.find(({ address }) => address === keypad.ieee);
  expect(node).toMatchObject({ deviceId: idOf(keypad), status: 'asleep' });
});

it('tells what is typed once, and shows what became of it', async () => {
  const response = await fetch(`${house.control}/keypads/beside/type`, {
    method: 'POST',
    body: JSON.stringify({ digits: CODE }),
  });
  expect(response.status).toBe(200);
  await eventually(() => typedDigits().length > 0, 'the digits came');
  expect(await rig.driver.act(idOf(keypad), 'show_accepted')).toEqual({ kind: 'done' });
  await eventually(() => keypad.shown.accepted === 1, 'the keypad says yes');
  line.pass = (frame, from) => {
    const isTold = from === 'stick' && frame.subsystem === SUBSYSTEM.af && frame.command === INCOMING_MESSAGE;
    return isTold ? [frame, frame] : [frame];
  };
  keypad.type(OTHER_CODE);
  await eventually(() => typedDigits().length > 1, 'the other digits came');
  expect(await rig.driver.act(idOf(keypad), 'show_denied')).toEqual({ kind: 'done' });
  await eventually(() => keypad.shown.denied === 1, 'the keypad says no');
  expect(typedDigits()).toEqual([CODE, OTHER_CODE]);
  expect(await rig.driver.act(idOf(keypad), 'show_accepted')).toMatchObject({ kind: 'unsupported' });
  expect(keypad.shown).toEqual({ accepted: 1, denied: 1 });
});

it('is told no about what is no code, and about a code that nobody judges', async () => {
  const [entries, { denied, accepted }] = [typedDigits().length, { ...keypad.shown }];
  keypad.type(CODE, 'armAll');
  await eventually(() => keypad.shown.denied === denied + 1, 'an alarm is not armed here');
  keypad.type('');
  await eventually(() => keypad.shown.denied === denied + 2, 'nothing was typed');
  expect(typedDigits()).toHaveLength(entries);
  keypad.type(CODE);
  await eventually(() => keypad.shown.denied === denied + 3, 'nobody judges');
  expect(typedDigits()).toHaveLength(entries + 1);
  expect(keypad.shown.accepted).toBe(accepted);
});

it('is told that the panel is armed, and its panic key opens nothing', async () => {
  const entries = typedDigits().length;
  keypad.pressPanic();
  keypad.approach();
  await eventually(() => keypad.panel === ARMED_AWAY, 'the panel answers');
  expect(typedDigits()).toHaveLength(entries);
});

it('tells that somebody tampers with it, and that its battery is low', async () => {
  expect(last('tamper_cleared')).toBeDefined();
  keypad.setTampered(true);
  await eventually(() => last('tampered') !== undefined, 'it is tampered with');
  const cleared = rig.told(keypad, 'tamper_cleared').length;
  keypad.setTampered(false);
  await eventually(() => rig.told(keypad, 'tamper_cleared').length > cleared, 'it is whole again');
  keypad.setBatteryPercent(5);
  await eventually(() => last('battery')?.low === true, 'its battery is low');
  keypad.setBatteryPercent(100);
  await eventually(() => last('battery')?.low === false, 'it has new cells');
});

it(
  'that sends four digits is let in, and says so',
  async () => {
    const short = named('short');
    await letIn(rig, short);
    expect(rig.told(short, 'found').at(-1)?.description.capabilities.pinLength).toEqual({ min: 4, max: 4 });
    expect(rig.logged()).toContain('too few digits');
    short.type('12345');
    await eventually(() => typedDigits(short).length > 0, 'the digits came');
    expect(typedDigits(short)).toEqual(['1234']);
  },
  TEST_MS,
);

it(
  'needs no frame after a restart, and nothing that was typed is kept or logged',
  async () => {
    const { storage, keys } = rig;
    const before = kept();
    const logged = rig.logged();
    await rig.stop();
    const received = keypad.frames.received;
    rig = await startZigbeeRig(house, { storage, keys }, { port: await line.plug() });
    await eventually(() => rig.told(keypad, 'found').length === 1, 'it is met again');
    keypad.type(CODE);
    await eventually(() => typedDigits().length === 1, 'the digits came');
    expect(keypad.frames.received).toBe(received);
    for (const text of [before, kept(), logged, rig.logged()]) {
      for (const code of [CODE, OTHER_CODE]) expect(text).not.toContain(code);
    }
    expect(logged).toContain('keypad_entry');
  },
  TEST_MS,
);

it(
  'takes the place of a keypad, and leaves',
  async () => {
    const spare = named('spare');
    keypad.fault = { kind: 'unreachable' };
    const replacing = rig.driver.pairing.replace(idOf(keypad), PAIRING);
    const isOpen = (): boolean => rig.driver.pairing.progress()?.stage === 'waiting_for_lock';
    await eventually(isOpen, 'the network is open');
    spare.membership.askToJoin();
    expect(await replacing).toEqual({ kind: 'done', deviceIds: [idOf(keypad)] });
    expect(rig.told(keypad, 'replaced')).toHaveLength(1);
    spare.type(OTHER_CODE);
    await eventually(() => typedDigits().includes(OTHER_CODE), 'the digits came as those of the old one');
    expect(await rig.driver.pairing.remove(idOf(keypad))).toMatchObject({ kind: 'done' });
    expect(spare.membership.joined).toBe(false);
    expect(rig.told(keypad, 'removed')).toHaveLength(1);
  },
  TEST_MS,
);

it(
  'that comes for a lock is sent away',
  async () => {
    const [door] = house.locks;
    if (door === undefined) throw new Error('the house has no lock');
    await letIn(rig, door);
    const spare = named('spare');
    door.fault = { kind: 'unreachable' };
    const replacing = rig.driver.pairing.replace(zigbeeDeviceId(door.ieee ?? ''), PAIRING);
    const isOpen = (): boolean => rig.driver.pairing.progress()?.stage === 'waiting_for_lock';
    await eventually(isOpen, 'the network is open');
    spare.membership.askToJoin();
    await eventually(() => rig.logged().includes('is sent away') && !spare.membership.joined, 'it is out');
    rig.driver.pairing.stop();
    expect(await replacing).toMatchObject({ kind: 'stopped' });
    expect(rig.told(door, 'replaced')).toEqual([]);
  },
  TEST_MS,
);
