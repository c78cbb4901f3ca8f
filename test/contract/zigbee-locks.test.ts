import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ZigbeeModelName } from '../../drivers/sim/zigbee/model.ts';
import { eventually, heldBy, pinOf } from './zwave-rig.ts';
import { startRigWith, zigbeeLock, type ZigbeeRig } from './zigbee-rig.ts';

const START_MS = 120_000;
const LATE_MS = 3500;

let rig: ZigbeeRig;

beforeAll(async () => {
  rig = await startRigWith('dl-schedules', 'dl-plain', 'dl-write-only');
}, START_MS);

afterAll(async () => {
  await rig.stop();
  await rig.house.stop();
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

it('an answer that comes too late makes its slot one to be looked at', async () => {
  const lock = zigbeeLock(rig, 'dl-plain');
  lock.fault = { kind: 'slow', delayMs: LATE_MS };
  expect(
    (await rig.execute(lock, { kind: 'set_pin', slot: 6, pin: pinOf('6006'), enabled: true })).kind,
  ).toBe('unknown');
  await eventually(
    () => rig.told(lock, 'slot_changed').some(({ slot, unsure }) => slot === 6 && unsure === true),
    'the late answer is told',
  );
  lock.fault = { kind: 'none' };
  await eventually(() => heldBy(lock, 6) === '6006', 'the lock took it');
});

it('a lock that confirms and does nothing is not believed', async () => {
  const lock = zigbeeLock(rig, 'dl-plain');
  lock.fault = { kind: 'drops_writes' };
  expect(
    (await rig.execute(lock, { kind: 'set_pin', slot: 9, pin: pinOf('9009'), enabled: true })).kind,
  ).toBe('unknown');
  lock.fault = { kind: 'none' };
});
