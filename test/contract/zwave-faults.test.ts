import { afterEach, beforeEach, expect, it } from 'vitest';
import type { SimLock } from '../../drivers/sim/lock/lock.ts';
import {
  everyLockFound,
  eventually,
  heldBy,
  lockOf,
  MemoryRadioStorage,
  pinOf,
  startRig,
  startRigWithLocks,
  type Rig,
} from './zwave-rig.ts';

const DEADLINE_MS = 15_000;
const MARGIN_MS = 500;

let rig: Rig;

beforeEach(async () => {
  rig = await startRigWithLocks();
});

afterEach(async () => {
  await rig.stop();
  await rig.house.stop();
});

it.each(['uc-v1', 'uc-v1-masked', 'uc-v2', 'u3c'] as const)(
  '%s: a lost report says nothing about what the lock holds, and a later read does',
  async (model) => {
    const lock = lockOf(rig, model);
    lock.fault = { kind: 'no_answer' };
    const outcome = await rig.execute(lock, { kind: 'set_pin', slot: 2, pin: pinOf('2020') });
    expect(outcome.kind).toBe('unknown');
    lock.fault = { kind: 'none' };
    const read = await rig.execute(lock, { kind: 'read_slot', slot: 2 });
    expect(read).toMatchObject({ kind: 'done' });
    const isThere = read.kind === 'done' && read.reading?.content.kind !== 'empty';
    expect(isThere).toBe(heldBy(lock, 2) === '2020');
    expect(await rig.execute(lock, { kind: 'set_pin', slot: 2, pin: pinOf('2020') })).toMatchObject({
      kind: model === 'uc-v1-masked' ? 'unknown' : 'done',
    });
    expect(heldBy(lock, 2)).toBe('2020');
  },
);

it.each(['uc-v1', 'uc-v2', 'u3c'] as const)(
  '%s: a lost lock is unreachable, and others are served',
  async (model) => {
    const lost = lockOf(rig, model);
    lost.fault = { kind: 'unreachable' };
    for (const operation of [
      { kind: 'read_slot', slot: 1 },
      { kind: 'set_pin', slot: 1, pin: pinOf('1357') },
      { kind: 'clear_slot', slot: 1 },
    ] as const) {
      const startedAt = performance.now();
      expect((await rig.execute(lost, operation)).kind).toBe('unreachable');
      expect(performance.now() - startedAt).toBeLessThan(DEADLINE_MS + MARGIN_MS);
    }
    const other = lockOf(rig, 'uc-v1-masked');
    expect(await rig.execute(other, { kind: 'set_pin', slot: 1, pin: pinOf('1357') })).toMatchObject({
      kind: 'done',
    });
  },
);

it('leaves no user without a PIN on a lock, whatever became of the PIN', async () => {
  const lock = lockOf(rig, 'u3c');
  lock.programPin(11, '1111');
  const refused = await rig.execute(lock, { kind: 'set_pin', slot: 12, pin: pinOf('1111') });
  expect(refused).toMatchObject({ kind: 'refused', reason: 'duplicate_pin' });
  await rig.execute(lock, { kind: 'set_pin', slot: 13, pin: pinOf('1313') });
  await rig.execute(lock, { kind: 'clear_slot', slot: 13 });
  lock.fault = { kind: 'no_answer' };
  expect(await rig.execute(lock, { kind: 'set_pin', slot: 14, pin: pinOf('1414') })).toMatchObject({
    kind: 'unknown',
  });
  lock.fault = { kind: 'none' };
  // As after every result that nobody knows, the slot is read.
  await rig.execute(lock, { kind: 'read_slot', slot: 14 });
  expect(await usersOnLock(lock)).toEqual(new Set([11]));
});

/** All users of a lock, told by the lock itself to a hub that knows nothing yet. */
async function usersOnLock(lock: SimLock): Promise<Set<number>> {
  await rig.stop();
  const fresh = new MemoryRadioStorage();
  rig = await startRig(rig.house, fresh);
  await everyLockFound(rig);
  const keys = [...fresh.files.values()].flatMap((file) => [...file.keys()]);
  const mine = keys.filter((key) => key.includes(`"nodeId":${lock.address}`) && key.includes('"userActive"'));
  return new Set(mine.map((key) => Number(/"propertyKey":(\d+)/.exec(key)?.[1])));
}

it('answers within the deadline when a lock is too slow, and lets nothing overtake what it still does', async () => {
  const lock = lockOf(rig, 'uc-v1');
  await rig.execute(lock, { kind: 'set_pin', slot: 3, pin: pinOf('3333') });
  lock.fault = { kind: 'slow', delayMs: 1_500 };
  const outcome = await rig.execute(lock, { kind: 'read_slot', slot: 3 });
  expect(outcome).toMatchObject({ kind: 'done', reading: { content: { kind: 'pin' } } });
  lock.fault = { kind: 'none' };
  expect(await rig.execute(lock, { kind: 'clear_slot', slot: 3 })).toMatchObject({ kind: 'done' });
  expect(heldBy(lock, 3)).toBeUndefined();
});

it('is of use again when a lock comes back', async () => {
  const lock = lockOf(rig, 'uc-v2');
  lock.fault = { kind: 'unreachable' };
  await rig.execute(lock, { kind: 'read_slot', slot: 1 });
  await eventually(() => rig.told(lock, 'offline').length > 0, 'the lock is told to be gone');
  lock.fault = { kind: 'none' };
  expect(await rig.driver.ping(`device-${lock.address}`)).toBe(true);
  expect(await rig.execute(lock, { kind: 'set_pin', slot: 1, pin: pinOf('1111') })).toMatchObject({
    kind: 'done',
  });
});

it('knows no lock that it has not interviewed', async () => {
  const outcome = await rig.driver.execute('device-99', { kind: 'read_slot', slot: 1 });
  expect(outcome.kind).toBe('unreachable');
  expect(await rig.driver.ping('device-99')).toBe(false);
});
