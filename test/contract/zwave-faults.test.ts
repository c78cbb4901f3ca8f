import { afterAll, beforeAll, expect, it } from 'vitest';
import type { SimLock } from '../../drivers/sim/lock/lock.ts';
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
import { MemoryRadioStorage } from './memory-radio-storage.ts';

/** Longer than a write and a read take on a busy machine, and short enough to be waited for. */
const STALE_MS = 5000;
const FIGHT_MS = 3000;
/** How long zwave-js waits for a report, as the driver sets it. */
const LIBRARY_WAITS_MS = 2000;

let rig: Rig;

beforeAll(async () => {
  rig = await startRigWithLocks();
});

afterAll(async () => {
  await rig.stop();
  await rig.house.stop();
});

it('a masked code whose report was lost is not known to be ours, whatever is written again', async () => {
  const lock = lockOf(rig, 'uc-v1-masked');
  const write = { kind: 'set_pin', slot: 2, pin: pinOf('2020'), enabled: true } as const;
  lock.fault = { kind: 'no_answer' };
  expect(await rig.execute(lock, write)).toMatchObject({ kind: 'unknown' });
  lock.fault = { kind: 'none' };
  expect(await rig.execute(lock, { kind: 'read_slot', slot: 2 })).toMatchObject({
    reading: { content: { kind: 'masked' } },
  });
  expect(await rig.execute(lock, write)).toMatchObject({ kind: 'unknown' });
  expect(heldBy(lock, 2)).toBe('2020');
});

it('leaves no user without a PIN on a lock, whatever became of the PIN', async () => {
  const lock = lockOf(rig, 'u3c');
  lock.programPin(11, '1112');
  const refused = await rig.execute(lock, { kind: 'set_pin', slot: 12, pin: pinOf('1112'), enabled: true });
  expect(refused).toMatchObject({ kind: 'refused', reason: 'duplicate_pin' });
  await rig.execute(lock, { kind: 'set_pin', slot: 13, pin: pinOf('1313'), enabled: true });
  await rig.execute(lock, { kind: 'clear_slot', slot: 13 });
  lock.fault = { kind: 'no_answer' };
  expect(
    await rig.execute(lock, { kind: 'set_pin', slot: 14, pin: pinOf('1414'), enabled: true }),
  ).toMatchObject({
    kind: 'unknown',
  });
  lock.fault = { kind: 'none' };
  // As after every result that nobody knows, the slot is read.
  await rig.execute(lock, { kind: 'read_slot', slot: 14 });
  const users = await usersOnLock(lock);
  expect([...users].filter((user) => user > 10)).toEqual([11]);
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

/** The status of a slot as far as the library remembers it. */
function statusInStorage(lock: SimLock, slot: number): unknown {
  const rows = [...rig.storage.files].flatMap(([name, file]) => (name.includes('.values') ? [...file] : []));
  const parts = [`"nodeId":${lock.address}`, '"userIdStatus"', `"propertyKey":${slot}}`];
  const row = rows.find(([key]) => parts.every((part) => key.includes(part)));
  return row && (JSON.parse(row[1]) as { readonly value?: unknown }).value;
}

it('is not sure of an edit when it may have been a late answer', async () => {
  await rig.stop();
  rig = await startRig(rig.house, rig.storage);
  await everyLockFound(rig);
  const lock = lockOf(rig, 'uc-v1-masked');
  lock.fault = { kind: 'slow', delayMs: 2 * LIBRARY_WAITS_MS };
  const outcome = await rig.execute(lock, { kind: 'set_pin', slot: 7, pin: pinOf('7070'), enabled: true });
  expect(outcome.kind).toBe('unknown');
  lock.fault = { kind: 'none' };
  await eventually(() => statusInStorage(lock, 7) === 1, 'the late answer is heard');
  // Another exchange with the lock, so that what the late answer set off has happened.
  await rig.execute(lock, { kind: 'read_slot', slot: 8 });
  expect(rig.told(lock, 'slot_changed')).toEqual([{ kind: 'slot_changed', slot: 7, unsure: true }]);
});

it('meets a lock that was away at the first start as soon as it is back', async () => {
  await rig.stop();
  const lock = lockOf(rig, 'uc-v1');
  lock.fault = { kind: 'unreachable' };
  rig = await startRig(rig.house, new MemoryRadioStorage());
  await eventually(() => rig.told(lockOf(rig, 'u3c'), 'found').length > 0, 'another lock is found');
  expect(rig.told(lock, 'found')).toEqual([]);
  lock.fault = { kind: 'none' };
  await everyLockFound(rig);
  expect([...lock.writes.keys()]).not.toContain(0);
});

it('learns from a reading what a lock confirmed and did not do', async () => {
  const lock = lockOf(rig, 'uc-v2');
  lock.fault = { kind: 'drops_writes' };
  const set = await rig.execute(lock, { kind: 'set_pin', slot: 31, pin: pinOf('3131'), enabled: true });
  expect(set).toEqual({ kind: 'done', proof: 'supervision' });
  const armed = await rig.execute(lock, { kind: 'set_pin', slot: 31, pin: pinOf('3131'), enabled: false });
  expect(armed).toMatchObject({ kind: 'unknown' });
  lock.fault = { kind: 'none' };
  const read = await rig.execute(lock, { kind: 'read_slot', slot: 31 });
  expect(read).toMatchObject({ reading: { content: { kind: 'empty' } } });
});

it('shows a slot as a lock with stale reads shows it, until that shows the truth', async () => {
  const lock = lockOf(rig, 'uc-v2');
  const read = () => rig.execute(lock, { kind: 'read_slot', slot: 32 });
  await read();
  lock.fault = { kind: 'stale_reads', delayMs: STALE_MS };
  await rig.execute(lock, { kind: 'set_pin', slot: 32, pin: pinOf('3232'), enabled: true });
  expect(await read()).toMatchObject({ reading: { content: { kind: 'empty' } } });
  lock.fault = { kind: 'none' };
  await eventually(() => lock.shown(32) !== undefined, 'the lock shows what it holds');
  expect(await read()).toMatchObject({ reading: { content: { kind: 'pin', pin: pinOf('3232') } } });
  await rig.execute(lock, { kind: 'clear_slot', slot: 32 });
});

it('is told when a lock puts its own code back', async () => {
  const lock = lockOf(rig, 'uc-v1');
  lock.programPin(13, '1313');
  await eventually(() => rig.told(lock, 'slot_changed').some(({ slot }) => slot === 13), 'the edit is told');
  const before = rig.told(lock, 'slot_changed').length;
  lock.fault = { kind: 'fights_back', delayMs: FIGHT_MS };
  const set = await rig.execute(lock, { kind: 'set_pin', slot: 13, pin: pinOf('3113'), enabled: true });
  expect(set).toMatchObject({ kind: 'done', proof: 'read_back' });
  await eventually(() => rig.told(lock, 'slot_changed').length > before, 'the lock tells its edit');
  expect(heldBy(lock, 13)).toBe('1313');
  lock.fault = { kind: 'none' };
  await rig.execute(lock, { kind: 'clear_slot', slot: 13 });
});
