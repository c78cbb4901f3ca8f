import { describe, expect, test } from 'vitest';
import type { LockDescription } from '../../src/core/lock-event.ts';
import type { Outcome } from '../../src/core/operation.ts';
import { plan } from '../../src/core/plan/plan.ts';
import { begin, forget } from '../../src/core/settle/begin.ts';
import { settle } from '../../src/core/settle/settle.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../src/core/time.ts';
import { CoreWorld, PLAIN, POLICY, request, SCHEDULING } from '../support/core-world.ts';

const UNKNOWN: Outcome = { kind: 'unknown', message: 'report lost' };
const UNREACHABLE: Outcome = { kind: 'unreachable', message: 'no answer' };
const NO_SLOT: Outcome = { kind: 'refused', reason: 'slot_out_of_range', message: 'no such slot' };

const DESCRIPTION: LockDescription = {
  radio: 'zwave',
  address: 2,
  model: 'test lock',
  capabilities: PLAIN,
  secure: true,
  batteryLevel: 1,
  locked: true,
};

function firstPlanned(world: CoreWorld) {
  const [planned] = plan(world.state, POLICY, world.reading).operations;
  if (planned === undefined) throw new Error('nothing is planned');
  return planned;
}

/** Lets time pass as the loop does, an answered ping included; `answer` may stand in for the lock. Counts operations. */
function live(world: CoreWorld, durationMs: number, answer: (operation: string) => Outcome | null): number {
  const till = world.now + durationMs;
  let count = 0;
  while (world.now <= till) {
    const { lock } = world.state;
    if (!lock.online && (lock.retryAt ?? 0) <= world.now) world.hear({ kind: 'online' });
    const [planned] = world.state.lock.online ? plan(world.state, POLICY, world.reading).operations : [];
    if (planned === undefined) {
      world.now = Math.min(plan(world.state, POLICY, world.reading).wakeAt ?? till + 1, till + 1);
      continue;
    }
    const { operation } = planned;
    world.nextOutcome = answer('slot' in operation ? `${operation.kind} ${operation.slot}` : operation.kind);
    world.step();
    count += 1;
    world.now += SECOND_MS;
  }
  return count;
}

describe('a lock with a fault is not hammered', () => {
  test('when it takes writes without a word and drops them', () => {
    const world = new CoreWorld(PLAIN);
    world.desire(request('a', '1234'));
    live(world, HOUR_MS, (operation) => (operation.startsWith('set_pin') ? UNKNOWN : null));
    expect(world.worked().filter((operation) => operation === 'set_pin 1').length).toBeLessThan(40);
    expect(world.code('a')?.errors).toMatchObject([{ code: 'failed_to_set_on_device' }]);
  });

  test('when it answers pings and no question', () => {
    const world = new CoreWorld(PLAIN);
    world.desire(request('a', '1234'));
    expect(live(world, HOUR_MS, () => UNREACHABLE)).toBeLessThan(60);
    expect(world.told().length).toBeLessThan(120);
  });

  test('when it tells of changes in a slot that it will not show', () => {
    const world = new CoreWorld(PLAIN);
    for (let report = 0; report < 3; report += 1) {
      world.hear({ kind: 'slot_changed', slot: 251 });
      expect(live(world, MINUTE_MS, () => NO_SLOT)).toBeLessThan(3);
    }
  });
});

describe('one code in trouble does not stop the others', () => {
  test('when the lock never confirms its clock', () => {
    const world = new CoreWorld(SCHEDULING);
    const startsAt = world.now + HOUR_MS;
    world.desire(
      request('native', '1234', { startsAt, endsAt: startsAt + DAY_MS }),
      request('b', '5678', { startsAt, endsAt: startsAt + DAY_MS, preferNativeScheduling: false }),
    );
    live(world, 4 * HOUR_MS, (operation) => (operation === 'set_clock' ? UNKNOWN : null));
    expect(world.code('b')?.status).toBe('set');
  });

  test('when one window is more than the lock can store', () => {
    const world = new CoreWorld(SCHEDULING);
    const startsAt = world.now + 10 * HOUR_MS;
    const stay = request('a', '1234', { startsAt, endsAt: startsAt + DAY_MS });
    world.desire(stay);
    world.work();
    const endsAt = Date.parse('9999-12-31T00:00:00Z');
    world.desire(stay, request('b', '2345', { startsAt, endsAt }));
    const refusal: Outcome = { kind: 'refused', reason: 'unsupported', message: 'no such year' };
    live(world, 9 * HOUR_MS, (operation) => (operation === 'set_schedule 2' ? refusal : null));
    expect(world.code('a')?.isScheduledOnDevice).toBe(true);
    live(world, HOUR_MS, () => null);
    expect(world.code('b')).toMatchObject({ status: 'set', errors: [] });
    expect(world.code('b')?.warnings).toMatchObject([{ code: 'native_scheduling_refused' }]);
  });

  test('when it is refused and there is only one slot', () => {
    const world = new CoreWorld({ ...PLAIN, lastSlot: 1 });
    world.desire(request('a', '1111'), request('b', '2222'));
    world.step();
    world.nextOutcome = { kind: 'refused', reason: 'pin_format', message: 'no' };
    world.work();
    expect(world.code('b')?.status).toBe('set');
  });

  test('when the lock has fewer slots than it says', () => {
    const world = new CoreWorld(PLAIN);
    world.desire(request('a', '1234'));
    live(world, MINUTE_MS, (operation) => (operation === 'set_pin 1' ? NO_SLOT : null));
    expect(world.code('a')).toMatchObject({ status: 'set', slot: 2 });
  });
});

test('a code whose change fails is taken off at its end all the same, however long its next try is away', () => {
  const world = new CoreWorld(PLAIN);
  const window = { startsAt: world.now - HOUR_MS, endsAt: world.now + 2 * HOUR_MS };
  world.desire(request('a', '1234', window));
  world.work();
  world.desire(request('a', '4321', window));
  const refusal: Outcome = { kind: 'refused', reason: 'refused', message: 'not now' };
  live(world, window.endsAt - world.now - 2 * SECOND_MS, () => refusal);
  expect(world.pins.get(1)).toBe('1234');
  world.passTo(window.endsAt + 10 * SECOND_MS);
  expect(world.pins.size).toBe(0);
});

describe('an update', () => {
  test('reaches a slot that somebody had changed and was allowed to', () => {
    const world = new CoreWorld(PLAIN);
    world.desire(request('a', '1234', { allowExternalModification: true }));
    world.work();
    world.now += HOUR_MS;
    world.pins.set(1, '6666');
    world.hear({ kind: 'slot_changed', slot: 1 });
    world.work();
    world.desire(request('a', '4321', { allowExternalModification: true }));
    world.work();
    expect(world.pins.get(1)).toBe('4321');
  });

  test('is not blamed for the refusal of the PIN before it', () => {
    const world = new CoreWorld(PLAIN);
    world.desire(request('a', '1234'));
    world.step();
    const planned = firstPlanned(world);
    world.state = begin(world.state, planned, POLICY, world.reading);
    world.desire(request('a', '4321'));
    const refusal: Outcome = { kind: 'refused', reason: 'duplicate_pin', message: 'duplicate' };
    world.take(
      settle(world.state, planned, { outcome: refusal, tookMs: 50, begunWith: null }, POLICY, world.reading),
    );
    world.passTo(world.now + HOUR_MS);
    expect(world.pins).toEqual(new Map([[1, '4321']]));
  });

  test('that is refused while the code is on its way out leaves its reason behind', () => {
    const world = new CoreWorld(PLAIN);
    world.desire(request('a', '1234'), request('b', '5678'));
    world.work();
    world.desire(request('b', '5678'));
    world.desire(request('a', '5678'), request('b', '5678'));
    world.work();
    expect(world.code('a')).toMatchObject({ status: 'unset', rejected: { code: 'duplicate_access_code' } });
    expect([...world.pins.values()]).toEqual(['5678']);
  });

  test('that nobody can judge while the clock is uncertain is not applied', () => {
    const world = new CoreWorld(PLAIN);
    const window = { startsAt: world.now - HOUR_MS, endsAt: world.now + HOUR_MS };
    const uncertain = { earliest: world.now - DAY_MS, latest: world.now + DAY_MS };
    const document = { generation: 1, version: 1, codes: [request('a', '1234', window)] };
    const { step } = world.offer(document, uncertain);
    expect(step.state.lock).toMatchObject({ versionReceived: 1, versionApplied: 0 });
  });
});

test('a code deleted while it is written is told to have been on the lock', () => {
  const world = new CoreWorld(PLAIN);
  world.desire(request('a', '1234'));
  world.step();
  const planned = firstPlanned(world);
  world.state = begin(world.state, planned, POLICY, world.reading);
  world.pins.set(1, '1234');
  world.desire();
  const done: Outcome = { kind: 'done', proof: 'read_back' };
  world.take(
    settle(world.state, planned, { outcome: done, tookMs: 50, begunWith: null }, POLICY, world.reading),
  );
  world.told();
  world.work();
  expect(world.told()).toEqual(['access_code.removed_from_device a', 'access_code.deleted a']);
});

describe('a PIN of ours is in one slot at most', () => {
  test.each([
    ['at once', {}],
    ['ahead of its start', { startsAt: 20 * MINUTE_MS, endsAt: 9 * HOUR_MS }],
  ])('when the change away from it was lost, and another code wants it, %s', (_when, offsets) => {
    const world = new CoreWorld(PLAIN);
    const window =
      'startsAt' in offsets
        ? { startsAt: world.now + offsets.startsAt, endsAt: world.now + offsets.endsAt }
        : {};
    world.desire(request('a', '1234', window));
    world.work();
    world.desire(request('a', '4321', window), request('b', '1234'));
    for (let count = 0; count < 10; count += 1) {
      const [planned] = plan(world.state, POLICY, world.reading).operations;
      const isChange = planned?.operation.kind === 'set_pin' && planned.operation.slot === 1;
      if (isChange) world.nextOutcome = UNKNOWN;
      world.step();
      world.now = Math.max(world.now, world.state.lock.retryAt ?? 0);
      expect(new Set(world.pins.values()).size).toBe(world.pins.size);
    }
  });

  test('when a write of it was cut off by a crash', () => {
    const world = new CoreWorld(PLAIN);
    const window = { startsAt: world.now + 20 * MINUTE_MS, endsAt: world.now + HOUR_MS };
    world.desire(request('a', '1234', window));
    world.step();
    const planned = firstPlanned(world);
    world.state = forget(begin(world.state, planned, POLICY, world.reading), planned.operation.kind, 1);
    world.desire(request('a', '4321', window), request('b', '1234'));
    const kinds = plan(world.state, POLICY, world.reading).operations.map(({ operation }) => operation.kind);
    expect(kinds).not.toContain('set_pin');
  });
});

describe('a slot that was empty once', () => {
  test('is read again before it is used, because somebody may have programmed it while the lock was away', () => {
    const world = new CoreWorld(PLAIN);
    world.desire(request('a', '1234'));
    world.work();
    world.desire();
    world.work();
    world.hear({ kind: 'offline' });
    world.now += HOUR_MS;
    world.pins.set(1, '9999');
    world.hear({ kind: 'online' });
    world.desire(request('b', '5678'));
    world.work();
    expect(world.pins).toEqual(
      new Map([
        [1, '9999'],
        [2, '5678'],
      ]),
    );
  });

  test('by what the radio library remembers proves nothing', () => {
    const world = new CoreWorld(PLAIN);
    world.pins.set(1, '9999');
    const snapshot = [{ slot: 1, content: { kind: 'empty' } }] as const;
    world.hear({ kind: 'found', description: DESCRIPTION, snapshot });
    world.desire(request('a', '1234'));
    world.work();
    expect(world.pins.get(1)).toBe('9999');
  });
});

test('a code in a slot that turns out to be the admin slot is not written there', () => {
  const world = new CoreWorld(PLAIN);
  world.desire(request('a', '1234'));
  world.work();
  const capabilities = { ...PLAIN, adminSlots: [1] };
  world.hear({ kind: 'found', description: { ...DESCRIPTION, capabilities }, snapshot: [] });
  world.worked();
  world.desire(request('a', '4321'));
  world.passTo(world.now + HOUR_MS);
  expect(world.worked()).toEqual([]);
});

test('a masking lock that is reset right after our write gets its codes again', () => {
  const world = new CoreWorld(PLAIN);
  world.masks = true;
  world.desire(request('a', '1234'));
  world.work();
  world.now += 2 * SECOND_MS;
  world.pins.clear();
  world.hear({ kind: 'slot_cleared', slot: null });
  world.work();
  expect([...world.pins.values()]).toEqual(['1234']);
});

test.each(['slot_changed', 'slot_cleared'] as const)(
  'a masking lock whose slot is emptied right after our write gets its code again (%s)',
  (kind) => {
    const world = new CoreWorld(PLAIN);
    world.masks = true;
    world.desire(request('a', '1234'));
    world.work();
    world.told();
    world.now += 3 * SECOND_MS;
    world.hear({ kind, slot: 1 });
    world.work();
    // It may have been the echo of our own write: nobody edited anything.
    expect(world.told().filter((event) => event.includes('external'))).toEqual([]);
    expect(world.pins.get(1)).toBe('1234');
    world.pins.delete(1);
    world.hear({ kind, slot: 1 });
    world.passTo(world.now + 20 * SECOND_MS);
    expect(world.pins.get(1)).toBe('1234');
  },
);

test('the late answer of a masking lock is no edit, and a slot that it shows to be empty is written again', () => {
  const world = new CoreWorld(PLAIN);
  world.masks = true;
  world.desire(request('a', '1234'));
  world.work();
  world.now += HOUR_MS;
  world.told();
  world.hear({ kind: 'slot_changed', slot: 1, unsure: true });
  world.work();
  expect(world.told()).toEqual([]);
  world.pins.delete(1);
  world.hear({ kind: 'slot_changed', slot: 1, unsure: true });
  world.work();
  expect(world.pins.get(1)).toBe('1234');
});

describe('time', () => {
  test('set back by a day does not put off a retry', () => {
    const world = new CoreWorld(PLAIN);
    world.desire(request('a', '1234'));
    world.nextOutcome = UNKNOWN;
    world.step();
    world.now -= DAY_MS;
    world.work();
    expect(world.code('a')?.status).toBe('set');
  });

  test('of a lock with a schedule is set again when daylight saving begins', () => {
    const world = new CoreWorld(SCHEDULING);
    world.now = Date.parse('2026-03-07T20:00:00Z');
    world.desire(request('a', '1234', { startsAt: world.now + HOUR_MS, endsAt: world.now + 3 * DAY_MS }));
    world.work();
    world.worked();
    world.passTo(Date.parse('2026-03-08T07:01:00Z'));
    expect(world.worked()).toEqual(['set_clock']);
  });

  test('that may have come, or not, switches nothing on', () => {
    const world = new CoreWorld(PLAIN);
    world.desire(request('a', '1234', { startsAt: world.now + 2 * HOUR_MS }));
    const uncertain = { earliest: world.now, latest: world.now + 2 * DAY_MS };
    expect(plan(world.state, POLICY, uncertain).operations).toEqual([]);
  });
});

test('a lock that is heard again is served at once, whatever its backoff', () => {
  const world = new CoreWorld(PLAIN);
  world.desire(request('a', '1234'));
  for (let attempt = 0; attempt < 9; attempt += 1) {
    world.nextOutcome = UNREACHABLE;
    world.step();
    world.now = world.state.lock.retryAt ?? 0;
  }
  world.now -= 100 * SECOND_MS;
  world.hear({ kind: 'online' });
  world.work();
  expect(world.code('a')?.status).toBe('set');
});

describe('a code whose newer request is refused while it is on its way out', () => {
  test('is told as deleted once and as nothing after that, and may be created again', () => {
    const world = new CoreWorld(PLAIN);
    world.desire(request('a', '1234'));
    world.work();
    world.nextOutcome = { kind: 'unreachable', message: 'no answer' };
    world.desire();
    world.step();
    world.desire(request('a', '123456789'));
    world.told();
    world.passTo(world.now + HOUR_MS);
    expect(world.told().filter((event) => event.endsWith(' a'))).toEqual([
      'access_code.removed_from_device a',
      'access_code.deleted a',
    ]);
    expect(world.code('a')).toMatchObject({ status: 'unset', pin: null, slot: null, edits: {} });
    world.desire(request('a', '4321'));
    world.work();
    expect(world.told()[0]).toBe('access_code.created a');
  });
});

test('a request that was refused from the start leaves the document without a word', () => {
  const world = new CoreWorld(PLAIN);
  world.desire(request('a', '123456789'));
  world.told();
  world.desire();
  world.work();
  expect(world.code('a')).toBeUndefined();
  expect(world.told()).toEqual([]);
});
