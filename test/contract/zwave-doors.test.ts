import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { SimLock } from '../../drivers/sim/lock/lock.ts';
import type { ActionOutcome, LockAction } from '../../src/lock-driver.ts';
import {
  everyLockFound,
  eventually,
  lockOf,
  pinOf,
  startRig,
  startRigWithLocks,
  type Rig,
} from './zwave-rig.ts';

const MODELS = ['uc-v1', 'uc-v1-masked', 'uc-v2', 'u3c'] as const;
const SHORT_DEADLINE_MS = 300;
const ANSWER_DELAY_MS = 30;

let rig: Rig;

beforeAll(async () => {
  rig = await startRigWithLocks();
});

afterEach(() => {
  for (const lock of rig.house.locks) lock.fault = { kind: 'none' };
});

afterAll(async () => {
  await rig.stop();
  await rig.house.stop();
});

function act(lock: SimLock, action: LockAction): Promise<ActionOutcome> {
  return rig.driver.act(`device-${lock.address}`, action);
}

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

it.each(MODELS)('%s: is written nothing while it is asked everything anew', async (model) => {
  const lock = lockOf(rig, model);
  const writes = [...lock.writes];
  const received = lock.frames.received;
  const asked = act(lock, 'reinterview');
  await eventually(() => lock.frames.received > received + 2, 'the interview is under way');
  const meanwhile = rig.execute(lock, { kind: 'set_pin', slot: 7, pin: pinOf('7070'), enabled: true });
  expect((await meanwhile).kind).toBe('unreachable');
  expect(await asked).toEqual({ kind: 'done' });
  expect([...lock.writes]).toEqual(writes);
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
