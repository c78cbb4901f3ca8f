import { describe, expect, test } from 'vitest';
import {
  auditAnew,
  auditResumesAt,
  auditWork,
  compared,
  finishAudit,
  spendFrames,
  startAudit,
} from '../../src/core/plan/audit.ts';
import type { Capabilities } from '../../src/core/capability.ts';
import type { Audit, LockState } from '../../src/core/lock.ts';
import type { Operation } from '../../src/core/operation.ts';
import type { Slot, SlotBelief } from '../../src/core/slot.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/core/time.ts';
import {
  codeWith,
  exactly,
  holding,
  lockWith,
  pinOf,
  SAMPLE_AT,
  slotWith,
  stateWith,
} from '../support/core-samples.ts';
import { PLAIN, POLICY, SCHEDULING } from '../support/core-world.ts';

/** The rows of `slotWith` were proven an hour before an audit is due. */
const DUE = SAMPLE_AT + HOUR_MS;
const NOW = exactly(DUE);
const UNKNOWN: SlotBelief = { kind: 'unknown' };
const MASKED: SlotBelief = { kind: 'masked', enabled: true };
const CHECKSUM: Capabilities = { ...PLAIN, checksum: true };
const READ: Operation = { kind: 'read_slot', slot: 1 };

const EMPTIED = slotWith(3, { writtenAt: SAMPLE_AT });

function stateOf(
  slots: readonly Slot[],
  audit: Partial<Audit> = {},
  capabilities: Capabilities | null = PLAIN,
): LockState {
  const full = {
    dueSince: DUE,
    doneAt: null,
    framesLeft: 60,
    isReading: false,
    refillAt: DUE + DAY_MS,
    ...audit,
  };
  return stateWith({
    lock: lockWith({ capabilities, audit: full }),
    codes: [codeWith('a', { slot: 1 }), codeWith('b', { slot: 2 })],
    slots,
  });
}

function own(slot: number, more: Partial<Slot> = {}): Slot {
  return slotWith(slot, { owner: slot === 1 ? 'a' : 'b', content: holding(`111${slot}`), ...more });
}

function lookOf(state: LockState): string | null {
  const look = auditWork(state, POLICY, NOW);
  if (look === null) return null;
  if (look.kind === 'read_slot') return `read ${look.slot}`;
  return `compare ${look.held.map((row) => `${row.slot} ${row.pin.reveal()} ${row.enabled}`).join(', ')}`;
}

describe('an audit', () => {
  test('is due from the moment it is asked for, once', () => {
    const started = startAudit(stateOf([], { dueSince: null, isReading: true }), DUE);
    expect(started.lock.audit).toMatchObject({ dueSince: DUE, isReading: false });
    expect(startAudit(started, DUE + 1)).toBe(started);
    const unmet = stateOf([], { dueSince: null }, null);
    expect(startAudit(unmet, DUE)).toBe(unmet);
  });

  test('reads again what it had read before the lock was away', () => {
    const half = stateOf([own(1, { provenAt: DUE + 1 }), own(2)], { isReading: true });
    expect(lookOf(half)).toBe('read 2');
    const back = auditAnew(half, DUE + 2);
    expect(back.lock.audit).toMatchObject({ dueSince: DUE + 2, isReading: true });
    const read = { ...back, slots: [own(1, { provenAt: DUE + 1 }), own(2, { provenAt: DUE + 3 })] };
    expect(lookOf(read)).toBe('read 1');
    expect(auditAnew(stateOf([], { dueSince: null }), DUE)).toEqual(
      startAudit(stateOf([], { dueSince: null }), DUE),
    );
  });

  test.each([
    ['nothing when none is due', [own(1)], { dueSince: null }, PLAIN, null],
    ['nothing of a lock nobody has met', [own(1)], {}, null, null],
    [
      'our slot that was read longest ago',
      [own(1), own(2, { provenAt: SAMPLE_AT - 1 })],
      {},
      PLAIN,
      'read 2',
    ],
    [
      'our slot that nobody remembers to have read',
      [own(1), own(2, { provenAt: null })],
      {},
      PLAIN,
      'read 2',
    ],
    ['no slot that was read since', [own(1, { provenAt: DUE }), own(2)], {}, PLAIN, 'read 2'],
    [
      'no slot that is to be read anyway',
      [own(1, { recheck: 'edited' }), own(2, { content: UNKNOWN })],
      {},
      PLAIN,
      null,
    ],
    [
      'no slot that is being written',
      [own(1, { pending: { pin: pinOf('1234'), overEmpty: true } })],
      {},
      PLAIN,
      null,
    ],
    ['no slot of others', [slotWith(3), slotWith(4, { content: holding('9999') })], {}, PLAIN, null],
    ['a slot that we emptied, in case it was put back', [EMPTIED], {}, PLAIN, 'read 3'],
    [
      'no such slot that was seen empty a minute after',
      [{ ...EMPTIED, provenAt: SAMPLE_AT + MINUTE_MS }],
      {},
      PLAIN,
      null,
    ],
    ['all slots at once where it can', [own(1), slotWith(3)], {}, CHECKSUM, 'compare 1 1111 true'],
    [
      'a disabled code as such',
      [own(1, { content: { kind: 'pin', pin: pinOf('1111'), enabled: false } }), own(2)],
      {},
      CHECKSUM,
      'compare 1 1111 false, 2 1112 true',
    ],
    ['an empty lock too', [], {}, CHECKSUM, 'compare '],
    [
      'slots one by one where one is masked',
      [own(1), slotWith(3, { content: MASKED })],
      {},
      CHECKSUM,
      'read 1',
    ],
    [
      'slots one by one where one is unknown',
      [own(1), slotWith(3, { content: UNKNOWN })],
      {},
      CHECKSUM,
      'read 1',
    ],
    [
      'slots one by one where one may have been touched',
      [own(1), slotWith(3, { recheck: 'perhaps' })],
      {},
      CHECKSUM,
      'read 1',
    ],
    ['slots one by one after a checksum that differed', [own(1)], { isReading: true }, CHECKSUM, 'read 1'],
    [
      'ours before others then',
      [slotWith(3, { provenAt: SAMPLE_AT - 5 }), own(1)],
      { isReading: true },
      CHECKSUM,
      'read 1',
    ],
    [
      'others after ours then',
      [
        own(1, { provenAt: DUE }),
        slotWith(3),
        slotWith(4, { content: holding('9999'), provenAt: SAMPLE_AT - 1 }),
      ],
      { isReading: true },
      CHECKSUM,
      'read 4',
    ],
  ] as [string, Slot[], Partial<Audit>, Capabilities | null, string | null][])(
    'looks at %s',
    (_what, slots, audit, capabilities, expected) => {
      expect(lookOf(stateOf(slots, audit, capabilities))).toBe(expected);
    },
  );
});

describe('the frames of an audit', () => {
  test.each([
    ['a slot', PLAIN, READ, 2],
    ['a slot with its schedule', SCHEDULING, READ, 4],
    ['a slot with its schedule and its week', { ...SCHEDULING, weekDaySchedules: 7 }, READ, 6],
    ['a checksum', { ...SCHEDULING, checksum: true }, { kind: 'compare_checksum', held: [] }, 2],
    ['a slot of a lock nobody has met', null, READ, 2],
  ] as [string, Capabilities | null, Operation, number][])('of %s', (_what, capabilities, look, frames) => {
    const { audit } = spendFrames(stateOf([], {}, capabilities), look, POLICY, NOW).lock;
    expect(audit).toMatchObject({ framesLeft: 60 - frames, refillAt: DUE + DAY_MS });
  });

  test('end with the day’s budget, and go on the next day', () => {
    expect(lookOf(stateOf([own(1)], { framesLeft: 2 }))).toBe('read 1');
    expect(auditResumesAt(stateOf([own(1)], { framesLeft: 2 }), POLICY, NOW)).toBeNull();
    const spent = stateOf([own(1)], { framesLeft: 1, refillAt: DUE + 1 });
    expect(lookOf(spent)).toBeNull();
    expect(auditResumesAt(spent, POLICY, NOW)).toBe(DUE + 1);
    expect(auditWork(spent, POLICY, exactly(DUE + 1))).toEqual(READ);
    expect(auditResumesAt(stateOf([], { framesLeft: 0 }), POLICY, NOW)).toBeNull();
  });

  test.each([
    ['the next day', DUE],
    ['a clock that was set back by more than a day', DUE + DAY_MS + 1],
  ])('are all there again with %s', (_when, refillAt) => {
    const state = stateOf([own(1)], { framesLeft: 0, refillAt });
    expect(lookOf(state)).toBe('read 1');
    expect(spendFrames(state, READ, POLICY, NOW).lock.audit).toMatchObject({
      framesLeft: POLICY.auditFramesPerDay - 2,
      // Days are those of UTC: nobody is asked more than once a day's worth within one.
      refillAt: (Math.floor(DUE / DAY_MS) + 1) * DAY_MS,
    });
  });

  test('are not all there again within the day', () => {
    expect(lookOf(stateOf([own(1)], { framesLeft: 0, refillAt: DUE + DAY_MS }))).toBeNull();
    expect(lookOf(stateOf([own(1)], { framesLeft: 0, refillAt: DUE + 1 }))).toBeNull();
  });
});

describe('the end of an audit', () => {
  test('is a checksum that matches: it proves what the table says', () => {
    const slots = [own(1), slotWith(3), slotWith(4, { content: MASKED })];
    const { lock, slots: after } = compared(stateOf(slots, {}, CHECKSUM), true, NOW);
    expect(lock.audit).toMatchObject({ dueSince: null, doneAt: DUE, isReading: false });
    expect(after.map(({ proof, provenAt }) => [proof, provenAt])).toEqual([
      ['checksum', DUE],
      ['checksum', DUE],
      ['read_back', SAMPLE_AT],
    ]);
  });

  test('is not a checksum that differs: all slots are read then', () => {
    const { lock, slots } = compared(stateOf([own(1)], {}, CHECKSUM), false, NOW);
    expect(lock.audit).toMatchObject({ dueSince: DUE, doneAt: null, isReading: true });
    expect(slots[0]?.proof).toBe('read_back');
  });

  test.each([
    ['nothing is left to look at', [own(1, { provenAt: DUE }), slotWith(3)], true],
    ['a slot of ours is left to look at', [own(1)], false],
    [
      'a slot of ours is to be read for another reason',
      [own(1, { provenAt: DUE, recheck: 'edited' })],
      false,
    ],
    ['a slot of ours was never read', [own(1, { content: UNKNOWN })], false],
    ['a slot of nobody was never read', [slotWith(3, { content: UNKNOWN })], true],
  ])('has come or not when %s', (_when, slots, isOver) => {
    const state = stateOf(slots);
    const { audit } = finishAudit(state, NOW).lock;
    expect(audit.dueSince).toBe(isOver ? null : DUE);
    expect(audit.doneAt).toBe(isOver ? DUE : null);
  });

  test('is not before it has begun', () => {
    const state = stateOf([], { dueSince: null });
    expect(finishAudit(state, NOW)).toBe(state);
  });
});
