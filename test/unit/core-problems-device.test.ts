import { expect, test } from 'vitest';
import { HUB_OFFLINE } from '../../src/core/offline/hub-code.ts';
import { newCode, plainRequest, type AccessCode } from '../../src/core/access-code.ts';
import { advance } from '../../src/core/settle/advance.ts';
import { deviceProblemsOf } from '../../src/core/problems/device-problems.ts';
import { unmetLock, type Lock, type LockState } from '../../src/core/lock.ts';
import { detailFields } from '../../src/core/problem.ts';
import { slotOf } from '../../src/core/plan/assign.ts';
import type { Slot } from '../../src/core/slot.ts';
import { HOUR_MS, MINUTE_MS } from '../../src/core/time.ts';
import { CoreWorld, pin, PLAIN, POLICY, request } from '../support/core-world.ts';

const NOW = { earliest: 10 * HOUR_MS, latest: 10 * HOUR_MS };
const WELL: Lock = {
  ...unmetLock('lock'),
  radio: 'zwave',
  online: true,
  capabilities: { ...PLAIN, lastSlot: 30, adminSlots: [30, 99] },
};

function row(slot: number, change: Partial<Slot> = {}): Slot {
  const nowhere: LockState = { lock: WELL, codes: [], slots: [] };
  return { ...slotOf(nowhere, slot), content: { kind: 'empty' }, ...change };
}

/** A backup code that is on the lock, in the slot of its number. */
function backup(slot: number, backupOf: string | null): { readonly code: AccessCode; readonly slot: Slot } {
  const accessCodeId = `backup ${slot}`;
  const digits = pin(String(1000 + slot));
  const code = { ...newCode(plainRequest(accessCodeId), 'local', 0), isBackup: true, backupOf, slot };
  const content = { kind: 'pin', pin: digits, enabled: true } as const;
  return { code: { ...code, pin: digits }, slot: row(slot, { owner: accessCodeId, content }) };
}

function found(lock: Partial<Lock>, codes: readonly AccessCode[] = [], slots: readonly Slot[] = []) {
  const { errors, warnings } = deviceProblemsOf({ lock: { ...WELL, ...lock }, codes, slots }, POLICY, NOW);
  return [...errors, ...warnings];
}

const codesOf = (...parts: Parameters<typeof found>) => found(...parts).map(({ code }) => code);

test('a lock that is well has no problem', () => {
  expect(codesOf({})).toEqual([]);
});

const clock = (aheadMs: number) => ({ clockRead: { at: 0, aheadMs, staysWrong: false } });

test.each<[Partial<Lock>, string[]]>([
  [{ online: false }, ['device_offline']],
  [{ credentialsMissing: true }, ['missing_device_credentials']],
  [{ secure: false }, ['low_security']],
  [{ capabilities: { ...PLAIN, firstSlot: 1, lastSlot: 0 } }, ['access_codes_not_supported']],
  [{ capabilities: { ...PLAIN, firstSlot: 1, lastSlot: 0, isKeypad: true } }, []],
  [{ capabilities: { ...PLAIN, firstSlot: 1, lastSlot: 0, offline: HUB_OFFLINE } }, []],
  [{ batteryLow: true }, ['low_battery']],
  [clock(5 * MINUTE_MS), []],
  [clock(5 * MINUTE_MS + 1), ['lock_clock_wrong']],
  [clock(-5 * MINUTE_MS - 1), ['lock_clock_wrong']],
  [{ repeatsBlockedUntil: NOW.earliest + MINUTE_MS }, ['write_budget_exhausted']],
  [{ repeatsBlockedUntil: NOW.earliest }, []],
])('%j is %j', (lock, expected) => {
  expect(codesOf(lock)).toEqual(expected);
});

test('a technician reads how wrong the clock and how low the battery is', () => {
  const messages = found({ batteryLow: true, batteryLevel: 0.07, ...clock(-400_000) }).map(
    (one) => one.message,
  );
  expect(messages).toEqual([
    'The battery of the lock is low, 7 % are left.',
    'The clock of the lock is 400 s slow; it gets no schedules until it is right.',
  ]);
  expect(found(clock(400_000))[0]?.message).toContain('400 s fast');
});

test.each([
  [0, 'empty_backup_access_code_pool'],
  [1, 'partial_backup_access_code_pool'],
])('a pool with %i of its 2 codes ready is %s', (ready, expected) => {
  const pool = Array.from({ length: ready }, (_, index) => backup(index + 1, null));
  const codes = pool.map(({ code }) => code);
  const slots = pool.map(({ slot }) => slot);
  expect(codesOf({ poolEnabled: true }, codes, slots)).toEqual([expected]);
  expect(codesOf({ poolEnabled: false }, codes, slots)).toEqual([]);
});

test('a full pool is no problem, and one that can never be filled says why', () => {
  const pool = [backup(1, null), backup(2, null)];
  const codes = pool.map(({ code }) => code);
  const slots = pool.map(({ slot }) => slot);
  expect(codesOf({ poolEnabled: true }, codes, slots)).toEqual([]);
  expect(found({ poolEnabled: true, capabilities: PLAIN })[0]).toMatchObject({
    code: 'empty_backup_access_code_pool',
    message: 'The lock has too few slots to keep backup codes.',
  });
});

test('a lock without a slot to spare says that its pool is empty for that', () => {
  const world = new CoreWorld({ ...PLAIN, lastSlot: 10 });
  const stay = { startsAt: world.now, endsAt: world.now + HOUR_MS, useBackupPool: true };
  const problems = () => {
    const { errors, warnings } = deviceProblemsOf(world.state, POLICY, world.reading);
    return [...errors, ...warnings].map(({ code, message }) => [code, message]);
  };
  const codes = Array.from({ length: 9 }, (_, index) => request(`c${index}`, `${3000 + index}`));
  world.desire(request('guest', '1234', stay), ...codes.slice(1));
  world.work();
  // The last slot has a code of the pool, which gives way to the next access code.
  expect(world.pins.size).toBe(10);
  expect(problems()).toEqual([]);
  world.desire(request('guest', '1234', stay), ...codes);
  world.work();
  expect(problems()).toEqual([
    [
      'empty_backup_access_code_pool',
      'All slots of the lock are wanted for access codes, so none is left for backup codes.',
    ],
    ['max_access_codes_reached', 'All 10 slots of the lock are taken.'],
  ]);
});

test('several backup codes in use are a warning', () => {
  const pulled = [backup(1, 'a'), backup(2, 'b'), backup(3, 'c')];
  const codes = pulled.map(({ code }) => code);
  const slots = pulled.map(({ slot }) => slot);
  expect(codesOf({}, codes, slots)).toEqual(['many_active_backup_codes']);
  expect(codesOf({}, codes.slice(1), slots)).toEqual([]);
});

test('a lock is full when every slot that access codes may use is taken or kept', () => {
  const content = { kind: 'masked', enabled: true } as const;
  const taken = Array.from({ length: 28 }, (_, index) => row(index + 1, { content }));
  const kept = row(29, { owner: 'anna' });
  expect(codesOf({}, [], [...taken, row(29)])).toEqual([]);
  const [full] = found({}, [], [...taken, kept, row(30, { content })]);
  expect(full).toMatchObject({
    code: 'max_access_codes_reached',
    message: 'All 29 slots of the lock are taken.',
  });
  expect(detailFields(full?.details)).toEqual({
    active_access_code_count: 29,
    max_active_access_code_count: 29,
  });
  expect(codesOf({ capabilities: null }, [], [...taken, kept])).toEqual([]);
});

test('a problem of the lock keeps the date on which it began, until it is over', () => {
  const world = new CoreWorld(PLAIN);
  world.hear({ kind: 'offline' });
  const since = world.now;
  world.now += HOUR_MS;
  world.hear({ kind: 'tampered' });
  world.hear({ kind: 'offline' });
  const later = world.now;
  world.state = { ...world.state, lock: { ...world.state.lock, batteryLow: true } };
  world.take(advance(world.state, POLICY, world.reading));
  const dates = () => {
    const { errors, warnings } = deviceProblemsOf(world.state, POLICY, world.reading);
    return [...errors, ...warnings].map(({ code, createdAt }) => [code, createdAt]);
  };
  // The lock was there for a moment, when it told of the tampering.
  expect(since).toBeLessThan(later);
  expect(dates()).toEqual([
    ['device_offline', later],
    ['low_battery', later],
  ]);
  world.now += HOUR_MS;
  const settled = advance(world.state, POLICY, world.reading).state;
  expect(settled).toBe(world.state);
  expect(dates()).toEqual([
    ['device_offline', later],
    ['low_battery', later],
  ]);
  world.hear({ kind: 'online' });
  expect(dates()).toEqual([['low_battery', later]]);
});
