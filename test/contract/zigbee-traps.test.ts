import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { SUBSYSTEM, type LineFrame } from '../../drivers/sim/zigbee/unpi.ts';
import { ZigbeeLine } from './zigbee-line.ts';
import {
  letIn,
  startZigbeeHouse,
  startZigbeeRig,
  zigbeeDeviceId,
  zigbeeLock,
  type ZigbeeRig,
} from './zigbee-rig.ts';
import { eventually, heldBy, pinOf } from './zwave-rig.ts';

const TEST_MS = 60_000;
const MODELS = ['dl-schedules', 'dl-plain', 'dl-write-only'] as const;
const AF_DATA_REQUEST = 0x01;
const AF_DATA_CONFIRM = 0x80;
const AF_INCOMING = 0x81;
/** Longer than a driver waits for an answer here, which is 2 s. */
const SLOW_MS = 3000;
/** The stick gives up on a child that does not ask for its frames after 7.7 s; others must not wait for that. */
const PROMPT_MS = 3000;

let line: ZigbeeLine;
let rig: ZigbeeRig;

beforeEach(async () => {
  await line.plug();
});

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

describe('a lock that shows nothing', () => {
  const set = (slot: number, digits: string) =>
    ({ kind: 'set_pin', slot, pin: pinOf(digits), enabled: true }) as const;
  const lockOf = () => zigbeeLock(rig, 'dl-write-only');
  const shown = async (slot: number) => {
    const outcome = await rig.execute(lockOf(), { kind: 'read_slot', slot });
    return outcome.kind === 'done' ? outcome.reading?.content : outcome;
  };
  const changes = (slot: number) => rig.told(lockOf(), 'slot_changed').filter((told) => told.slot === slot);

  it('keeps the code that somebody put there at its keypad, until it is erased there', async () => {
    const lock = lockOf();
    lock.programPin(30, '7771');
    await eventually(() => changes(30).length > 0, 'the edit is told');
    expect(await shown(30)).toEqual({ kind: 'masked', enabled: true });
    expect((await rig.execute(lock, set(30, '3030'))).kind).toBe('unknown');
    expect(heldBy(lock, 30)).toBe('7771');
    lock.unprogramPin(30);
    await eventually(() => rig.told(lock, 'slot_cleared').length > 0, 'the end is told');
    expect(await shown(30)).toEqual({ kind: 'empty' });
  });

  it('keeps a code that it was heard to open with, although nobody told of its coming', async () => {
    const lock = lockOf();
    lock.fault = { kind: 'no_answer' };
    lock.programPin(31, '7772');
    // By the end of a question that has no answer its event is lost, too.
    expect(await rig.driver.ping(zigbeeDeviceId(lock.ieee ?? ''))).toBe(false);
    expect(changes(31)).toEqual([]);
    lock.fault = { kind: 'none' };
    expect(lock.typePin('7772').opened).toBe(true);
    await eventually(() => rig.told(lock, 'unlocked').length > 0, 'the opening is told');
    expect(await shown(31)).toEqual({ kind: 'masked', enabled: true });
    expect((await rig.execute(lock, set(31, '3131'))).kind).toBe('unknown');
    expect(heldBy(lock, 31)).toBe('7772');
  });

  it('gets rid of a code that somebody put in the place of ours', async () => {
    const lock = lockOf();
    expect(await rig.execute(lock, set(32, '3232'))).toMatchObject({ kind: 'done' });
    lock.programPin(32, '7773');
    await eventually(() => changes(32).length > 0, 'the edit is told');
    expect(await shown(32)).toEqual({ kind: 'empty' });
    expect(heldBy(lock, 32)).toBeUndefined();
    expect(await rig.execute(lock, set(32, '3232'))).toMatchObject({ kind: 'done' });
    expect(heldBy(lock, 32)).toBe('3232');
  });

  it('still has the old code when it refuses another one', async () => {
    const lock = lockOf();
    expect(await rig.execute(lock, set(33, '3333'))).toMatchObject({ kind: 'done' });
    expect(await rig.execute(lock, set(34, '3434'))).toMatchObject({ kind: 'done' });
    expect(await rig.execute(lock, set(33, '3434'))).toMatchObject({ reason: 'duplicate_pin' });
    expect(heldBy(lock, 33)).toBe('3333');
    expect(await shown(33)).toEqual({ kind: 'masked', enabled: true });
  });
});
