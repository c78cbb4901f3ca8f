import { afterAll, beforeAll, expect, it } from 'vitest';
import { SUBSYSTEM, type LineFrame } from '../../drivers/sim/zigbee/unpi.ts';
import { ZigbeeLine } from './zigbee-line.ts';
import { letIn, startZigbeeHouse, startZigbeeRig, zigbeeLock, type ZigbeeRig } from './zigbee-rig.ts';
import { eventually, heldBy, pinOf } from './zwave-rig.ts';

const TEST_MS = 60_000;
const MODELS = ['dl-schedules', 'dl-plain'] as const;
const AF_DATA_REQUEST = 0x01;
const AF_DATA_CONFIRM = 0x80;
const AF_INCOMING = 0x81;
/** Longer than a driver waits for an answer here, which is 2 s. */
const SLOW_MS = 3000;
/** The stick gives up on a child that does not ask for its frames after 7.7 s; others must not wait for that. */
const PROMPT_MS = 3000;

let line: ZigbeeLine;
let rig: ZigbeeRig;

beforeAll(async () => {
  const house = await startZigbeeHouse(MODELS);
  line = new ZigbeeLine(house.zigbee ?? '');
  rig = await startZigbeeRig(house, {}, { port: await line.plug() });
  for (const model of MODELS) await letIn(rig, zigbeeLock(rig, model));
}, TEST_MS);

afterAll(async () => {
  await rig.stop();
  line.pull();
  await rig.house.stop();
});

const isAf = ({ subsystem, command }: LineFrame, wanted: number): boolean =>
  subsystem === SUBSYSTEM.af && command === wanted;

/** Zigbee's cluster of door locks, and the command in a frame for a lock: after address, ends and length comes its content. */
const DOOR_LOCK = [0x01, 0x01];
const SET_PIN = 0x05;
const AT = { cluster: 4, control: 10, command: 12 } as const;

/** Counts the frames with a PIN that go to the stick from now on. */
function sentSetPins(): () => number {
  let sent = 0;
  line.pass = (frame, from) => {
    const { content } = frame;
    const isDoorLock = DOOR_LOCK.every((byte, index) => content[AT.cluster + index] === byte);
    const isSpecific = ((content[AT.control] ?? 0) & 0b11) === 1;
    if (from === 'host' && isAf(frame, AF_DATA_REQUEST) && isDoorLock && isSpecific)
      if (content[AT.command] === SET_PIN) sent += 1;
    return [frame];
  };
  return () => sent;
}

it(
  'a lock with poll control that answers too late is written to once, and not again by whatever it says later',
  async () => {
    const lock = zigbeeLock(rig, 'dl-plain');
    const sent = sentSetPins();
    const before = lock.writes.get(5) ?? 0;
    lock.fault = { kind: 'slow', delayMs: SLOW_MS };
    const write = { kind: 'set_pin', slot: 5, pin: pinOf('5055'), enabled: true } as const;
    expect((await rig.execute(lock, write)).kind).toBe('unknown');
    lock.fault = { kind: 'none' };
    for (let press = 0; press < 3; press += 1) lock.pressLock();
    await eventually(
      () => rig.told(lock, 'slot_changed').some(({ slot, unsure }) => slot === 5 && unsure === true),
      'the late answer is told',
    );
    expect(await rig.execute(lock, { kind: 'read_slot', slot: 5 })).toMatchObject({ kind: 'done' });
    expect(sent()).toBe(1);
    expect((lock.writes.get(5) ?? 0) - before).toBe(1);
    expect(heldBy(lock, 5)).toBe('5055');
  },
  TEST_MS,
);

it(
  'what the radio delivers twice is told once, and changes nothing',
  async () => {
    const lock = zigbeeLock(rig, 'dl-plain');
    line.pass = (frame, from) => (from === 'stick' && isAf(frame, AF_INCOMING) ? [frame, frame] : [frame]);
    await rig.execute(lock, { kind: 'set_pin', slot: 6, pin: pinOf('606060'), enabled: true });
    const opened = () => rig.told(lock, 'unlocked').filter(({ slot }) => slot === 6);
    for (let time = 1; time <= 3; time += 1) {
      expect(lock.typePin('606060').opened).toBe(true);
      await eventually(() => opened().length >= time, 'the opening is told');
    }
    // Everything before its answer has come in.
    expect(await rig.execute(lock, { kind: 'read_slot', slot: 6 })).toMatchObject({ kind: 'done' });
    expect(opened()).toHaveLength(3);
  },
  TEST_MS,
);

it(
  'a lock out of reach keeps no other waiting',
  async () => {
    const lost = zigbeeLock(rig, 'dl-schedules');
    const other = zigbeeLock(rig, 'dl-plain');
    lost.fault = { kind: 'unreachable' };
    const waiting = rig.execute(lost, { kind: 'read_slot', slot: 1 });
    const from = performance.now();
    expect(await rig.execute(other, { kind: 'read_slot', slot: 1 })).toMatchObject({ kind: 'done' });
    expect(performance.now() - from).toBeLessThan(PROMPT_MS);
    expect((await waiting).kind).toBe('unreachable');
    lost.fault = { kind: 'none' };
  },
  TEST_MS,
);

it.each([
  ['the lock did not ask for it', 0xf0, 'unreachable'],
  ['there is no way to it', 0xcd, 'unreachable'],
  ['the lock did not acknowledge', 0xe9, 'unreachable'],
  ['the air was full', 0xe1, 'unknown'],
  ['the stick had no room', 0x11, 'unknown'],
  ['the stick had no memory', 0x1a, 'unknown'],
])('%s: nothing is sent again, and the hub decides', async (_name, status, kind) => {
  const lock = zigbeeLock(rig, 'dl-plain');
  let sent = 0;
  line.pass = (frame, from) => {
    if (from === 'host' && isAf(frame, AF_DATA_REQUEST)) sent += 1;
    const isConfirm = from === 'stick' && isAf(frame, AF_DATA_CONFIRM);
    return [isConfirm ? { ...frame, content: Uint8Array.of(status, ...frame.content.slice(1)) } : frame];
  };
  expect((await rig.execute(lock, { kind: 'read_slot', slot: 9 })).kind).toBe(kind);
  expect(sent).toBe(1);
});
