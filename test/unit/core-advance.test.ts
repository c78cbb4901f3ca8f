import { describe, expect, test } from 'vitest';
import type { AccessCode } from '../../src/core/access-code.ts';
import type { Lock } from '../../src/core/lock.ts';
import { advance } from '../../src/core/settle/advance.ts';
import type { ScheduleBelief, Slot, SlotBelief } from '../../src/core/slot.ts';
import { DAY_MS, HOUR_MS } from '../../src/core/time.ts';
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

const NOW = exactly(SAMPLE_AT);
const OWN = holding('1234');
const DISABLED: SlotBelief = { kind: 'pin', pin: pinOf('1234'), enabled: false };
const AHEAD = { startsAt: SAMPLE_AT + DAY_MS, endsAt: SAMPLE_AT + 3 * DAY_MS };
const BEGUN = { startsAt: SAMPLE_AT - HOUR_MS, endsAt: SAMPLE_AT + DAY_MS };
const REJECTED = { rejected: { code: 'invalid_input', message: 'no' } } as const;

/** Code `a` of the cloud in slot 1 (if it has one), which is empty but for what is named. */
function stateOf(code: Partial<AccessCode>, row: Partial<Slot> = {}, lock: Partial<Lock> = {}) {
  const a = codeWith('a', { slot: 1, ...code });
  const slots = [slotWith(1, { owner: a.slot === null ? null : 'a', ...row })];
  return stateWith({ lock: lockWith({ capabilities: PLAIN, online: true, ...lock }), codes: [a], slots });
}

function advanced(code: Partial<AccessCode>, row: Partial<Slot> = {}, lock: Partial<Lock> = {}) {
  const { state, events } = advance(stateOf(code, row, lock), POLICY, NOW);
  const told = events.map(({ event_type }) => event_type);
  return { state, told, code: state.codes[0], row: state.slots[0], lock: state.lock };
}

describe('what follows from beliefs and time', () => {
  test.each<[string, Partial<AccessCode>, Partial<Slot>]>([
    ['of a code on the lock', { status: 'set', everOnDevice: true }, { content: OWN }],
    ['of one that is on its way', { status: 'setting' }, {}],
    ['of one that waits', { slot: null, ...AHEAD }, {}],
  ])('changes nothing the second time: not one row is another, %s', (_which, code, row) => {
    const once = advance(stateOf(code, row), POLICY, NOW).state;
    const twice = advance(once, POLICY, NOW);
    expect(twice.state).toBe(once);
    expect(twice.events).toEqual([]);
  });

  test.each<[string, ScheduleBelief, AccessCode['status']]>([
    ['opens at all times as long as it has none', { kind: 'known', window: null }, 'set'],
    ['may not open as long as nobody knows it', { kind: 'unknown' }, 'setting'],
    [
      'may not open within another one',
      { kind: 'known', window: { start: '2026-03-10T11:00', stop: '2026-03-12T11:00' } },
      'setting',
    ],
  ])('a PIN whose schedule is still to be written %s', (_what, schedule, status) => {
    const row = { content: OWN, schedule };
    expect(advanced(BEGUN, row, { capabilities: SCHEDULING }).code?.status).toBe(status);
  });

  test('a code that was edited at the lock and left it since is as good as new', () => {
    const edited = { ...AHEAD, externallyModified: true, everOnDevice: true };
    const { code, row } = advanced(edited, { tried: ['a 1 on  set'] });
    expect(code).toMatchObject({ slot: null, externallyModified: false, everOnDevice: false, errors: [] });
    expect(row).toMatchObject({ owner: null, tried: [] });
  });

  test('an edit of a code that has lost its slot has not become true', () => {
    const edits = { code: { since: SAMPLE_AT } };
    const { code, told } = advanced({ slot: null, everOnDevice: true, edits });
    expect(code?.edits).toEqual(edits);
    expect(told).not.toContain('access_code.code_changed');
    expect(advanced({ slot: null, everOnDevice: true, edits, ...AHEAD }).code?.edits).toEqual({});
  });

  test('what failed is over once the lock holds what it should', () => {
    const failed = { failures: 3, retryAt: SAMPLE_AT + HOUR_MS };
    expect(advanced(failed, { content: OWN }).code).toMatchObject({ failures: 0, retryAt: null });
    expect(advanced(failed).code).toMatchObject(failed);
  });
});

describe('a document is applied', () => {
  const ARMING = { capabilities: { ...PLAIN, disabledCodes: true } };
  const CLEARING = { pin: pinOf('9999'), overEmpty: true };

  test.each<[boolean, string, Partial<AccessCode>, Partial<Slot>, Partial<Lock>]>([
    [true, 'with every code on the lock', {}, { content: OWN }, {}],
    [false, 'not while a code is to be written', {}, {}, {}],
    [true, 'although a code of the hub is still to be written', { origin: 'local' }, {}, {}],
    [false, 'not while a code is to be taken off', { removingSince: SAMPLE_AT }, { content: OWN }, {}],
    [
      false,
      'not while a code is to be taken off, though its last request was refused',
      { removingSince: SAMPLE_AT, ...REJECTED },
      { content: OWN },
      {},
    ],
    [false, 'not while a PIN is to be made up', { pin: null, slot: null }, {}, { capabilities: null }],
    [true, 'although a request of it was refused', { pin: null, slot: null, ...REJECTED }, {}, {}],
    [true, 'although the lock refused a PIN', { refused: { reason: 'pin_format', message: '' } }, {}, {}],
    [
      false,
      'not while a code is to be set just in time, because the lock took no schedule',
      { ...BEGUN, refused: { reason: 'unsupported', message: '' } },
      {},
      {},
    ],
    [true, 'before a code is armed', { slot: null, ...AHEAD }, {}, ARMING],
    [true, 'while an armed code gave way and keeps its slot', AHEAD, {}, ARMING],
    [true, 'with a code armed', AHEAD, { content: DISABLED }, ARMING],
    [false, 'not while an armed code is written', AHEAD, { pending: CLEARING }, ARMING],
    [false, 'not while the old PIN of an armed code is there', AHEAD, { content: holding('9999') }, ARMING],
  ])('%s: %s', (applied, _when, code, row, lock) => {
    const { versionApplied } = advanced(code, row, { generation: 1, versionReceived: 7, ...lock }).lock;
    expect(versionApplied).toBe(applied ? 7 : 0);
  });
});
