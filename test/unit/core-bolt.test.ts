import { expect, test } from 'vitest';
import type { AccessCode } from '../../src/core/access-code.ts';
import type { LockEventBody } from '../../src/core/lock-event.ts';
import type { BoltReport, Lock } from '../../src/core/lock.ts';
import { bolt } from '../../src/core/observe/bolt.ts';
import { HOUR_MS, MINUTE_MS, type Instant } from '../../src/core/time.ts';
import { codeWith, exactly, lockWith, SAMPLE_AT, stateWith } from '../support/core-samples.ts';

const NOW = SAMPLE_AT + HOUR_MS;
const MANAGED = { accessCodeId: 'a', isManaged: true };

type Moved = Extract<LockEventBody, { kind: 'locked' | 'unlocked' }>;

const TYPED: Moved = { kind: 'unlocked', method: 'keycode', slot: 1 };
const TURNED: Moved = { kind: 'locked', method: 'manual', slot: null };

function reported(at: Instant, body: Moved = TURNED): BoltReport {
  return { ...body, at };
}

/** What a report of the bolt that happened at an instant, and is heard at `NOW`, makes of a lock. */
function heard(body: Moved, at: Instant, lock: Partial<Lock> = {}, codes: readonly AccessCode[] = []) {
  const event = { deviceId: 'lock', at, body };
  const tenant = body.slot === null ? undefined : MANAGED;
  return bolt(stateWith({ lock: lockWith(lock), codes }), event, body, tenant, exactly(NOW));
}

test('a report that is told late has its place before the last one', () => {
  const [first, second, last] = [1, 2, 3].map((minutes) => reported(SAMPLE_AT + minutes * MINUTE_MS));
  if (first === undefined || second === undefined || last === undefined) throw new Error('three are made');
  const late = reported(SAMPLE_AT + 2.5 * MINUTE_MS, TYPED);
  const { state } = heard(TYPED, late.at, { locked: true, boltReports: [first, second, last] });
  expect(state.lock.boltReports).toEqual([first, second, late, last]);
  expect(state.lock.locked).toBe(true);
});

test('of many reports the last four are kept', () => {
  const before = [1, 2, 3, 4].map((minutes) => reported(SAMPLE_AT + minutes * MINUTE_MS));
  const { state } = heard(TYPED, NOW, { boltReports: before });
  expect(state.lock.boltReports).toEqual([...before.slice(1), reported(NOW, TYPED)]);
});

test.each([
  ['after', NOW - 2 * MINUTE_MS],
  ['at the same instant as', NOW - MINUTE_MS],
])(
  'a report that was under way for a while and is of %s the last one tells where the bolt is',
  (_when, at) => {
    const { state } = heard(TYPED, NOW - MINUTE_MS, { locked: true, boltReports: [reported(at)] });
    expect(state.lock.locked).toBe(false);
  },
);

test('a code that is gone already is told as the one that opened, and no use is counted', () => {
  const { state, events } = heard(TYPED, NOW);
  expect(events).toMatchObject([{ event_type: 'lock.unlocked', access_code_id: 'a' }]);
  expect(state.codes).toEqual([]);
  expect(state.lock.spent).toEqual([]);
});

test('the last use of one code leaves what is remembered of the others', () => {
  const spent = [{ accessCodeId: 'b', uses: 5 }];
  const { state } = heard(TYPED, NOW, { spent }, [codeWith('a', { maxUses: 1 })]);
  expect(state.lock.spent).toEqual([...spent, { accessCodeId: 'a', uses: 1 }]);
});
