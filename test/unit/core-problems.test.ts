import { describe, expect, test } from 'vitest';
import type { Outcome } from '../../src/core/operation.ts';
import { advance } from '../../src/core/settle/advance.ts';
import { plan } from '../../src/core/plan/plan.ts';
import { missed } from '../../src/core/settle/settle.ts';
import { problemsOf } from '../../src/core/problems/problems.ts';
import { withCode, withSlot } from '../../src/core/with.ts';
import { slotOf } from '../../src/core/plan/assign.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/core/time.ts';
import { CoreWorld, pin, PLAIN, POLICY, request, SCHEDULING } from '../support/core-world.ts';

const LOST: Outcome = { kind: 'unreachable', message: 'no acknowledgement' };

const errorsOf = (world: CoreWorld, id: string) => world.code(id)?.errors.map((error) => error.code);
const warningsOf = (world: CoreWorld, id: string) => world.code(id)?.warnings.map((warning) => warning.code);

/** Turns until the next operation would be of this kind; then it comes out as told. */
function comesOut(world: CoreWorld, kind: string, outcome: Outcome): void {
  for (let turn = 0; turn < 20; turn += 1) {
    const before = world.state;
    const done = world.done.length;
    world.nextOutcome = outcome;
    world.step();
    if (world.done[done]?.startsWith(kind)) return;
    world.state = before;
    world.nextOutcome = null;
    world.step();
  }
  throw new Error(`no ${kind} in sight`);
}

describe('a write that nobody confirmed', () => {
  test('is an error once the lock could not be read either, and none when it could', () => {
    const world = new CoreWorld(PLAIN);
    world.desire(request('anna', '1234'));
    comesOut(world, 'set_pin', { kind: 'unknown', message: 'no answer' });
    expect(errorsOf(world, 'anna')).toEqual([]);
    world.now += 10_000;
    comesOut(world, 'read_slot', LOST);
    expect(errorsOf(world, 'anna')).toEqual(['access_code_state_unconfirmed']);
    world.passTo(world.now + MINUTE_MS);
    expect(errorsOf(world, 'anna')).toEqual([]);
    expect(world.code('anna')?.status).toBe('set');
  });

  test('is one when the code is to go, too', () => {
    const world = new CoreWorld(PLAIN);
    world.desire(request('anna', '1234'));
    world.work();
    world.desire();
    comesOut(world, 'clear_slot', { kind: 'unknown', message: 'no answer' });
    world.now += 10_000;
    comesOut(world, 'read_slot', LOST);
    expect(errorsOf(world, 'anna')).toEqual(['access_code_state_unconfirmed']);
    world.passTo(world.now + MINUTE_MS);
    expect(world.code('anna')).toBeUndefined();
  });
});

describe('a code that somebody edits at the lock', () => {
  test.each(['modified', 'removed'] as const)('was %s, also while it is put back', (changeType) => {
    const world = new CoreWorld(PLAIN);
    world.masks = true;
    world.desire(request('anna', '1234'));
    world.work();
    world.now += HOUR_MS;
    if (changeType === 'removed') world.pins.clear();
    else world.pins.set(1, '9999');
    world.hear({ kind: 'slot_changed', slot: 1 });
    const seen: unknown[] = [];
    while (world.step()) {
      const found = world.code('anna')?.errors.map(({ code, details }) => [code, details?.changeType]) ?? [];
      seen.push(...found);
    }
    expect(seen.length).toBeGreaterThan(0);
    for (const one of seen) expect(one).toEqual(['code_modified_external_to_seam', changeType]);
    expect(world.code('anna')).toMatchObject({ status: 'set', errors: [] });
  });
});

/** A code that its lock refused, while a row of the table has the same PIN. */
function refusedAsDuplicate(holder: object): CoreWorld {
  const world = new CoreWorld(PLAIN);
  world.desire(request('anna', '1234'));
  comesOut(world, 'set_pin', { kind: 'refused', reason: 'duplicate_pin', message: 'duplicate' });
  const content = { kind: 'pin', pin: pin('1234'), enabled: true } as const;
  world.state = withSlot(world.state, { ...slotOf(world.state, 4), content, ...holder });
  return world;
}

describe('the same PIN in another slot', () => {
  test.each([
    [{ owner: 'ben' }, { managedAccessCodeId: 'ben' }],
    [{ unmanaged: { accessCodeId: 'found', since: 0 } }, { unmanagedAccessCodeId: 'found' }],
    [{}, undefined],
  ])('names whose it is: %j', (holder, details) => {
    const { state, reading } = refusedAsDuplicate(holder);
    const [code] = state.codes;
    const { errors } = problemsOf(code!, state, undefined, POLICY, reading);
    expect(errors.map((error) => error.code)).toEqual(['duplicate_code_on_device']);
    expect(errors[0]?.message).toContain('Slot 4');
    expect(errors[0]?.details).toEqual(details);
  });

  test('is told without a slot where the lock does not say which', () => {
    const world = new CoreWorld(PLAIN);
    world.desire(request('anna', '1234'));
    comesOut(world, 'set_pin', { kind: 'refused', reason: 'duplicate_pin', message: 'duplicate' });
    const [error] = world.code('anna')?.errors ?? [];
    expect(error).toMatchObject({ code: 'duplicate_code_on_device' });
    expect(error?.details).toBeUndefined();
  });
});

test.each([
  ['pin_format', 'errors', 'code_constraints_violated'],
  ['refused', 'errors', 'code_constraints_violated'],
  ['slot_out_of_range', 'errors', 'code_constraints_violated'],
  ['no_space', 'errors', 'no_space_for_access_code_on_device'],
  ['unsupported', 'warnings', 'native_scheduling_refused'],
] as const)('a refusal because of %s is among the %s', (reason, list, expected) => {
  const world = new CoreWorld(PLAIN);
  world.desire(request('anna', '1234'));
  const refused = { reason, message: 'The lock says so.' };
  const state = withCode(world.state, 'anna', (code) => ({ ...code, refused }));
  const found = problemsOf(state.codes[0]!, state, undefined, POLICY, world.reading);
  expect(found[list].map(({ code }) => code)).toEqual([expected]);
  expect(found[list === 'errors' ? 'warnings' : 'errors']).toEqual([]);
});

describe('a code that will find no slot', () => {
  const ongoing = ['1111', '2222', '3333', '4444', '5555'].map((digits) => request(digits, digits));

  test('is told so when it is asked for, once, and no longer when there is room', () => {
    const world = new CoreWorld(PLAIN);
    const startsAt = world.now + 10 * DAY_MS;
    const guest = request('guest', '7777', { startsAt, endsAt: startsAt + DAY_MS });
    world.desire(...ongoing);
    world.work();
    world.told();
    world.desire(...ongoing, guest);
    world.work();
    expect(errorsOf(world, 'guest')).toEqual(['no_space_for_access_code_on_device']);
    expect(world.code('guest')?.errors[0]?.message).toContain(
      'All 5 slots of the lock are taken on 2026-03-12',
    );
    world.passTo(world.now + DAY_MS);
    const told = world.told().filter((event) => event.endsWith(' guest'));
    expect(told).toEqual(['access_code.created guest', 'access_code.failed_to_set_on_device guest']);
    world.desire(...ongoing.slice(1), guest);
    world.work();
    expect(errorsOf(world, 'guest')).toEqual([]);
  });
});

test('a code that will find a slot in time is not told that there is none now', () => {
  const world = new CoreWorld(SCHEDULING);
  const endsAt = world.now + DAY_MS;
  const today = ['1111', '2222', '3333', '4444', '5555'].map((digits) =>
    request(digits, digits, { startsAt: world.now, endsAt }),
  );
  const startsAt = world.now + 2 * DAY_MS;
  const guest = request('guest', '7777', { startsAt, endsAt: startsAt + DAY_MS });
  world.desire(...today, guest);
  world.work();
  // It is to be preloaded by now, and waits for a slot that is free long before its start.
  expect(plan(world.state, POLICY, world.reading).blocked).toMatchObject([{ because: 'no_space' }]);
  expect(errorsOf(world, 'guest')).toEqual([]);
  world.passTo(startsAt);
  expect(world.code('guest')).toMatchObject({ status: 'set', errors: [] });
});

/** A code that somebody disabled at the lock, which was read since. */
function disabled(allowExternalModification: boolean): CoreWorld {
  const world = new CoreWorld(PLAIN);
  world.desire(request('anna', '1234', { allowExternalModification }));
  world.work();
  world.now += HOUR_MS;
  world.disabled.add(1);
  world.hear({ kind: 'slot_changed', slot: 1 });
  world.step();
  return world;
}

describe('a code that is disabled on the lock', () => {
  test('is inactive until it is put right', () => {
    const world = disabled(false);
    expect(warningsOf(world, 'anna')).toEqual(['access_code_inactive']);
    world.work();
    expect(warningsOf(world, 'anna')).toEqual([]);
  });

  test('stays inactive where that is allowed', () => {
    const world = disabled(true);
    world.work();
    expect(warningsOf(world, 'anna')).toEqual(['code_modified_external_to_seam', 'access_code_inactive']);
  });

  test('is not called inactive while it is armed, nor in the moment in which it is enabled', () => {
    const world = new CoreWorld({ ...PLAIN, disabledCodes: true });
    const startsAt = world.now + DAY_MS;
    world.desire(request('guest', '7777', { startsAt, endsAt: startsAt + DAY_MS }));
    world.work();
    expect(world.disabled.size).toBe(1);
    expect(warningsOf(world, 'guest')).toEqual([]);
    world.now = startsAt - POLICY.jitLeadMs;
    world.nextOutcome = { kind: 'refused', reason: 'refused', message: 'busy' };
    world.step();
    expect(warningsOf(world, 'guest')).toEqual([]);
    world.now = startsAt + MINUTE_MS;
    world.nextOutcome = { kind: 'refused', reason: 'refused', message: 'busy' };
    world.step();
    expect(warningsOf(world, 'guest')).toContain('access_code_inactive');
    world.passTo(startsAt + 10 * MINUTE_MS);
    expect(warningsOf(world, 'guest')).toEqual([]);
  });
});

test('a code that a backup stands in for says which', () => {
  const world = new CoreWorld(PLAIN);
  world.desire(request('anna', '1234'));
  world.work();
  const state = withCode(world.state, 'anna', (code) => ({ ...code, pulledBackupId: 'backup-1' }));
  const { warnings } = problemsOf(state.codes[0]!, state, undefined, POLICY, world.reading);
  expect(warnings).toMatchObject([{ code: 'using_backup_access_code' }]);
  expect(warnings[0]?.message).toContain('backup-1');
});

describe('a problem', () => {
  test('keeps its first date while its words change, and its identity while nothing does', () => {
    const world = new CoreWorld(PLAIN);
    world.desire(request('anna', '1234'));
    const broken = (message: string) =>
      withCode(world.state, 'anna', (code) => ({ ...code, refused: { reason: 'pin_format', message } }));
    const first = broken('one');
    const raised = problemsOf(first.codes[0]!, first, undefined, POLICY, { earliest: 1000, latest: 1000 });
    const kept = { ...first.codes[0]!, ...raised };
    const later = { earliest: 2000, latest: 2000 };
    expect(problemsOf(kept, first, undefined, POLICY, later).errors).toBe(raised.errors);
    const second = { ...broken('two').codes[0]!, ...raised };
    expect(problemsOf(second, first, undefined, POLICY, later).errors).toMatchObject([{ createdAt: 1000 }]);
  });

  test('of a rejected request and of the lock may have the same name and still settle', () => {
    const world = new CoreWorld(PLAIN);
    world.desire(request('anna', '1234'));
    const rejected = { code: 'code_constraints_violated', message: 'The new PIN is too short.' } as const;
    const refused = { reason: 'pin_format', message: 'too short' } as const;
    const state = withCode(world.state, 'anna', (code) => ({ ...code, rejected, refused }));
    const raised = problemsOf(state.codes[0]!, state, undefined, POLICY, world.reading);
    expect(raised.errors).toHaveLength(2);
    const again = problemsOf({ ...state.codes[0]!, ...raised }, state, undefined, POLICY, world.reading);
    expect(again.errors).toBe(raised.errors);
  });

  test('is told with all that is wrong with the code and its lock', () => {
    const world = new CoreWorld(PLAIN);
    world.hear({ kind: 'battery', level: 0.04, low: true });
    world.desire(request('anna', '1234'));
    comesOut(world, 'set_pin', { kind: 'refused', reason: 'duplicate_pin', message: 'duplicate' });
    const [event] = world.events.filter((one) => one.event_type === 'access_code.failed_to_set_on_device');
    expect(event).toMatchObject({
      device_id: 'lock',
      access_code_id: 'anna',
      details: {
        access_code_errors: [{ error_code: 'duplicate_code_on_device' }],
        access_code_warnings: [],
        device_errors: [],
        device_warnings: [
          { warning_code: 'low_battery', message: 'The battery of the lock is low, 4 % are left.' },
        ],
      },
    });
  });
});

test('a lock that is there and answers no question keeps a code out: an error, over with the first answer', () => {
  const world = new CoreWorld(PLAIN);
  world.desire(request('a', '1234'));
  const silence = { kind: 'unknown', message: 'no answer' } as const;
  for (let attempt = 0; attempt < 3; attempt += 1) {
    world.nextOutcome = silence;
    world.step();
    world.now = world.state.lock.retryAt ?? world.now;
  }
  expect(world.code('a')?.errors.map(({ code }) => code)).toEqual(['failed_to_set_on_device']);
  expect(world.told().filter((event) => event.includes('failed'))).toEqual([
    'access_code.failed_to_set_on_device a',
  ]);
  expect(world.state.lock.online).toBe(true);
  world.work();
  expect(world.code('a')).toMatchObject({ status: 'set', errors: [] });
});

describe('a lock that answers no question', () => {
  const MUTE: Outcome = { kind: 'unknown', message: 'acknowledged, and no answer' };

  test('keeps a code out, which is told once until it is over', () => {
    const world = new CoreWorld(PLAIN);
    world.desire(request('anna', '1234'));
    world.told();
    for (let attempt = 0; attempt < 6; attempt += 1) {
      world.nextOutcome = MUTE;
      world.step();
      world.now += HOUR_MS;
      expect(errorsOf(world, 'anna')).toEqual(attempt < 2 ? [] : ['failed_to_set_on_device']);
    }
    expect(world.told().filter((event) => event.includes('failed'))).toEqual([
      'access_code.failed_to_set_on_device anna',
    ]);
    world.work();
    expect(errorsOf(world, 'anna')).toEqual([]);
  });

  test('is no failure of the code when the lock was away and is back', () => {
    const world = new CoreWorld(PLAIN);
    world.hear({ kind: 'offline' });
    world.desire(request('anna', '1234'));
    for (let ping = 0; ping < 5; ping += 1) {
      world.state = missed(world.state, world.reading);
      world.now += 10_000;
    }
    world.told();
    world.hear({ kind: 'online' });
    world.work();
    expect(world.told()).toEqual(['device.connected', 'access_code.set_on_device anna']);
  });
});

describe('a PIN that another slot has', () => {
  test('is an error of the code that waits, also when the other has become ours', () => {
    const world = new CoreWorld(PLAIN);
    const stay = { startsAt: world.now + 2 * HOUR_MS, endsAt: world.now + 4 * HOUR_MS };
    world.desire(request('anna', '1234', stay), request('ben', '5678'));
    world.work();
    // Nothing asks for this, but a code of ours that stays has the PIN by some way.
    world.state = withCode(world.state, 'ben', (code) => ({ ...code, pin: pin('1234') }));
    world.state = withSlot(world.state, {
      ...slotOf(world.state, 1),
      content: { kind: 'pin', pin: pin('1234'), enabled: true },
    });
    world.passTo(stay.startsAt + MINUTE_MS);
    expect(errorsOf(world, 'anna')).toEqual(['duplicate_code_on_device']);
    expect(world.code('anna')?.errors[0]?.details).toEqual({ managedAccessCodeId: 'ben' });
  });

  test('is none while the other is about to leave', () => {
    const world = new CoreWorld(PLAIN);
    world.desire(request('anna', '1234'));
    world.work();
    world.desire(request('ben', '1234'));
    expect(errorsOf(world, 'ben')).toEqual([]);
    world.work();
    expect(world.code('ben')?.status).toBe('set');
  });

  test('is refused when somebody put it over a code that allows that, and an error where it was there first', () => {
    const world = new CoreWorld(PLAIN);
    const allowing = request('anna', '1234', { allowExternalModification: true });
    const stay = { startsAt: world.now + 2 * HOUR_MS, endsAt: world.now + 4 * HOUR_MS };
    const early = request('ben', '4444', stay);
    world.desire(allowing, early);
    world.work();
    world.pins.set(1, '4444');
    world.hear({ kind: 'slot_changed', slot: 1 });
    world.work();
    world.desire(allowing, early, request('cleo', '4444', { startsAt: stay.endsAt + DAY_MS }));
    expect(world.code('cleo')?.rejected).toEqual({
      code: 'duplicate_access_code',
      message:
        'code: somebody gave slot 1 of the lock this PIN, in place of access code "anna" (anna), ongoing,.',
    });
    world.passTo(stay.startsAt + MINUTE_MS);
    expect(errorsOf(world, 'ben')).toEqual(['duplicate_code_on_device']);
    expect(world.pins.get(1)).toBe('4444');
  });
});

test('a code that has to leave the lock for a while and does not is delayed in removing, until it has left', () => {
  const world = new CoreWorld(PLAIN);
  const startsAt = world.now;
  world.desire(request('a', '1234', { startsAt, endsAt: startsAt + HOUR_MS }));
  world.work();
  const nextMonth = { startsAt: startsAt + 30 * DAY_MS, endsAt: startsAt + 31 * DAY_MS };
  world.desire(request('a', '1234', nextMonth));
  world.hear({ kind: 'offline' });
  world.told();
  world.now += MINUTE_MS;
  world.take(advance(world.state, POLICY, world.reading));
  expect(world.code('a')?.warnings.map(({ code }) => code)).toEqual(['delay_in_removing_from_device']);
  expect(world.told()).toEqual(['access_code.delay_in_removing_from_device a']);
  world.hear({ kind: 'online' });
  world.work();
  expect(world.code('a')).toMatchObject({ status: 'unset', slot: null, warnings: [] });
});
