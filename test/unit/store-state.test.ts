import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import type { AccessCode } from '../../src/core/access-code.ts';
import type { LockState } from '../../src/core/lock.ts';
import { anyCode, anyLockState } from './store-arbitraries.ts';
import { revealed } from '../support/revealed.ts';
import { hubPlace, storeFailure } from './store-fixture.ts';
import { accessCode, event, lockState, NOON, pin, slotRow } from './store-rows.ts';

const WINDOW = { startsAt: NOON, endsAt: NOON + 3_600_000 };

test('any lock state is the same after a restart', () => {
  const place = hubPlace();
  fc.assert(
    fc.property(anyLockState, (state) => {
      const store = place.open();
      store.commit(undefined, state, []);
      store.close();
      const reopened = place.open();
      expect(revealed(reopened.lockState(state.lock.deviceId))).toEqual(revealed(state));
      expect(reopened.deviceIds()).toContain(state.lock.deviceId);
      reopened.close();
    }),
    { numRuns: 60 },
  );
});

test('any change of a lock state is what is read afterwards', () => {
  const place = hubPlace();
  const store = place.open();
  const anyChange = fc.record({
    before: anyLockState,
    after: anyLockState,
    fate: fc.array(fc.constantFrom('keep', 'change', 'delete'), { minLength: 12, maxLength: 12 }),
    added: anyCode,
  });
  fc.assert(
    fc.property(anyChange, ({ before, after: other, fate, added }) => {
      const codes = before.codes.flatMap((code, index): AccessCode[] => {
        if (fate[index] === 'delete') return [];
        return fate[index] === 'change' ? [{ ...added, accessCodeId: code.accessCodeId }] : [code];
      });
      const slots = before.slots.filter((_, index) => fate[index + 6] !== 'delete');
      const after: LockState = {
        lock: fate[0] === 'keep' ? before.lock : { ...other.lock, deviceId: before.lock.deviceId },
        codes: [...codes, added],
        slots: slots.map((slot, index) =>
          fate[index] === 'change' ? { ...slot, recheck: slot.recheck === 'no' ? 'edited' : 'no' } : slot,
        ),
      };
      store.commit(undefined, before, []);
      store.commit(before, after, []);
      expect(revealed(store.lockState(before.lock.deviceId))).toEqual(revealed(after));
      expect(revealed(place.reread(before.lock.deviceId))).toEqual(revealed(after));
    }),
    { numRuns: 100 },
  );
});

test('an unknown lock has no state', () => {
  const store = hubPlace().open();
  expect(store.lockState('nowhere')).toBeUndefined();
  expect(store.deviceIds()).toEqual([]);
});

test('only the rows that changed are written', () => {
  const place = hubPlace();
  const store = place.open();
  const before = lockState('a', {
    codes: [accessCode('one'), accessCode('two')],
    slots: [slotRow(1, { content: { kind: 'pin', pin: pin('1111'), enabled: true } }), slotRow(2)],
  });
  store.commit(undefined, before, []);
  // A row that is written again is sealed again, with another nonce.
  const sealed = () => place.sql("SELECT hex(pin) AS pin FROM access_codes WHERE access_code_id = 'one'")[0];
  const sealedSlot = () => place.sql('SELECT hex(pin) AS pin FROM slots WHERE slot = 1')[0];
  const [firstCode, firstSlot] = [sealed(), sealedSlot()];
  const after = { ...before, codes: [before.codes[0]!, accessCode('two', { failures: 1 })] };
  store.commit(before, after, []);
  expect([sealed(), sealedSlot()]).toEqual([firstCode, firstSlot]);
  store.commit(after, { ...after, codes: after.codes.map((code) => ({ ...code })) }, []);
  expect(sealed()).not.toEqual(firstCode);
});

test('a deleted code leaves a tombstone that says when, and holds no PIN', () => {
  const place = hubPlace();
  const store = place.open();
  const before = lockState('a', { codes: [accessCode('gone', { slot: 7, ...WINDOW }), accessCode('other')] });
  store.commit(undefined, before, []);
  store.commit(before, { ...before, codes: [before.codes[1]!] }, [
    event('access_code.deleted', { access_code_id: 'other', occurredAt: NOON + 1 }),
    event('access_code.removed_from_device', { access_code_id: 'gone', occurredAt: NOON + 2 }),
    event('access_code.deleted', { access_code_id: 'gone', occurredAt: NOON + 3 }),
  ]);
  expect(store.lockState('a')?.codes.map((code) => code.accessCodeId)).toEqual(['other']);
  expect(place.sql('SELECT * FROM tombstones')).toEqual([
    {
      tombstone_id: 1,
      device_id: 'a',
      access_code_id: 'gone',
      name: 'Guest',
      starts_at: WINDOW.startsAt,
      ends_at: WINDOW.endsAt,
      created_at: NOON,
      slot: 7,
      deleted_at: NOON + 3,
    },
  ]);
});

test('a code may come back after its deletion, and the oldest tombstones go', () => {
  const place = hubPlace();
  const store = place.open({ bounds: { tombstonesMax: 2 } });
  const empty = lockState('a');
  store.commit(undefined, empty, []);
  for (const slot of [1, 2, 3]) {
    const full = { ...empty, codes: [accessCode('again', { slot })] };
    store.commit(empty, full, []);
    store.commit(full, empty, []);
  }
  expect(place.sql('SELECT slot, deleted_at FROM tombstones')).toEqual([
    { slot: 2, deleted_at: null },
    { slot: 3, deleted_at: null },
  ]);
});

test('what was never stored as believed is a bug and changes nothing', () => {
  const place = hubPlace();
  const store = place.open();
  const state = lockState('a', { codes: [accessCode('one')] });
  store.commit(undefined, state, []);
  expect(() => store.commit(undefined, lockState('a'), [])).toThrow(/UNIQUE/);
  expect(() => store.commit(lockState('b'), state, [])).toThrow(/two locks/);
  const believed = { ...state, codes: [accessCode('never')] };
  expect(() => store.commit(believed, lockState('a'), [event('lock.locked')])).toThrow(/not stored/);
  expect(revealed(place.reread('a'))).toEqual(revealed(state));
  expect(revealed(store.lockState('a'))).toEqual(revealed(state));
  expect(store.outbox.head()).toBe(0);
});

test.each([
  ['UPDATE access_codes SET status = ?', 'no such status', /access_codes.*: status/],
  [
    'UPDATE access_codes SET errors = ?',
    '[{"code":"odd","message":"","createdAt":1}]',
    /access_codes.*errors.0.code/,
  ],
  ['UPDATE access_codes SET rejected = ?', '{', /access_codes.*rejected: not JSON/],
  ['UPDATE access_codes SET pin = ?', Buffer.alloc(40), /access_codes.*pin does not open/],
  ['UPDATE access_codes SET pin = ?', Buffer.alloc(3), /access_codes.*pin does not open/],
  ['UPDATE slots SET enabled = ?', null, /Row a 1 of table slots: pin or enabled/],
  ['UPDATE slots SET pin = ?', null, /Row a 1 of table slots: pin or enabled/],
  ["UPDATE slots SET content = 'masked', enabled = ?", null, /Row a 1 of table slots: enabled/],
  ['UPDATE slots SET pending_over_empty = ?', null, /Row a 1 of table slots: pending_over_empty/],
  ['UPDATE slots SET recheck = ?', 2, /Row a 1 of table slots: recheck/],
  ['UPDATE locks SET capabilities = ?', '{"firstSlot":1}', /Row a of table locks: capabilities/],
])('%s to what nobody wrote is told with table and row, and other locks go on', (statement, value, words) => {
  const place = hubPlace();
  const store = place.open();
  const content = { kind: 'pin', pin: pin('1357'), enabled: true } as const;
  const slot = slotRow(1, { content, pending: { pin: pin('2468'), overEmpty: true } });
  store.commit(undefined, lockState('a', { codes: [accessCode('one')], slots: [slot] }), []);
  place.sql(statement, value);
  store.commit(undefined, lockState('b', { codes: [accessCode('one')] }), []);
  store.close();
  const reopened = place.open();
  const failure = storeFailure(() => reopened.lockState('a'));
  expect(failure.kind).toBe('unreadable_row');
  expect(failure.message).toMatch(words);
  expect(reopened.lockState('b')?.codes).toHaveLength(1);
});

test.each([
  ['codes', "UPDATE access_codes SET pin = (SELECT pin FROM access_codes WHERE access_code_id = 'two')"],
  ['slots', 'UPDATE slots SET pin = (SELECT pin FROM slots WHERE slot = 2)'],
  ['a slot and its pending write', 'UPDATE slots SET pending_pin = pin WHERE slot = 1'],
])('sealed PINs moved between %s do not open', (_, statement) => {
  const place = hubPlace();
  const store = place.open();
  const slots = [1, 2].map((slot) =>
    slotRow(slot, {
      content: { kind: 'pin', pin: pin('1357'), enabled: true },
      pending: { pin: pin('2468'), overEmpty: false },
    }),
  );
  store.commit(undefined, lockState('a', { codes: [accessCode('one'), accessCode('two')], slots }), []);
  place.sql(statement);
  expect(storeFailure(() => place.reread('a')).kind).toBe('unreadable_row');
});
