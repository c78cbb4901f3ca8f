import { describe, expect, test } from 'vitest';
import type { AccessCode } from '../../src/core/access-code.ts';
import { resolveReading, retryRefused } from '../../src/core/settle/reading.ts';
import type { Slot, SlotBelief, SlotContent, SlotReading } from '../../src/core/slot.ts';
import { MINUTE_MS } from '../../src/core/time.ts';
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
import { PLAIN, SCHEDULING } from '../support/core-world.ts';

const NOW = exactly(SAMPLE_AT + MINUTE_MS);
const EMPTY: SlotContent = { kind: 'empty' };
const MASKED: SlotContent = { kind: 'masked', enabled: true };
const UNKNOWN: SlotBelief = { kind: 'unknown' };
const OWN = holding('1234');
const OTHER = holding('9999');
const WRITING = { pin: pinOf('1234'), overEmpty: false };

function pinContent(digits: string, enabled = true): SlotContent {
  return { kind: 'pin', pin: pinOf(digits), enabled };
}

/** Slot 1 of code `a`, which was proven to hold its PIN but for what is named, after a reading. */
function read(before: Partial<Slot>, content: SlotContent, code: Partial<AccessCode> = {}) {
  const state = stateWith({
    lock: lockWith({ capabilities: PLAIN }),
    codes: [codeWith('a', { slot: 1, ...code })],
    slots: [slotWith(1, { owner: 'a', content: OWN, ...before })],
  });
  const { state: after, events } = resolveReading(
    state,
    { slot: 1, content },
    'read_back',
    NOW.earliest,
    NOW,
  );
  return { after, row: after.slots[0], code: after.codes[0], events };
}

/** What a row says of its PIN, without a `Pin`, which any two of which look the same to a matcher. */
function shown(content: SlotBelief | undefined): string {
  if (content?.kind !== 'pin') return content?.kind ?? 'no row';
  return `${content.pin.reveal()} ${content.enabled ? 'enabled' : 'disabled'}`;
}

describe('a reading', () => {
  test.each([
    ['is what the slot holds', {}, pinContent('9999'), '9999 enabled'],
    ['tells whether it is enabled', {}, pinContent('1234', false), '1234 disabled'],
    ['that masks shows the PIN that was proven', {}, MASKED, '1234 enabled'],
    ['that masks tells whether it is enabled', {}, { ...MASKED, enabled: false }, '1234 disabled'],
    ['that masks after a report of an edit shows nothing', { recheck: 'edited' }, MASKED, 'masked'],
    [
      'that masks after a report that may be an echo is no edit',
      { recheck: 'perhaps' },
      MASKED,
      '1234 enabled',
    ],
    ['that masks while something is written over it shows nothing', { pending: WRITING }, MASKED, 'masked'],
    [
      'that masks a slot that was empty shows what was written there',
      { content: EMPTY, pending: { ...WRITING, overEmpty: true } },
      MASKED,
      '1234 enabled',
    ],
  ] satisfies [string, Partial<Slot>, SlotContent, string][])('%s', (_what, before, content, expected) => {
    const { row } = read(before, content);
    expect(shown(row?.content)).toBe(expected);
    expect(row).toMatchObject({
      owner: 'a',
      recheck: 'no',
      pending: null,
      proof: 'read_back',
      provenAt: NOW.earliest,
    });
  });

  test('that masks a slot that was empty otherwise shows somebody’s code, and ours goes elsewhere', () => {
    const { row } = read({ content: EMPTY }, MASKED);
    expect(shown(row?.content)).toBe('masked');
    expect(row).toMatchObject({ owner: null, pending: null });
  });

  test.each([true, false])(
    'of our PIN in a slot that was empty (enabled: %s) is no code of others',
    (enabled) => {
      const { row, code } = read({ content: EMPTY }, pinContent('1234', enabled));
      expect(row).toMatchObject({ owner: 'a' });
      expect(code).toMatchObject({ slot: 1 });
    },
  );

  test('of a slot without a row makes one', () => {
    const reading: SlotReading = { slot: 2, content: pinContent('9999') };
    const { state } = resolveReading(stateWith(), reading, 'event', null, NOW);
    expect(shown(state.slots[0]?.content)).toBe('9999 enabled');
    expect(state.slots[0]).toMatchObject({ slot: 2, owner: null, proof: 'event', provenAt: null });
  });

  test('that masks tells that the lock masks', () => {
    expect(read({}, MASKED).after.lock.masksPins).toBe(true);
    expect(read({}, pinContent('1234')).after.lock.masksPins).toBe(false);
  });
});

describe('the schedule of a slot that was read', () => {
  const window = { start: '2026-03-10T11:00', stop: '2026-03-12T11:00' };
  const believed = { kind: 'known', window } as const;

  test.each([
    ['is what was read', SCHEDULING, { schedule: null }, null],
    ['is what it was when it was not asked for', SCHEDULING, {}, window],
    ['is none on a lock that has none', PLAIN, {}, null],
    ['is none on a lock nobody has met', null, {}, null],
  ])('%s', (_what, capabilities, more, expected) => {
    const state = stateWith({
      lock: lockWith({ capabilities }),
      slots: [slotWith(1, { schedule: believed })],
    });
    const reading: SlotReading = { slot: 1, content: EMPTY, ...more };
    const { slots } = resolveReading(state, reading, 'read_back', NOW.earliest, NOW).state;
    expect(slots[0]?.schedule).toEqual({ kind: 'known', window: expected });
  });
});

describe('an edit by somebody else', () => {
  test.each([
    ['another PIN', {}, pinContent('9999'), {}, 'modified'],
    ['our PIN disabled', {}, pinContent('1234', false), {}, 'modified'],
    ['a mask after a report of an edit', { recheck: 'edited' }, MASKED, {}, 'modified'],
    ['an empty slot', {}, EMPTY, {}, 'removed'],
    [
      'a further change of what an edit left',
      { content: OTHER },
      pinContent('8888'),
      { externallyModified: true },
      'modified',
    ],
    ['a removal of what an edit left', { content: OTHER }, EMPTY, { externallyModified: true }, 'removed'],
  ] satisfies [string, Partial<Slot>, SlotContent, Partial<AccessCode>, string][])(
    'is %s; noted and told once',
    (_what, before, content, more, changeType) => {
      const { events, code, after } = read(before, content, more);
      expect(code?.externallyModified).toBe(true);
      expect(events).toEqual([
        {
          event_type:
            changeType === 'removed'
              ? 'access_code.deleted_external_to_seam'
              : 'access_code.modified_external_to_seam',
          occurredAt: NOW.earliest,
          device_id: 'lock',
          access_code_id: 'a',
          details: { change_type: changeType },
        },
      ]);
      const again = resolveReading(after, { slot: 1, content }, 'read_back', NOW.earliest, NOW);
      expect(again.events).toEqual([]);
    },
  );

  test.each([
    ['what was there', {}, pinContent('1234'), {}],
    ['another PIN while we write', { pending: WRITING }, pinContent('9999'), {}],
    ['something in a slot that nobody knew', { content: UNKNOWN }, pinContent('9999'), {}],
    ['something in a slot that was empty', { content: EMPTY }, pinContent('9999'), {}],
    ['another PIN of a code that is to go', {}, pinContent('9999'), { removingSince: SAMPLE_AT }],
    ['our PIN put back', { content: OTHER }, pinContent('1234'), { externallyModified: true }],
    [
      'a look at what an edit left, unseen before',
      { content: UNKNOWN },
      pinContent('9999'),
      { externallyModified: true },
    ],
  ] satisfies [string, Partial<Slot>, SlotContent, Partial<AccessCode>][])(
    'is not %s',
    (_what, before, content, more: Partial<AccessCode>) => {
      const { events, code } = read(before, content, more);
      expect(events).toEqual([]);
      expect(code?.externallyModified).toBe(more.externallyModified ?? false);
    },
  );

  test('of a code that waits in the pool is noted and not told', () => {
    const { events, code } = read({}, EMPTY, { isBackup: true });
    expect(events).toEqual([]);
    expect(code?.externallyModified).toBe(true);
  });

  test('of a slot that is nobody’s is none', () => {
    const { events, code } = read({ owner: null }, EMPTY);
    expect(events).toEqual([]);
    expect(code?.externallyModified).toBe(false);
  });

  test('is our PIN disabled again after it was put back disabled', () => {
    const { events } = read({ content: OTHER }, pinContent('1234', false), { externallyModified: true });
    expect(events).toHaveLength(1);
  });
});

describe('what the lock refused as a duplicate', () => {
  const duplicate = { reason: 'duplicate_pin', message: 'twice' } as const;
  const format = { reason: 'pin_format', message: 'too long' } as const;

  test('is tried again when a slot turns out to hold something else, and only then', () => {
    const refusedAfter = (content: SlotContent) => read({}, content, { refused: duplicate }).code?.refused;
    expect(refusedAfter(EMPTY)).toBeNull();
    expect(refusedAfter(pinContent('9999'))).toBeNull();
    expect(refusedAfter(pinContent('1234', false))).toBeNull();
    expect(refusedAfter(pinContent('1234'))).toEqual(duplicate);
  });

  test('is all that is tried again', () => {
    const state = stateWith({
      codes: [codeWith('a', { refused: duplicate }), codeWith('b', { refused: format }), codeWith('c')],
    });
    expect(retryRefused(state).codes.map((code) => code.refused)).toEqual([null, format, null]);
    const others = stateWith({ codes: state.codes.slice(1) });
    expect(retryRefused(others)).toBe(others);
  });
});
