import { describe, expect, test } from 'vitest';
import type { LockEventBody } from '../../src/core/lock-event.ts';
import type { Lock } from '../../src/core/lock.ts';
import { observe } from '../../src/core/observe/observe.ts';
import { nextChangeAt } from '../../src/core/plan/wake.ts';
import { advance } from '../../src/core/settle/advance.ts';
import type { Slot, SlotBelief, SlotReading } from '../../src/core/slot.ts';
import { DAY_MS, HOUR_MS, SECOND_MS } from '../../src/core/time.ts';
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
import { PLAIN, POLICY } from '../support/core-world.ts';

const NOW = exactly(SAMPLE_AT);
const UNKNOWN: SlotBelief = { kind: 'unknown' };
const WRITING = { pin: pinOf('1234'), overEmpty: true };
const CLOCK = { at: SAMPLE_AT - HOUR_MS, offsetMinutes: -300, unconfirmed: 0 };

/** A lock that was met and is there, with code `a` in slot 1 on it but for what is named, after a report. */
function heard(body: LockEventBody, lock: Partial<Lock> = {}, ...rows: readonly Partial<Slot>[]) {
  const first = { owner: 'a', content: holding('1234') };
  const state = stateWith({
    lock: lockWith({ capabilities: PLAIN, radio: 'zwave', online: true, ...lock }),
    codes: [codeWith('a', { slot: 1, status: 'set', everOnDevice: true })],
    slots: (rows.length === 0 ? [{}] : rows).map((row, index) => slotWith(index + 1, { ...first, ...row })),
  });
  const event = { deviceId: 'lock', at: SAMPLE_AT - SECOND_MS, body };
  const step = observe(state, event, undefined, POLICY, NOW);
  const told = step.events.map(({ event_type }) => event_type);
  return {
    lock: step.state.lock,
    slots: step.state.slots,
    row: step.state.slots[0],
    told,
    events: step.events,
  };
}

describe('what a lock tells of itself', () => {
  test.each<[string, LockEventBody]>([
    ['device_disconnected', { kind: 'offline' }],
    ['hub_disconnected', { kind: 'offline', because: 'radio_down' }],
    ['device_disconnected', { kind: 'removed' }],
  ])('that it is gone is told once, with the reason %s: %j', (error_code, body) => {
    const gone = heard(body);
    expect(gone.lock.online).toBe(false);
    expect(gone.events[0]).toMatchObject({
      event_type: 'device.disconnected',
      occurredAt: SAMPLE_AT - SECOND_MS,
      details: { error_code },
    });
    const removed = body.kind === 'removed' ? ['device.removed'] : [];
    expect(gone.told.slice(1)).toEqual(removed);
    expect(heard(body, { online: false }).told).toEqual(removed);
    expect(heard(body, { online: false }).lock.online).toBe(false);
  });

  test('that it is there is told once, ends its wait and makes an audit due', () => {
    const away = { online: false, retryAt: SAMPLE_AT + HOUR_MS };
    const back = heard({ kind: 'online' }, away, { provenAt: SAMPLE_AT - HOUR_MS });
    expect(back.told).toEqual(['device.connected']);
    expect(back.lock).toMatchObject({ online: true, retryAt: null });
    expect(back.lock.audit.dueSince).toBe(SAMPLE_AT - SECOND_MS);
    expect(heard({ kind: 'online' }).told).toEqual([]);
    expect(heard({ kind: 'online' }, { online: false, radio: null }).told).toEqual([]);
  });

  test.each<[LockEventBody['kind'], readonly string[], LockEventBody, Partial<Lock>]>([
    ['access_denied', ['lock.access_denied'], { kind: 'access_denied' }, {}],
    ['duplicate_refused', [], { kind: 'duplicate_refused', slot: 1 }, {}],
    ['jammed', ['lock.jammed'], { kind: 'jammed' }, { jammed: true }],
    ['tampered', ['device.tampered'], { kind: 'tampered' }, { tampered: true }],
    ['credentials', [], { kind: 'credentials', missing: true }, { credentialsMissing: true }],
  ])('%s is told as %j', (_kind, told, body, lock) => {
    const after = heard(body);
    expect(after.told).toEqual(told);
    expect(after.lock).toMatchObject(lock);
  });

  test('the end of a jam and of a tampering', () => {
    const alarmed = { jammed: true, tampered: true, credentialsMissing: true };
    expect(heard({ kind: 'jam_cleared' }, alarmed)).toMatchObject({
      told: ['lock.jam_cleared'],
      lock: { jammed: false, tampered: true },
    });
    expect(heard({ kind: 'tamper_cleared' }, alarmed)).toMatchObject({
      told: ['device.tamper_cleared'],
      lock: { jammed: true, tampered: false },
    });
    expect(heard({ kind: 'credentials', missing: false }, alarmed).lock.credentialsMissing).toBe(false);
  });
});

function later(lock: Lock, at: number) {
  return advance(stateWith({ lock, codes: [], slots: [] }), POLICY, exactly(at));
}

describe('a tampering whose end nobody tells', () => {
  const alarm = { kind: 'tampered', endsUntold: true } as const;
  const at = SAMPLE_AT - SECOND_MS;

  test('ends a day after its last alarm, and is told once', () => {
    const { lock, told } = heard(alarm);
    expect(told).toEqual(['device.tampered']);
    const wakeAt = nextChangeAt(stateWith({ lock, codes: [], slots: [] }), POLICY, NOW);
    expect(wakeAt).toBe(at + DAY_MS);
    expect(later(lock, at + DAY_MS - 1)).toMatchObject({ state: { lock: { tampered: true } }, events: [] });
    const over = later(lock, at + DAY_MS);
    expect(over.state.lock).toMatchObject({ tampered: false, tamperEndsAt: null });
    expect(over.events).toMatchObject([{ event_type: 'device.tamper_cleared', device_id: lock.deviceId }]);
    expect(later(over.state.lock, at + DAY_MS).events).toEqual([]);
  });

  test('lasts on with another alarm, which is not told again', () => {
    const again = heard(alarm, { tampered: true, tamperEndsAt: SAMPLE_AT });
    expect(again.told).toEqual([]);
    expect(again.lock).toMatchObject({ tampered: true, tamperEndsAt: at + DAY_MS });
  });

  test('lasts while the clock may be earlier than it is', () => {
    const { lock } = heard(alarm);
    const unsure = { ...exactly(at + DAY_MS), earliest: at, latest: at + 2 * DAY_MS };
    const { state } = advance(stateWith({ lock, codes: [], slots: [] }), POLICY, unsure);
    expect(state.lock.tampered).toBe(true);
  });

  test('of a lock that tells the end itself, none ends by time', () => {
    const { lock } = heard({ kind: 'tampered' });
    expect(lock.tamperEndsAt).toBeNull();
    expect(later(lock, at + 100 * DAY_MS).state.lock.tampered).toBe(true);
    const cleared = heard({ kind: 'tamper_cleared' }, { tampered: true, tamperEndsAt: SAMPLE_AT });
    expect(cleared.lock).toMatchObject({ tampered: false, tamperEndsAt: null });
  });
});

describe('an interview', () => {
  const description = {
    radio: 'zwave',
    address: 2,
    model: 'test lock',
    capabilities: PLAIN,
    secure: true,
    batteryLevel: null,
    locked: null,
  } as const;

  function found(snapshot: readonly SlotReading[], lock: Partial<Lock> = {}, row: Partial<Slot> = {}) {
    return heard({ kind: 'found', description, snapshot }, lock, row);
  }

  test('that tells neither battery nor bolt leaves what is known of them', () => {
    const { lock, told } = found([], { locked: true, batteryLevel: 0.5 });
    expect(lock).toMatchObject({ model: 'test lock', locked: true, batteryLevel: 0.5 });
    expect(told).toEqual([]);
    expect(found([], { radio: null }).told).toEqual(['device.added']);
    const unlocked = { kind: 'found', description: { ...description, locked: false }, snapshot: [] } as const;
    expect(heard(unlocked, { locked: true }).lock.locked).toBe(false);
  });

  const shows: SlotReading = { slot: 1, content: { kind: 'pin', pin: pinOf('9999'), enabled: true } };

  test('fills a slot of which nobody knows anything, with proof of unknown age', () => {
    const { row } = found([shows], {}, { owner: null, content: UNKNOWN, proof: null, provenAt: null });
    expect(row).toMatchObject({ content: { kind: 'pin' }, proof: 'read_back', provenAt: null });
  });

  test.each<[string, Partial<Slot>]>([
    ['a slot that was looked at', { owner: null, content: { kind: 'empty' } }],
    ['a slot of ours', { content: UNKNOWN }],
    ['a slot that is being written', { owner: null, content: UNKNOWN, pending: WRITING }],
  ])('says nothing of %s', (_which, row) => {
    const before = slotWith(1, { owner: 'a', ...row });
    expect(found([shows], {}, row).row).toEqual(before);
  });
});

describe('a report about a slot', () => {
  const CHANGED: LockEventBody = { kind: 'slot_changed', slot: 1 };
  const MASKS = { masksPins: true, echo: { streak: 2, awaited: null } };

  test.each<[Slot['recheck'], string, LockEventBody, Partial<Lock>, Partial<Slot>]>([
    ['edited', 'has it read', CHANGED, {}, {}],
    ['perhaps', 'soon after our own write may be its echo', CHANGED, MASKS, { writtenAt: SAMPLE_AT }],
    [
      'perhaps',
      'five seconds after our own write may be its echo',
      CHANGED,
      MASKS,
      { writtenAt: SAMPLE_AT - 5 * SECOND_MS },
    ],
    ['doubtful', 'of a habit that is not known', CHANGED, { masksPins: true }, { writtenAt: SAMPLE_AT }],
    ['edited', 'later than that is none', CHANGED, MASKS, { writtenAt: SAMPLE_AT - 5 * SECOND_MS - 1 }],
    ['edited', 'by a clock that was set back is none', CHANGED, MASKS, { writtenAt: SAMPLE_AT + 1 }],
    ['edited', 'without a write of ours is none', CHANGED, MASKS, {}],
    ['edited', 'where the digits are shown needs no such doubt', CHANGED, {}, { writtenAt: SAMPLE_AT }],
    ['perhaps', 'that is unsure may be nothing', { ...CHANGED, unsure: true }, MASKS, {}],
    [
      'edited',
      'that is unsure leaves an edit what it is',
      { ...CHANGED, unsure: true },
      MASKS,
      { recheck: 'edited' },
    ],
    ['no', 'says nothing new of a slot that is to be read anyway', CHANGED, {}, { content: UNKNOWN }],
    [
      'perhaps',
      'may be of our own write while that is under way',
      CHANGED,
      {},
      { pending: WRITING, writtenAt: SAMPLE_AT },
    ],
    ['edited', 'that names no slot is of every one', { kind: 'slot_changed', slot: null }, {}, {}],
  ])('%s: %s', (recheck, _what, body, lock, row) => {
    const after = heard(body, lock, row).row;
    expect(after?.recheck).toBe(recheck);
    expect(after?.pending).toEqual(row.pending ?? null);
  });

  test('long after a write that was lost leaves nobody knowing whose a mask there is', () => {
    const lost = { pending: WRITING, writtenAt: SAMPLE_AT - HOUR_MS };
    const { row } = heard(CHANGED, MASKS, lost);
    expect(row?.pending).toEqual({ ...WRITING, overEmpty: false });
    expect(row?.pending?.pin.reveal()).toBe('1234');
  });

  test('that it was emptied makes the next reading one of after our write', () => {
    const { row } = heard({ kind: 'slot_cleared', slot: 1 }, {}, { writtenAt: SAMPLE_AT });
    expect(row).toMatchObject({ recheck: 'edited', writtenAt: null });
  });

  test('that all were emptied has those read that held something, and the clock set', () => {
    const written = { writtenAt: SAMPLE_AT };
    const empty: Partial<Slot> = { owner: null, content: { kind: 'empty' }, ...written };
    const masked: Partial<Slot> = { owner: null, content: { kind: 'masked', enabled: true }, ...written };
    const { lock, slots } = heard(
      { kind: 'slot_cleared', slot: null },
      { clockSet: CLOCK },
      written,
      empty,
      masked,
    );
    expect(slots.map(({ recheck }) => recheck)).toEqual(['edited', 'no', 'edited']);
    expect(slots.map(({ writtenAt }) => writtenAt)).toEqual([null, SAMPLE_AT, null]);
    expect(lock.clockSet).toBeNull();
    expect(heard({ kind: 'slot_cleared', slot: 1 }, { clockSet: CLOCK }).lock.clockSet).toEqual(CLOCK);
  });
});
