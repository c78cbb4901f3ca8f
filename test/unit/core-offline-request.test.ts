import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { igloohomeRules } from '../../drivers/offline/igloohome/rules.ts';
import { plainRequest, type AccessCode, type AccessCodeRequest } from '../../src/core/access-code.ts';
import type { Capabilities } from '../../src/core/capability.ts';
import { unmetLock, type LockState } from '../../src/core/lock.ts';
import { HUB_RULES } from '../../src/core/offline/hub-code.ts';
import type { OfflineIssueOutcome } from '../../src/core/offline/issue.ts';
import { withKeypad } from '../../src/core/offline/door.ts';
import { issueDueAt, settleIssue, withIssueAsked } from '../../src/core/offline/settle-issue.ts';
import type { OfflineCapability } from '../../src/core/offline/window.ts';
import { plan } from '../../src/core/plan/plan.ts';
import { accept } from '../../src/core/request/accept.ts';
import { advance } from '../../src/core/settle/advance.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, type TimeReading } from '../../src/core/time.ts';
import { PLAIN, pin, POLICY } from '../support/core-world.ts';
import { seededDraw } from '../support/seeded-draw.ts';

const NOW = Date.parse('2026-03-02T12:00:00Z');
const START = NOW + 2 * DAY_MS;
const IGLOOHOME: OfflineCapability = { vendor: 'igloohome', rules: igloohomeRules('UTC') };
const HUB: OfflineCapability = { vendor: 'lockhub', rules: HUB_RULES };
const SLOTLESS: Capabilities = { ...PLAIN, lastSlot: 0, offline: IGLOOHOME };
const ISSUED: OfflineIssueOutcome = { kind: 'issued', pin: pin('804173260'), reference: 'r1' };

function at(now: number): TimeReading {
  return { earliest: now, latest: now };
}

function lockWith(capabilities: Capabilities | null): LockState {
  const lock = { ...unmetLock('lock'), capabilities, radio: 'offline', online: true } as const;
  return { lock, codes: [], slots: [] };
}

function offline(accessCodeId: string, more: Partial<AccessCodeRequest> = {}): AccessCodeRequest {
  return {
    ...plainRequest(accessCodeId),
    startsAt: START,
    endsAt: START + 3 * HOUR_MS,
    offline: { isOneTimeUse: false, maxRoundingMs: HOUR_MS },
    ...more,
  };
}

/** The state after a document that wants these. */
function want(state: LockState, ...requests: readonly AccessCodeRequest[]): LockState {
  const { generation, versionReceived } = state.lock;
  const document = {
    generation: Math.max(generation, 1),
    version: versionReceived + 1,
    codes: requests.map((request) => ({ kind: 'valid', request }) as const),
    tombstones: [],
  };
  const sources = { draw: seededDraw(1), siblings: () => [] };
  return accept(state, document, sources, at(NOW), POLICY).step.state;
}

function codeOf(state: LockState, accessCodeId = 'guest'): AccessCode {
  const code = state.codes.find((other) => other.accessCodeId === accessCodeId);
  if (code === undefined) throw new Error(`no ${accessCodeId}`);
  return code;
}

function wait(afterMs: number): OfflineIssueOutcome {
  return { kind: 'retry', reason: 'rate_limited', afterMs, message: 'Later.' };
}

function issued(state: LockState, outcome = ISSUED, accessCodeId = 'guest', now = NOW): LockState {
  return settleIssue(withIssueAsked(state, accessCodeId), accessCodeId, outcome, POLICY, at(now)).state;
}

describe('what is taken', () => {
  test('the window is rounded, and nothing is planned for the lock', () => {
    const state = want(lockWith(SLOTLESS), offline('guest', { startsAt: START + 20 * MINUTE_MS }));
    const code = codeOf(state);
    expect([code.startsAt, code.endsAt, code.status, code.pin]).toEqual([
      START,
      START + 3 * HOUR_MS,
      'unset',
      null,
    ]);
    expect(plan(state, POLICY, at(START)).operations).toEqual([]);
    expect(issueDueAt(code, at(NOW))).toBe(NOW);
  });

  test('also on a lock with slots, whose ordinary codes go on it as ever', () => {
    const both = { ...PLAIN, offline: IGLOOHOME };
    const state = want(lockWith(both), offline('guest'), { ...plainRequest('online'), pin: pin('1234') });
    const planned = plan(issued(state), POLICY, at(START)).operations;
    expect(new Set(planned.map(({ accessCodeId }) => accessCodeId))).not.toContain('guest');
    expect(planned.length).toBeGreaterThan(0);
  });

  test('the same document once more changes nothing, though its times were rounded', () => {
    const request = offline('guest', { startsAt: START + 20 * MINUTE_MS });
    const before = issued(want(lockWith(SLOTLESS), request));
    const after = want(before, request);
    expect(codeOf(after)).toEqual(codeOf(before));
  });

  test.each<[string, Partial<AccessCodeRequest>, string]>([
    ['a PIN', { pin: pin('1234') }, 'code: must be left out'],
    ['a group', { commonCodeKey: 'k' }, 'common_code_key: must be left out'],
    ['a backup', { useBackupPool: true }, 'use_backup_access_code_pool: must be left out'],
    ['uses', { maxUses: 1 }, 'is_one_time_use instead'],
    ['weeks', { weeklyWindows: [{ days: ['monday'], start: '09:00', stop: '10:00' }] }, 'weekly_windows:'],
    ['no end', { endsAt: null }, 'ends_at: an offline code that is no one-time code needs one'],
    ['the past', { startsAt: NOW - DAY_MS, endsAt: NOW - HOUR_MS }, 'ends_at: is in the past'],
    ['no offline code', { offline: null }, 'takes offline codes only'],
  ])('not with %s', (_what, more, message) => {
    const code = codeOf(want(lockWith(SLOTLESS), offline('guest', more)));
    expect(code.rejected?.code).toBe('invalid_input');
    expect(code.rejected?.message).toContain(message);
    expect(issueDueAt(code, at(NOW))).toBeNull();
  });

  test('a lock that takes none refuses it', () => {
    const code = codeOf(want(lockWith(PLAIN), offline('guest')));
    expect(code.rejected?.message).toContain('takes no offline codes');
  });

  test('before its lock is met it waits, and is rounded or refused then', () => {
    const state = want(lockWith(null), offline('good'), offline('bad', { endsAt: START + 500 * DAY_MS }));
    expect(state.codes.map(({ issue, rejected }) => [issue, rejected])).toEqual([
      [null, null],
      [null, null],
    ]);
    const met = { ...state, lock: { ...state.lock, capabilities: SLOTLESS } };
    const after = advance(met, POLICY, at(NOW)).state;
    expect(codeOf(after, 'good').issue?.state).toBe('waiting');
    expect(codeOf(after, 'bad').rejected?.message).toContain('ends_at: longer than this lock takes');
    expect(issueDueAt(codeOf(after, 'bad'), at(NOW))).toBeNull();
  });

  test('a lock of the hub whose keypad came later takes them from then on', () => {
    const state = withKeypad(lockWith(PLAIN), 'keypad');
    expect(codeOf(want(state, offline('guest'))).issue?.state).toBe('waiting');
  });
});

describe('what the hub issues itself', () => {
  const own = { ...PLAIN, offline: HUB };

  test('two codes of one window would have the same digits', () => {
    const state = want(
      lockWith(own),
      offline('guest'),
      offline('other'),
      offline('later', { endsAt: START + DAY_MS }),
    );
    expect(codeOf(state, 'other').rejected?.code).toBe('duplicate_access_code');
    expect(codeOf(state, 'later').rejected).toBeNull();
  });

  test('of one-time codes several begin at the same time, and an issuer of somebody else has digits enough', () => {
    const once = { offline: { isOneTimeUse: true, maxRoundingMs: HOUR_MS }, endsAt: null };
    const state = want(lockWith(own), offline('guest', once), offline('other', once));
    expect(state.codes.map(({ rejected }) => rejected)).toEqual([null, null]);
    const theirs = want(lockWith(SLOTLESS), offline('guest'), offline('other'));
    expect(theirs.codes.map(({ rejected }) => rejected)).toEqual([null, null]);
  });
});

describe('what came of it', () => {
  const waiting = want(lockWith(SLOTLESS), offline('guest'));

  test('issued: set, with its digits, told once', () => {
    const step = settleIssue(waiting, 'guest', ISSUED, POLICY, at(NOW));
    expect(step.events.map(({ event_type }) => event_type)).toEqual(['access_code.set_on_device']);
    const code = codeOf(step.state);
    expect([code.status, code.pin?.reveal(), code.issue?.reference]).toEqual(['set', '804173260', 'r1']);
    expect(settleIssue(step.state, 'guest', ISSUED, POLICY, at(NOW)).events).toEqual([]);
  });

  test('digits of another code of that time are refused', () => {
    const both = issued(want(waiting, offline('guest'), offline('other')));
    const code = codeOf(issued(both, ISSUED, 'other'), 'other');
    expect([code.pin, code.issue?.state, code.errors[0]?.code]).toEqual([
      null,
      'refused',
      'duplicate_code_on_device',
    ]);
  });

  test('a wait that an issuer asks for is kept to, up to an hour', () => {
    const dueAt = (outcome: OfflineIssueOutcome) => issueDueAt(codeOf(issued(waiting, outcome)), at(NOW));
    expect(dueAt(wait(1_200_000))).toBe(NOW + 1_200_000);
    expect(dueAt(wait(10 * DAY_MS))).toBe(NOW + HOUR_MS);
  });

  test('a clock that is set back by years makes nobody wait for years', () => {
    const late = issued(waiting, { kind: 'retry', reason: 'vendor_down', afterMs: null, message: 'x' });
    expect(issueDueAt(codeOf(late), at(NOW - 365 * DAY_MS))).toBe(NOW - 365 * DAY_MS);
  });

  test('nothing is lost, however often it fails: it is due again until it is issued or over', () => {
    const reasons = ['no_internet', 'vendor_down', 'timed_out', 'rate_limited', 'token_refused'] as const;
    const failure = fc.record({
      kind: fc.constant('retry' as const),
      reason: fc.constantFrom(...reasons),
      afterMs: fc.option(fc.nat({ max: DAY_MS })),
      message: fc.constant('No.'),
    });
    fc.assert(
      fc.property(fc.array(failure, { maxLength: 30 }), (failures) => {
        let state = waiting;
        let now = NOW;
        for (const outcome of failures) {
          const due = issueDueAt(codeOf(state), at(now));
          if (due === null) return now >= START + 3 * HOUR_MS;
          expect(due - now).toBeLessThanOrEqual(HOUR_MS);
          now = due;
          if (now >= START) return true;
          state = issued(state, outcome, 'guest', now);
        }
        return codeOf(issued(state, ISSUED, 'guest', now)).status === 'set';
      }),
      { numRuns: 50 },
    );
  });

  test('at its end it is gone, whether it was issued or not', () => {
    const end = at(START + 3 * HOUR_MS);
    for (const state of [waiting, issued(waiting), want(issued(waiting))]) {
      const step = advance(state, POLICY, end);
      expect(step.state.codes).toEqual([]);
      expect(step.events.map(({ event_type }) => event_type)).toEqual(['access_code.deleted']);
    }
  });
});

describe('what is asked of it later', () => {
  const guest = issued(want(lockWith(SLOTLESS), offline('guest')));

  test.each<[string, Partial<AccessCodeRequest>]>([
    ['an earlier end', { endsAt: START + HOUR_MS }],
    ['an end in the past', { startsAt: NOW - DAY_MS, endsAt: NOW - HOUR_MS }],
    ['a name', { name: 'Anna' }],
    ['to be an ordinary code', { offline: null }],
  ])('%s is refused, and what was issued stays', (_what, more) => {
    const code = codeOf(want(guest, offline('guest', more)));
    expect(code.rejected?.message).toContain('can not be changed');
    expect([code.status, code.endsAt, code.removingSince]).toEqual(['set', START + 3 * HOUR_MS, null]);
  });

  test('it can not be taken back once the issuer was asked, and before it can', () => {
    expect(codeOf(want(guest)).rejected?.message).toContain('ends at 2026-03-04T15:00:00.000Z');
    const asked = withIssueAsked(want(lockWith(SLOTLESS), offline('guest')), 'guest');
    expect(codeOf(want(asked)).rejected?.message).toContain('can not be taken back');
    expect(want(want(lockWith(SLOTLESS), offline('guest'))).codes).toEqual([]);
    const refused = issued(want(lockWith(SLOTLESS), offline('guest')), {
      kind: 'refused',
      reason: 'quota_reached',
      message: 'None left.',
    });
    expect(want(refused).codes).toEqual([]);
  });

  test('an ordinary code does not become an offline one', () => {
    const both = { ...PLAIN, offline: IGLOOHOME };
    const plain = { ...offline('guest'), offline: null, pin: pin('1234') };
    const after = want(want(lockWith(both), plain), offline('guest'));
    expect(codeOf(after).rejected?.message).toContain('can not be changed');
    expect(codeOf(after).pin?.reveal()).toBe('1234');
  });
});
