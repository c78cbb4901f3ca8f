import { afterAll, beforeAll, expect, it } from 'vitest';
import type { SimLock } from '../../drivers/sim/lock/lock.ts';
import type { ZigbeeModelName } from '../../drivers/sim/zigbee/model.ts';
import { takesCodes } from '../../src/core/capability.ts';
import { eventually, heldBy, pinOf } from './zwave-rig.ts';
import { letIn, startZigbeeHouse, startZigbeeRig, zigbeeLock, type ZigbeeRig } from './zigbee-rig.ts';

const MODELS = ['dl-last-action', 'dl-forgets-schedules', 'dl-no-codes', 'dl-schedules'] as const;
const START_MS = 120_000;
const TEST_MS = 60_000;
/** What the rig gives a lock for a question. */
const QUESTION_MS = 2000;
/** Longer than what is said of one movement can be apart. */
const APART_MS = 2500;

let rig: ZigbeeRig;

beforeAll(async () => {
  const house = await startZigbeeHouse([...MODELS, 'dl-endpoint-2']);
  rig = await startZigbeeRig(house, {}, { answerTimes: { questionMs: QUESTION_MS, writeMs: 5000 } });
  for (const model of MODELS) await letIn(rig, zigbeeLock(rig, model));
}, START_MS);

afterAll(async () => {
  await rig.stop();
  await rig.house.stop();
});

const lockOf = (model: ZigbeeModelName): SimLock => zigbeeLock(rig, model);
const capabilitiesOf = (model: ZigbeeModelName) =>
  rig.told(lockOf(model), 'found').at(-1)?.description.capabilities;

it('tells who opened a lock that reports it in an attribute, once, and keeps nothing of the PIN', async () => {
  const lock = lockOf('dl-last-action');
  // Users 0 to 2 are its masters; the house counts from 1.
  expect(capabilitiesOf('dl-last-action')).toMatchObject({ firstSlot: 3, lastSlot: 999 });
  const write = { kind: 'set_pin', slot: 3, pin: pinOf('975310'), enabled: true } as const;
  expect(await rig.execute(lock, write)).toMatchObject({ kind: 'done', proof: 'read_back' });
  expect(heldBy(lock, 4)).toBe('975310');
  expect(lock.typePin('975310').opened).toBe(true);
  await eventually(() => rig.told(lock, 'unlocked').length > 0, 'the opening is told');
  lock.pressLock();
  await eventually(() => rig.told(lock, 'locked').length > 0, 'the closing is told', APART_MS * 2);
  expect(rig.told(lock, 'unlocked')).toEqual([{ kind: 'unlocked', method: 'keycode', slot: 3 }]);
  expect(rig.logged()).not.toContain('975310');
});

it('waits longer for the answers of a slow make', async () => {
  const lock = lockOf('dl-last-action');
  lock.fault = { kind: 'slow', delayMs: QUESTION_MS + 500 };
  expect(await rig.execute(lock, { kind: 'read_slot', slot: 7 })).toMatchObject({ kind: 'done' });
  lock.fault = { kind: 'none' };
});

it('takes no schedules for granted, nor a number of users that is none', () => {
  expect(capabilitiesOf('dl-forgets-schedules')).toMatchObject({
    firstSlot: 1,
    lastSlot: 9,
    nativeScheduling: null,
    weekDaySchedules: 0,
    disabledCodes: true,
  });
  // What was tried is gone again.
  expect(lockOf('dl-forgets-schedules').codes.slotsInUse()).toEqual([]);
});

it('says of a lock without a way for codes that it has no slot, and sends it none', async () => {
  const lock = lockOf('dl-no-codes');
  const capabilities = capabilitiesOf('dl-no-codes');
  expect(capabilities && takesCodes(capabilities)).toBe(false);
  const before = lock.frames.received;
  const write = { kind: 'set_pin', slot: 1, pin: pinOf('2468'), enabled: true } as const;
  expect(await rig.execute(lock, write)).toMatchObject({ kind: 'refused', reason: 'slot_out_of_range' });
  expect(lock.frames.received).toBe(before);
  expect(await rig.driver.act(`device-${lock.ieee}`, 'unlock')).toEqual({ kind: 'done' });
  expect(lock.bolt).toBe('unlocked');
});

it('is told of covers and jams by the alarms of a lock', async () => {
  const lock = lockOf('dl-schedules');
  lock.setTampered(true);
  await eventually(() => rig.told(lock, 'tampered').length > 0, 'the cover is told');
  lock.setTampered(false);
});

it('is told of a battery, and of its alarm', async () => {
  const lock = lockOf('dl-last-action');
  expect(rig.told(lock, 'found').at(-1)?.description.batteryLevel).toBe(1);
  lock.setBatteryPercent(5);
  await eventually(() => rig.told(lock, 'battery').some(({ low }) => low), 'the alarm is told');
});

it(
  'a lock that joins again and again in one pairing is one lock',
  async () => {
    const lock = lockOf('dl-endpoint-2');
    const pairing = letIn(rig, lock);
    const addresses = new Set<unknown>();
    for (let time = 1; time <= 3; time += 1) {
      await eventually(() => lock.membership.joined && !addresses.has(lock.address), 'it is in');
      addresses.add(lock.address);
      if (time < 3) lock.membership.askToJoin();
    }
    await pairing;
    expect(rig.told(lock, 'found').at(-1)?.description.capabilities).toMatchObject({ lastSlot: 29 });
    const write = { kind: 'set_pin', slot: 2, pin: pinOf('1928'), enabled: true } as const;
    expect(await rig.execute(lock, write)).toMatchObject({ kind: 'done' });
    expect(heldBy(lock, 3)).toBe('1928');
    expect(rig.driver.network()?.nodes.filter(({ address }) => address === lock.ieee)).toHaveLength(1);
  },
  TEST_MS,
);

it(
  'keeps no PIN that was typed, and asks and sets nothing again after a restart',
  async () => {
    await rig.driver.stop();
    const kept = [...rig.storage.files.values()].flatMap((file) => [...file.values()]).join('\n');
    expect(kept).toContain('"256"');
    for (const text of ['975310', [...Buffer.from('975310')].join(',')]) expect(kept).not.toContain(text);
    const before = MODELS.map((model) => lockOf(model).frames.received);
    const again = await startZigbeeRig(rig.house, rig);
    for (const model of MODELS)
      await eventually(() => again.told(lockOf(model), 'found').length > 0, `${model} is met`);
    for (const model of MODELS) {
      // What its first interview saw says nothing about now.
      const { locked, batteryLevel } = again.told(lockOf(model), 'found').at(-1)?.description ?? {};
      expect([locked, batteryLevel]).toEqual([null, null]);
    }
    expect(await again.execute(lockOf('dl-schedules'), { kind: 'read_slot', slot: 5 })).toMatchObject({
      kind: 'done',
    });
    const sent = MODELS.map((model, index) => lockOf(model).frames.received - (before[index] ?? 0));
    expect(sent.slice(0, -1)).toEqual([0, 0, 0]);
    await again.stop();
  },
  TEST_MS,
);
