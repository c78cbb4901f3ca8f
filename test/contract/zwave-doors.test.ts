import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { SimLock } from '../../drivers/sim/lock/lock.ts';
import type { ActionOutcome, LockAction } from '../../src/lock-driver.ts';
import { MemoryRadioStorage } from './memory-radio-storage.ts';
import {
  everyLockFound,
  eventually,
  heldBy,
  lockOf,
  pinOf,
  startRig,
  startRigWithLocks,
  type Rig,
} from './zwave-rig.ts';

const MODELS = ['uc-v1', 'uc-v1-masked', 'uc-v2', 'u3c'] as const;
const TRAVEL_MS = 1_000;
const SHORT_DEADLINE_MS = 300;
const SLOW_MS = 800;
const ANSWER_DELAY_MS = 30;

let rig: Rig;

beforeAll(async () => {
  rig = await startRigWithLocks();
});

afterEach(() => {
  for (const lock of rig.house.locks) {
    lock.fault = { kind: 'none' };
    lock.boltTravelMs = 0;
    lock.jammed = false;
  }
});

afterAll(async () => {
  await rig.stop();
  await rig.house.stop();
});

function act(lock: SimLock, action: LockAction): Promise<ActionOutcome> {
  return rig.driver.act(`device-${lock.address}`, action);
}

it.each(MODELS)('%s: the bolt is where it was sent, and the lock tells so', async (model) => {
  const lock = lockOf(rig, model);
  expect(await act(lock, 'unlock')).toEqual({ kind: 'done' });
  expect(lock.bolt).toBe('unlocked');
  await eventually(() => rig.told(lock, 'unlocked').length === 1, 'the lock tells that it is open');
  expect(rig.told(lock, 'unlocked')).toEqual([{ kind: 'unlocked', method: 'remote', slot: null }]);
  expect(await act(lock, 'lock')).toEqual({ kind: 'done' });
  expect(lock.bolt).toBe('locked');
});

it.each(['uc-v1', 'uc-v2'] as const)('%s: a bolt that takes its time is waited for', async (model) => {
  const lock = lockOf(rig, model);
  lock.boltTravelMs = TRAVEL_MS;
  expect(await act(lock, 'unlock')).toEqual({ kind: 'done' });
  expect(lock.bolt).toBe('unlocked');
  expect(await act(lock, 'lock')).toEqual({ kind: 'done' });
});

it.each(MODELS)(
  '%s: a bolt that sticks is jammed, also the second time, and obeys when it is free',
  async (model) => {
    const lock = lockOf(rig, model);
    lock.setJammed(true);
    expect(await act(lock, 'unlock')).toMatchObject({ kind: 'jammed' });
    expect(await act(lock, 'unlock')).toMatchObject({ kind: 'jammed' });
    expect(lock.bolt).toBe('locked');
    lock.setJammed(false);
    expect(await act(lock, 'unlock')).toEqual({ kind: 'done' });
    expect(await act(lock, 'lock')).toEqual({ kind: 'done' });
  },
);

it.each(['uc-v1', 'uc-v2'] as const)('%s: says nothing of a bolt that it does not hear of', async (model) => {
  const lock = lockOf(rig, model);
  lock.fault = { kind: 'no_answer' };
  expect(await act(lock, 'unlock')).toMatchObject({ kind: 'unknown' });
  lock.fault = { kind: 'none' };
  expect(await act(lock, 'lock')).toEqual({ kind: 'done' });
});

it('a lock that is gone is unreachable', async () => {
  const lock = lockOf(rig, 'uc-v2');
  lock.fault = { kind: 'unreachable' };
  expect(await act(lock, 'unlock')).toMatchObject({ kind: 'unreachable' });
  expect(await act(lock, 'identify')).toMatchObject({ kind: 'unreachable' });
  expect(await act(lock, 'reinterview')).toMatchObject({ kind: 'unreachable' });
  expect(lock.bolt).toBe('locked');
  lock.fault = { kind: 'none' };
  expect(await act(lock, 'identify')).toEqual({ kind: 'done' });
});

it.each(['uc-v2', 'u3c'] as const)('%s: shows which one it is', async (model) => {
  const lock = lockOf(rig, model);
  const before = lock.identified;
  expect(await act(lock, 'identify')).toEqual({ kind: 'done' });
  expect(lock.identified).toBe(before + 1);
});

it('cannot be asked to show itself where it has nothing to show', async () => {
  expect(await act(lockOf(rig, 'uc-v1'), 'identify')).toMatchObject({ kind: 'unsupported' });
});

it.each(MODELS)('%s: is asked everything anew and loses no code', async (model) => {
  const lock = lockOf(rig, model);
  await rig.execute(lock, { kind: 'set_pin', slot: 6, pin: pinOf('6060'), enabled: true });
  const writes = [...lock.writes];
  const found = rig.told(lock, 'found').length;
  const received = lock.frames.received;
  const asked = act(lock, 'reinterview');
  await eventually(() => lock.frames.received > received + 2, 'the interview is under way');
  const meanwhile = rig.execute(lock, { kind: 'set_pin', slot: 7, pin: pinOf('7070'), enabled: true });
  expect((await meanwhile).kind).toBe('unreachable');
  expect(await asked).toEqual({ kind: 'done' });
  expect(rig.told(lock, 'found')).toHaveLength(found + 1);
  const { description } = rig.told(lock, 'found').at(-1) ?? {};
  expect(description).toMatchObject({ ...rig.told(lock, 'found')[0]?.description, locked: true });
  expect([...lock.writes]).toEqual(writes);
  expect(heldBy(lock, 6)).toBe('6060');
  expect(await rig.execute(lock, { kind: 'clear_slot', slot: 6 })).toMatchObject({ kind: 'done' });
});

it('a lock that falls silent while it is asked everything is met again when it is back', async () => {
  const lock = lockOf(rig, 'u3c');
  const found = rig.told(lock, 'found').length;
  const received = lock.frames.received;
  const asked = act(lock, 'reinterview');
  await eventually(() => lock.frames.received > received + 3, 'the interview is under way');
  lock.fault = { kind: 'unreachable' };
  expect(['unknown', 'unreachable']).toContain((await asked).kind);
  expect((await rig.execute(lock, { kind: 'clear_slot', slot: 9 })).kind).toBe('unreachable');
  lock.fault = { kind: 'none' };
  await eventually(() => rig.told(lock, 'found').length > found, 'the lock is met again');
  expect(await rig.execute(lock, { kind: 'clear_slot', slot: 9 })).toMatchObject({ kind: 'done' });
});

it('is asked everything for longer than a turn lasts, and is served again after that', async () => {
  await rig.stop();
  rig = await startRig(rig.house, rig.storage, { executeDeadlineMs: SHORT_DEADLINE_MS });
  await everyLockFound(rig);
  const lock = lockOf(rig, 'uc-v2');
  const found = rig.told(lock, 'found').length;
  lock.fault = { kind: 'slow', delayMs: ANSWER_DELAY_MS };
  expect(await act(lock, 'reinterview')).toMatchObject({ kind: 'unknown' });
  expect((await rig.execute(lock, { kind: 'clear_slot', slot: 9 })).kind).toBe('unreachable');
  await eventually(() => rig.told(lock, 'found').length > found, 'the lock is met again');
  expect(await rig.execute(lock, { kind: 'read_slot', slot: 9 })).toMatchObject({ kind: 'done' });
});

it('takes turns with operations, and nothing overtakes what is late', async () => {
  await rig.stop();
  rig = await startRig(rig.house, rig.storage, { executeDeadlineMs: SHORT_DEADLINE_MS });
  await everyLockFound(rig);
  const lock = lockOf(rig, 'uc-v1');
  lock.fault = { kind: 'slow', delayMs: SLOW_MS };
  expect(await act(lock, 'unlock')).toMatchObject({ kind: 'unknown' });
  expect((await rig.execute(lock, { kind: 'clear_slot', slot: 4 })).kind).toBe('unreachable');
  expect(await act(lock, 'lock')).toMatchObject({ kind: 'unreachable' });
});

it('does nothing at a lock that it has not met, nor without a radio', async () => {
  expect(await rig.driver.act('device-99', 'unlock')).toMatchObject({ kind: 'radio_down' });
  await rig.stop();
  expect(await act(lockOf(rig, 'uc-v1'), 'unlock')).toMatchObject({ kind: 'radio_down' });
  rig = await startRig(rig.house, new MemoryRadioStorage());
});
