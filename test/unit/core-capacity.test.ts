import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { newCode, plainRequest, type AccessCode } from '../../src/core/access-code.ts';
import { capacityOf, shortageMessage, shortages } from '../../src/core/request/capacity.ts';
import { unmetLock, type LockState } from '../../src/core/lock.ts';
import { onLockFrom } from '../../src/core/timing/strategy.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/core/time.ts';
import { withSlot } from '../../src/core/with.ts';
import { slotOf } from '../../src/core/plan/assign.ts';
import { CoreWorld, pin, PLAIN, POLICY, request, SCHEDULING } from '../support/core-world.ts';

const NOW = Date.parse('2026-12-20T12:00:00Z');
const now = { earliest: NOW, latest: NOW };
const CHECK_IN = Date.parse('2026-12-24T15:00:00Z');

function lockWith(slots: number, codes: readonly AccessCode[], capabilities = PLAIN): LockState {
  const lock = { ...unmetLock('lock'), online: true, capabilities: { ...capabilities, lastSlot: slots } };
  return { lock, codes, slots: [] };
}

function code(accessCodeId: string, more: Partial<AccessCode> = {}): AccessCode {
  const asked = { ...plainRequest(accessCodeId), pin: pin('1234') };
  return { ...newCode(asked, 'cloud', NOW), ...more };
}

/** Somebody programmed a code into a slot at the lock. */
function withForeign(state: LockState, slot: number): LockState {
  const content = { kind: 'masked', enabled: true } as const;
  return withSlot(state, { ...slotOf(state, slot), content });
}

function shortIds(state: LockState): readonly string[] {
  return [...shortages(state, POLICY, now).keys()].toSorted();
}

describe('a code is short of a slot', () => {
  test('when the lock is full at its start, which names the limit, the time and the holders', () => {
    const held = [1, 2].map((slot) => code(`held ${slot}`, { slot, status: 'set' }));
    const backup = code('backup', { slot: 3, isBackup: true, backupOf: 'held 1', endsAt: CHECK_IN + DAY_MS });
    const late = code('late', { startsAt: CHECK_IN, endsAt: CHECK_IN + DAY_MS });
    const state = withForeign(lockWith(4, [...held, backup, late]), 4);
    const [shortage] = shortages(state, POLICY, now).values();
    expect(shortage).toEqual({
      limit: 4,
      at: CHECK_IN,
      holders: { accessCodes: 2, backupCodes: 1, unmanagedCodes: 1 },
    });
    expect(shortage && shortageMessage(shortage)).toBe(
      'All 4 slots of the lock are taken on 2026-12-24 from 15:00 UTC: ' +
        '2 access codes, 1 backup code, 1 code not managed by this hub.',
    );
  });

  test('at once when it should be on the lock already', () => {
    const state = lockWith(1, [code('a', { slot: 1 }), code('b')]);
    const [[accessCodeId, shortage] = []] = shortages(state, POLICY, now);
    expect(accessCodeId).toBe('b');
    expect(shortage && shortageMessage(shortage)).toBe('The only slot of the lock is taken: 1 access code.');
  });

  test('when it was asked for after another with the same start', () => {
    const window = { startsAt: CHECK_IN, endsAt: CHECK_IN + DAY_MS };
    const codes = [code('second', { ...window, createdAt: NOW + 1 }), code('first', window)];
    expect(shortIds(lockWith(1, codes))).toEqual(['second']);
    expect(shortIds(lockWith(1, [code('a', window), code('b', window)]))).toEqual(['b']);
  });

  test('where admins have the rest of the slots', () => {
    const window = { startsAt: CHECK_IN, endsAt: CHECK_IN + DAY_MS };
    const codes = [code('a', window), code('b', window)];
    expect(shortIds(lockWith(2, codes))).toEqual([]);
    expect(shortIds(lockWith(2, codes, { ...PLAIN, adminSlots: [1, 9] }))).toEqual(['b']);
  });

  test('when a preloaded one has the slot before it', () => {
    const preloaded = code('preloaded', { startsAt: CHECK_IN, endsAt: CHECK_IN + DAY_MS });
    const short = { startsAt: CHECK_IN - DAY_MS, endsAt: CHECK_IN, preferNativeScheduling: false };
    const codes = [preloaded, code('in time', short)];
    expect(shortIds(lockWith(1, codes))).toEqual([]);
    expect(shortIds(lockWith(1, codes, SCHEDULING))).toEqual(['in time']);
  });
});

describe('a code is not short of a slot', () => {
  test('when the one before it leaves in time, also on the day of its start', () => {
    const stays = Array.from({ length: 10 }, (_, day) =>
      code(`stay ${day}`, {
        startsAt: CHECK_IN + day * DAY_MS,
        endsAt: CHECK_IN + (day + 1) * DAY_MS - 4 * HOUR_MS,
      }),
    );
    expect(shortIds(lockWith(1, stays, SCHEDULING))).toEqual([]);
    expect(shortIds(lockWith(1, stays))).toEqual([]);
  });

  test('because of codes of the pool, which give way', () => {
    const pool = code('pool', { slot: 1, isBackup: true });
    expect(shortIds(lockWith(1, [pool, code('a')]))).toEqual([]);
  });

  test('because of a removal, unless the lock answers and fails to remove', () => {
    const going = { slot: 1, removingSince: NOW };
    expect(shortIds(lockWith(1, [code('going', going), code('a')]))).toEqual([]);
    const stuck = lockWith(1, [code('going', { ...going, failures: 3 }), code('a')]);
    expect(shortIds(stuck)).toEqual(['a']);
    expect(shortIds({ ...stuck, lock: { ...stuck.lock, online: false } })).toEqual([]);
    const later = code('later', { startsAt: CHECK_IN });
    expect(shortIds({ ...stuck, codes: [code('going', { ...going, failures: 3 }), later] })).toEqual([]);
  });

  test('that the lock does not take, or that was never accepted', () => {
    const refused = code('refused', { refused: { reason: 'pin_format', message: 'no' } });
    const unsupported = code('taken', { refused: { reason: 'unsupported', message: 'no schedule' } });
    const codes = [code('held', { slot: 1 }), refused, unsupported, code('rejected', { pin: null })];
    expect(shortIds(lockWith(1, codes))).toEqual(['taken']);
  });

  test('of a lock that was never met', () => {
    const state = lockWith(1, [code('a'), code('b')]);
    expect(shortIds({ ...state, lock: { ...state.lock, capabilities: null } })).toEqual([]);
  });
});

test('slots to spare are those that nobody takes within the next day', () => {
  const window = { startsAt: CHECK_IN, endsAt: CHECK_IN + DAY_MS };
  const next = { startsAt: CHECK_IN + 2 * DAY_MS, endsAt: CHECK_IN + 3 * DAY_MS };
  const codes = [code('held', { slot: 1 }), code('a', window), code('b', window), code('c', next)];
  const spare = (slots: number, at: number) =>
    capacityOf(lockWith(slots, codes), POLICY, { earliest: at, latest: at }).spareSlots;
  // The codes of the window are put on the lock half an hour before it.
  const dayBefore = CHECK_IN - 30 * MINUTE_MS - DAY_MS;
  expect([2, 3, 5].map((slots) => spare(slots, dayBefore))).toEqual([0, 0, 2]);
  expect([2, 3, 5].map((slots) => spare(slots, dayBefore - 1))).toEqual([1, 2, 4]);
  expect(spare(5, CHECK_IN + 2 * DAY_MS)).toBe(3);
});

test('what was found for a state is found again only for the same time', () => {
  const state = lockWith(1, [code('a', { slot: 1, endsAt: NOW + HOUR_MS, startsAt: NOW }), code('b')]);
  expect(shortIds(state)).toEqual(['b']);
  const later = { earliest: NOW + HOUR_MS, latest: NOW + HOUR_MS };
  expect(shortages(state, POLICY, later).size).toBe(0);
});

const MINUTES = 300;

interface Ask {
  readonly start: number | null;
  readonly minutes: number | null;
  readonly createdAt: number;
  readonly isHeld: boolean;
  readonly isRemoving: boolean;
}

const asks = fc.array(
  fc.record<Ask>({
    start: fc.option(fc.integer({ min: -60, max: MINUTES }), { freq: 6 }),
    minutes: fc.option(fc.integer({ min: 1, max: 150 }), { freq: 6 }),
    createdAt: fc.integer({ min: 0, max: 3 }),
    isHeld: fc.boolean(),
    isRemoving: fc.boolean(),
  }),
  { maxLength: 14 },
);

/** A lock with codes at whole minutes; the first that may hold slots already do. */
function stateOf(asked: readonly Ask[], slots: number, foreign: number): LockState {
  let held = foreign;
  const codes = asked.map(({ start, minutes, createdAt, isHeld, isRemoving }, index) => {
    const startsAt = start === null ? null : NOW + start * MINUTE_MS;
    const endsAt = startsAt === null || minutes === null ? null : startsAt + minutes * MINUTE_MS;
    const canHold = isHeld && held < slots && (startsAt ?? NOW) <= NOW + POLICY.jitLeadMs;
    if (canHold) held += 1;
    const removal = isRemoving ? { removingSince: NOW } : {};
    return code(String(index), {
      startsAt,
      endsAt,
      createdAt,
      slot: canHold ? held : null,
      ...removal,
    });
  });
  let state = lockWith(slots, codes);
  for (let slot = 1; slot <= foreign; slot += 1) state = withForeign(state, slot);
  return state;
}

/** Who still waits for a slot at the start, found by living through every minute. */
function shortByMinutes(state: LockState, slots: number, foreign: number): readonly string[] {
  const { lock } = state;
  const codes = state.codes.filter(
    ({ removingSince, endsAt }) => removingSince === null && (endsAt === null || endsAt > NOW),
  );
  const inOrder = codes.toSorted(
    (a, b) => (a.startsAt ?? 0) - (b.startsAt ?? 0) || a.createdAt - b.createdAt,
  );
  const holding = new Set(codes.filter(({ slot }) => slot !== null));
  const short: string[] = [];
  for (let minute = 0; minute <= MINUTES + 1; minute += 1) {
    const at = NOW + minute * MINUTE_MS;
    for (const held of holding) if (held.endsAt !== null && held.endsAt <= at) holding.delete(held);
    for (const asked of inOrder) {
      const isThere = (onLockFrom(asked, lock, POLICY) ?? NOW) <= at && (asked.endsAt ?? Infinity) > at;
      if (isThere && holding.size < slots - foreign) holding.add(asked);
    }
    for (const asked of codes) {
      const due = Math.max(asked.startsAt ?? NOW, NOW);
      if (due === at && !holding.has(asked)) short.push(asked.accessCodeId);
    }
  }
  return short.toSorted();
}

test('living through every minute finds the same codes short', () => {
  let found = 0;
  fc.assert(
    fc.property(
      asks,
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 0, max: 1 }),
      (asked, slots, foreign) => {
        const state = stateOf(asked, slots, foreign);
        const short = shortIds(state);
        found += short.length;
        expect(short).toEqual(shortByMinutes(state, slots, foreign));
      },
    ),
    { numRuns: 400, seed: 20_261_220 },
  );
  expect(found).toBeGreaterThan(250);
});

test('the codes that are short are those that a lock really has no slot for at their start', () => {
  fc.assert(
    fc.property(asks, (asked) => {
      const world = new CoreWorld({ ...PLAIN, lastSlot: 2 });
      const codes = asked
        .filter(({ start, minutes }) => start !== null && start > 0 && minutes !== null)
        .map(({ start, minutes }, index) => {
          const startsAt = world.now + (start ?? 0) * MINUTE_MS;
          const endsAt = startsAt + (minutes ?? 0) * MINUTE_MS;
          return { id: String(index), startsAt, endsAt };
        });
      world.desire(
        ...codes.map(({ id, startsAt, endsAt }) =>
          request(id, String(1000 + Number(id)), { startsAt, endsAt }),
        ),
      );
      const short = [...shortages(world.state, POLICY, world.reading).keys()].toSorted();
      const missing: string[] = [];
      for (const startsAt of [...new Set(codes.map((asking) => asking.startsAt))].toSorted((a, b) => a - b)) {
        world.passTo(startsAt);
        const starting = codes.filter((asking) => asking.startsAt === startsAt);
        missing.push(...starting.filter(({ id }) => world.code(id)?.status !== 'set').map(({ id }) => id));
      }
      expect(short).toEqual(missing.toSorted());
    }),
    { numRuns: 40, seed: 20_261_224 },
  );
});
