import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ZigbeeModelName } from '../../drivers/sim/zigbee/model.ts';
import { heldBy, pinOf } from './zwave-rig.ts';
import { startRigWith, zigbeeLock, type ZigbeeRig } from './zigbee-rig.ts';

const READABLE = ['dl-schedules', 'dl-plain', 'dl-base-0', 'dl-endpoint-2', 'dl-short-events'] as const;
const START_MS = 120_000;

let rig: ZigbeeRig;

beforeAll(async () => {
  rig = await startRigWith(...READABLE, 'dl-write-only');
}, START_MS);

afterAll(async () => {
  await rig.stop();
  await rig.house.stop();
});

/** The house counts from 1, where some of its locks count from 0 on the air. */
const houseSlot = (model: string, slot: number): number =>
  model === 'dl-base-0' || model === 'dl-endpoint-2' ? slot + 1 : slot;

it.each(READABLE)('%s: a PIN is set with proof, read and cleared', async (model) => {
  const lock = zigbeeLock(rig, model);
  const pin = pinOf('246813');
  expect(await rig.execute(lock, { kind: 'set_pin', slot: 3, pin, enabled: true })).toMatchObject({
    kind: 'done',
    proof: 'read_back',
    reading: { slot: 3, content: { kind: 'pin', enabled: true } },
  });
  expect(heldBy(lock, houseSlot(model, 3))).toBe('246813');
  const read = await rig.execute(lock, { kind: 'read_slot', slot: 3 });
  expect(
    read.kind === 'done' && read.reading?.content.kind === 'pin' && read.reading.content.pin.equals(pin),
  ).toBe(true);
  expect(await rig.execute(lock, { kind: 'clear_slot', slot: 3 })).toMatchObject({ kind: 'done' });
  expect(heldBy(lock, houseSlot(model, 3))).toBeUndefined();
});

it.each(READABLE)('%s: another code is no success although it was answered', async (model) => {
  const lock = zigbeeLock(rig, model);
  await rig.execute(lock, { kind: 'set_pin', slot: 4, pin: pinOf('1357'), enabled: true });
  expect(
    await rig.execute(lock, { kind: 'set_pin', slot: 5, pin: pinOf('1357'), enabled: true }),
  ).toMatchObject({ kind: 'refused', reason: 'duplicate_pin' });
  expect(heldBy(lock, houseSlot(model, 5))).toBeUndefined();
});

it('a lock that shows nothing is written by its answers alone', async () => {
  const lock = zigbeeLock(rig, 'dl-write-only');
  expect(await rig.execute(lock, { kind: 'read_slot', slot: 2 })).toMatchObject({
    reading: { content: { kind: 'empty' } },
  });
  expect(
    await rig.execute(lock, { kind: 'set_pin', slot: 2, pin: pinOf('8642'), enabled: true }),
  ).toMatchObject({ kind: 'done', proof: 'supervision' });
  expect(heldBy(lock, 2)).toBe('8642');
  lock.fault = { kind: 'no_answer' };
  expect(
    (await rig.execute(lock, { kind: 'set_pin', slot: 3, pin: pinOf('8643'), enabled: true })).kind,
  ).toBe('unknown');
  lock.fault = { kind: 'none' };
  // Nobody knows what is there, so it is emptied before it is told to be empty.
  expect(await rig.execute(lock, { kind: 'read_slot', slot: 3 })).toMatchObject({
    reading: { content: { kind: 'empty' } },
  });
  expect(heldBy(lock, 3)).toBeUndefined();
});

/** What the hub was told that a lock can do. */
const found = (model: ZigbeeModelName) =>
  rig.told(zigbeeLock(rig, model), 'found').at(-1)?.description.capabilities;

it('what a lock can do is found out by trying it', () => {
  expect(found('dl-schedules')).toMatchObject({
    nativeScheduling: { kind: 'year_day' },
    weekDaySchedules: 7,
    disabledCodes: true,
  });
  expect(found('dl-plain')).toMatchObject({ nativeScheduling: null, pinLength: { min: 4, max: 10 } });
  expect(found('dl-write-only')).toMatchObject({ nativeScheduling: null, disabledCodes: false });
});

it('a code with a window never opens outside it, and not at any moment of its writing', async () => {
  const lock = zigbeeLock(rig, 'dl-schedules');
  const window = { start: '2030-07-01T15:00', stop: '2030-07-03T11:00' };
  expect(await rig.execute(lock, { kind: 'set_schedule', slot: 8, window })).toMatchObject({ kind: 'done' });
  expect(await rig.execute(lock, { kind: 'read_slot', slot: 8 })).toMatchObject({
    reading: { content: { kind: 'empty' }, schedule: window },
  });
  expect(
    await rig.execute(lock, { kind: 'set_pin', slot: 8, pin: pinOf('97531'), enabled: true }),
  ).toMatchObject({ kind: 'done' });
  expect(lock.typePin('97531').opened).toBe(false);
  expect(await rig.execute(lock, { kind: 'read_slot', slot: 8 })).toMatchObject({
    reading: { content: { kind: 'pin', enabled: true }, schedule: window },
  });
  expect(await rig.execute(lock, { kind: 'clear_slot', slot: 8 })).toMatchObject({ kind: 'done' });
  expect(await rig.execute(lock, { kind: 'read_slot', slot: 8 })).toMatchObject({
    reading: { content: { kind: 'empty' }, schedule: null },
  });
});

it('a week goes on the lock and comes back as it was', async () => {
  const lock = zigbeeLock(rig, 'dl-schedules');
  const window = {
    weekDays: [
      { day: 'monday', start: '08:00', stop: '12:00' },
      { day: 'friday', start: '08:00', stop: '24:00' },
    ],
  } as const;
  expect(await rig.execute(lock, { kind: 'set_schedule', slot: 9, window })).toMatchObject({ kind: 'done' });
  expect(
    await rig.execute(lock, { kind: 'set_pin', slot: 9, pin: pinOf('97532'), enabled: false }),
  ).toMatchObject({ kind: 'done', reading: { content: { enabled: false } } });
  expect(await rig.execute(lock, { kind: 'read_slot', slot: 9 })).toMatchObject({
    reading: { content: { kind: 'pin', enabled: false }, schedule: window },
  });
});

it('writes no PIN to a log', () => {
  for (const digits of ['246813', '1357', '8642', '97531']) expect(rig.logged()).not.toContain(digits);
});
