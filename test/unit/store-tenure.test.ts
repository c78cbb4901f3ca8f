import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import type { LockState } from '../../src/core/lock.ts';
import type { Slot, SlotBelief } from '../../src/core/slot.ts';
import type { Tenant } from '../../src/core/observe/tenure.ts';
import { hubPlace } from './store-fixture.ts';
import { accessCode, lockState, NOON, pin, slotRow } from './store-rows.ts';

const OURS = pin('0042');
const FOREIGN = pin('9753');

function holding(digits = OURS): SlotBelief {
  return { kind: 'pin', pin: digits, enabled: true };
}

function managed(accessCodeId: string): Tenant {
  return { accessCodeId, isManaged: true };
}

function unmanaged(accessCodeId: string): Tenant {
  return { accessCodeId, isManaged: false };
}

/** A lock in a store of its own: each call of `slot` commits what became of slot 1, and of the codes if they are given. */
function lockWithOneSlot(codeIds: readonly string[], bounds = {}) {
  const store = hubPlace().open({ bounds });
  let state: LockState = lockState('a', { codes: codeIds.map((id) => accessCode(id)) });
  store.commit(undefined, state, []);
  return {
    store,
    slot: (change: Partial<Slot>, codes = state.codes) => {
      const after = { ...state, codes, slots: [{ ...(state.slots[0] ?? slotRow(1)), ...change }] };
      store.commit(state, after, []);
      state = after;
    },
    tenants: (...times: readonly number[]) => times.map((at) => store.tenantAt('a', 1, at)),
  };
}

test('a code holds its slot from the write on, over a crash, until the slot is proven empty', () => {
  const { slot, tenants } = lockWithOneSlot(['one', 'two']);
  slot({ owner: 'one', pending: { pin: OURS, overEmpty: true }, writtenAt: 100 });
  slot({ content: { kind: 'unknown' } });
  slot({ content: holding(), pending: null, provenAt: 130 });
  slot({ pending: { pin: pin('2468'), overEmpty: false }, writtenAt: 200 });
  slot({ content: holding(pin('2468')), pending: null, provenAt: 210, writtenAt: 210 });
  slot({ content: { kind: 'unknown' }, writtenAt: 300 });
  slot({ owner: null, content: { kind: 'empty' }, provenAt: 350, writtenAt: 350 });
  slot({ owner: 'two', pending: { pin: OURS, overEmpty: true }, writtenAt: 400 });
  const one = managed('one');
  expect(tenants(99, 100, 130, 205, 320, 349)).toEqual([undefined, one, one, one, one, one]);
  expect(tenants(350, 399, 400, 4e12)).toEqual([undefined, undefined, managed('two'), managed('two')]);
});

test('a write that the lock refused never gave the code a slot', () => {
  const { slot, tenants } = lockWithOneSlot(['one']);
  slot({ owner: 'one', pending: { pin: OURS, overEmpty: true }, provenAt: 90, writtenAt: 100 });
  slot({ owner: null, pending: null });
  expect(tenants(95, 100, 101)).toEqual([undefined, undefined, undefined]);
});

test('a slot that is only kept for a code is nobody’s', () => {
  const { slot, tenants } = lockWithOneSlot(['one']);
  slot({ owner: 'one', provenAt: 100, writtenAt: 100 });
  expect(tenants(100, 200)).toEqual([undefined, undefined]);
});

test('what somebody else put over a code is nobody’s, until the code is there again', () => {
  const { slot, tenants } = lockWithOneSlot(['one']);
  slot({ owner: 'one', content: holding(), provenAt: 100, writtenAt: 100 });
  slot({ content: holding(FOREIGN), provenAt: 200 }, [accessCode('one', { externallyModified: true })]);
  slot({ recheck: 'edited' }, [accessCode('one', { pin: pin('8642') })]);
  slot({ content: { kind: 'masked', enabled: true }, provenAt: 210 });
  slot({ content: { kind: 'unknown' } });
  expect(tenants(199, 200, 4e12)).toEqual([managed('one'), undefined, undefined]);
  slot({ content: holding(), provenAt: 300 }, [accessCode('one')]);
  expect(tenants(199, 200, 299, 300)).toEqual([managed('one'), undefined, undefined, managed('one')]);
});

test('a refused write over what somebody else put there did not bring the code back', () => {
  const { slot, tenants } = lockWithOneSlot(['one']);
  slot({ owner: 'one', content: holding(), provenAt: 100, writtenAt: 100 });
  slot({ content: holding(FOREIGN), provenAt: 200 }, [accessCode('one', { externallyModified: true })]);
  slot({ pending: { pin: OURS, overEmpty: false }, writtenAt: 300 });
  expect(tenants(299, 300)).toEqual([undefined, managed('one')]);
  slot({ pending: null });
  expect(tenants(199, 250, 300)).toEqual([managed('one'), undefined, undefined]);
});

test('what somebody puts over a code that is being removed is nobody’s', () => {
  const { slot, tenants } = lockWithOneSlot(['one']);
  slot({ owner: 'one', content: holding(), provenAt: 100, writtenAt: 100 });
  slot({ content: holding(FOREIGN), provenAt: 200 }, [accessCode('one', { removingSince: 150 })]);
  expect(tenants(199, 200)).toEqual([managed('one'), undefined]);
});

test('a mask is somebody else’s where a proven PIN was, and still the code’s after a write of our own', () => {
  const { slot, tenants } = lockWithOneSlot(['one']);
  const masked = { kind: 'masked', enabled: true } as const;
  slot({ owner: 'one', content: holding(), provenAt: 100, writtenAt: 100 });
  slot({ pending: { pin: pin('2468'), overEmpty: false }, writtenAt: 200 });
  slot({ content: masked, pending: null, provenAt: 210 });
  slot({ content: holding(), provenAt: 300 });
  slot({ content: masked, provenAt: 400 });
  expect(tenants(210, 399, 400)).toEqual([managed('one'), managed('one'), undefined]);
});

test('a code whose new PIN is not on the lock yet is there with its old one', () => {
  const { slot, tenants } = lockWithOneSlot(['one']);
  slot({ owner: 'one', content: holding(), provenAt: 100, writtenAt: 100 });
  slot({ provenAt: 200 }, [accessCode('one', { pin: pin('8642') })]);
  expect(tenants(150, 250)).toEqual([managed('one'), managed('one')]);
});

test('a code that takes over the PIN somebody put there has its slot back, though no slot changed', () => {
  const { store, slot, tenants } = lockWithOneSlot(['one']);
  const edited = accessCode('one', { externallyModified: true });
  slot({ owner: 'one', content: holding(), provenAt: 100, writtenAt: 100 });
  slot({ content: holding(FOREIGN), provenAt: 200 }, [edited]);
  expect(tenants(250)).toEqual([undefined]);
  const state = store.lockState('a')!;
  store.commit(state, { ...state, codes: [{ ...edited, pin: FOREIGN }] }, []);
  expect(tenants(199, 250)).toEqual([managed('one'), managed('one')]);
});

test('a foreign code holds its slot as unmanaged, also while it is deleted, and as managed once it is adopted', () => {
  const { slot, tenants } = lockWithOneSlot([]);
  slot({ content: holding(FOREIGN), provenAt: 120, unmanaged: { accessCodeId: 'found', since: 100 } });
  slot({ provenAt: 200 });
  slot({ owner: 'found' }, [accessCode('found', { pin: FOREIGN, removingSince: 210 })]);
  expect(tenants(220)).toEqual([unmanaged('found')]);
  slot({ unmanaged: null }, [accessCode('found', { pin: FOREIGN, statusSince: 230 })]);
  slot({ owner: null, content: { kind: 'empty' }, provenAt: 300 }, []);
  expect(tenants(99, 100, 229, 230, 299, 300)).toEqual([
    undefined,
    unmanaged('found'),
    unmanaged('found'),
    managed('found'),
    managed('found'),
    undefined,
  ]);
});

test('one foreign code after the other', () => {
  const { slot, tenants } = lockWithOneSlot([]);
  slot({ content: holding(FOREIGN), provenAt: 100, unmanaged: { accessCodeId: 'first', since: 100 } });
  slot({ content: holding(OURS), provenAt: 200, unmanaged: { accessCodeId: 'second', since: 200 } });
  slot({ content: { kind: 'empty' }, provenAt: 300, unmanaged: null });
  expect(tenants(150, 200, 300)).toEqual([unmanaged('first'), unmanaged('second'), undefined]);
});

test('after the clock was put back an earlier code does not answer for a later one', () => {
  const { slot, tenants } = lockWithOneSlot(['one', 'two']);
  slot({ owner: 'one', content: holding(), provenAt: 100, writtenAt: 100 });
  slot({ owner: null, content: { kind: 'empty' }, provenAt: 9000, writtenAt: 9000 });
  slot({ owner: 'two', content: holding(), provenAt: 200, writtenAt: 200 });
  expect(tenants(150, 250, 8000, 9500)).toEqual([
    managed('one'),
    managed('two'),
    managed('two'),
    managed('two'),
  ]);
});

test('a code that is gone from a slot kept for it has left it', () => {
  const { slot, tenants } = lockWithOneSlot(['one']);
  slot({ owner: 'one', content: holding(), provenAt: 100, writtenAt: 100 });
  slot({ content: { kind: 'empty' }, provenAt: 200 });
  expect(tenants(199, 200)).toEqual([managed('one'), undefined]);
});

test('a code without any proof is there since it was written, and one without any time since ever', () => {
  const { slot, tenants } = lockWithOneSlot(['one', 'two']);
  slot({ owner: 'one', content: { kind: 'unknown' }, provenAt: null, writtenAt: 100 });
  slot({ content: holding() });
  expect(tenants(99, 100)).toEqual([undefined, managed('one')]);
  slot({ owner: 'two', writtenAt: null });
  expect(tenants(0, 100)).toEqual([managed('two'), managed('two')]);
});

test('a row that is gone ends what it held', () => {
  const store = hubPlace().open();
  const begun = lockState('a', {
    codes: [accessCode('one')],
    slots: [slotRow(1, { owner: 'one', content: holding(), provenAt: 100 })],
  });
  const proven = { ...begun, slots: [{ ...begun.slots[0]!, provenAt: 200 }] };
  store.commit(undefined, begun, []);
  store.commit(begun, proven, []);
  store.commit(proven, { ...proven, slots: [] }, []);
  expect(store.tenantAt('a', 1, 199)).toEqual(managed('one'));
  expect(store.tenantAt('a', 1, 200)).toBeUndefined();
});

test('what was not committed left no tenant, and each lock has its own', () => {
  const store = hubPlace().open();
  const [a, b] = [
    lockState('a', { codes: [accessCode('one')] }),
    lockState('b', { codes: [accessCode('two')] }),
  ];
  store.commit(undefined, a, []);
  store.commit(undefined, b, []);
  const failing = () =>
    store.transaction(() => {
      store.commit(a, { ...a, slots: [slotRow(1, { owner: 'one', content: holding() })] }, []);
      throw new Error('power cut');
    });
  expect(failing).toThrow('power cut');
  store.commit(b, { ...b, slots: [slotRow(1, { owner: 'two', content: holding() })] }, []);
  expect(store.tenantAt('a', 1, NOON)).toBeUndefined();
  expect(store.tenantAt('b', 1, NOON)).toEqual(managed('two'));
  expect(store.tenantAt('b', 2, NOON)).toBeUndefined();
});

test('the newest tenants of each slot are remembered', () => {
  const { store, slot, tenants } = lockWithOneSlot(['one'], { tenuresPerSlotMax: 2 });
  const state = store.lockState('a')!;
  store.commit(state, { ...state, slots: [slotRow(9, { owner: 'one', content: holding() })] }, []);
  for (const at of [100, 200, 300, 400]) {
    slot({ owner: 'one', content: holding(), provenAt: at, writtenAt: at });
    slot({ owner: null, content: { kind: 'empty' }, provenAt: at + 50, writtenAt: at + 50 });
  }
  expect(tenants(110, 210, 310, 410)).toEqual([undefined, undefined, managed('one'), managed('one')]);
  expect(store.tenantAt('a', 9, NOON)).toEqual(managed('one'));
});

/** What can happen to one slot; what makes no sense for the slot as it is does not happen. */
const ACTIONS = {
  write: (row: Slot, at: number, code: string) =>
    isFree(row) && { ...row, owner: code, pending: { pin: OURS, overEmpty: true }, writtenAt: at },
  overwrite: (row: Slot, at: number) =>
    row.owner !== null &&
    row.content.kind === 'pin' && { ...row, pending: { pin: OURS, overEmpty: false }, writtenAt: at },
  lose: (row: Slot) => row.pending !== null && { ...row, content: { kind: 'unknown' as const } },
  edit: (row: Slot, at: number) =>
    row.content.kind === 'pin' &&
    row.pending === null &&
    row.owner !== null && { ...row, content: holding(FOREIGN), provenAt: at },
  editMasked: (row: Slot, at: number) =>
    row.content.kind === 'pin' &&
    row.pending === null &&
    row.owner !== null && {
      ...row,
      content: { kind: 'masked' as const, enabled: true },
      provenAt: at,
    },
  refuse: (row: Slot) =>
    row.pending !== null && row.content.kind === 'empty' && { ...row, owner: null, pending: null },
  prove: (row: Slot, at: number) =>
    row.owner !== null && { ...row, content: holding(), pending: null, provenAt: at },
  loseClear: (row: Slot, at: number) =>
    row.owner !== null &&
    row.pending === null && { ...row, content: { kind: 'unknown' as const }, writtenAt: at },
  empty: (row: Slot, at: number) =>
    !isFree(row) && {
      ...row,
      owner: null,
      unmanaged: null,
      pending: null,
      content: { kind: 'empty' as const },
      provenAt: at,
    },
  program: (row: Slot, at: number, code: string) =>
    isFree(row) && {
      ...row,
      content: holding(),
      provenAt: at,
      unmanaged: { accessCodeId: code, since: at },
    },
  adopt: (row: Slot) =>
    row.unmanaged !== null && { ...row, owner: row.unmanaged.accessCodeId, unmanaged: null },
};

type Action = keyof typeof ACTIONS;

function isFree(row: Slot): boolean {
  return row.owner === null && row.unmanaged === null;
}

interface Tenure {
  readonly slot: number;
  readonly tenant: Tenant;
  readonly from: number;
  till: number;
}

/** Writes down by hand who held a slot when. */
function note(book: Tenure[], action: Action, before: Slot, at: number, code: string): Tenure[] {
  const open = book.find((entry) => entry.slot === before.slot && entry.till === Infinity);
  const began = (tenant: Tenant, from: number) => ({ slot: before.slot, tenant, from, till: Infinity });
  switch (action) {
    case 'write':
      return [...book, began(managed(code), at)];
    case 'program':
      return [...book, began(unmanaged(code), at)];
    case 'refuse':
      return book.filter((entry) => entry !== open);
    case 'edit':
    case 'editMasked':
    case 'empty':
      if (open !== undefined) open.till = at;
      return book;
    case 'adopt':
      if (open === undefined) throw new Error('nobody is there to be adopted');
      open.till = at;
      return [...book, began(managed(open.tenant.accessCodeId), at)];
    case 'overwrite':
    case 'prove':
      return open === undefined ? [...book, began(managed(before.owner ?? ''), at)] : book;
    case 'lose':
    case 'loseClear':
      return book;
  }
}

function holderIn(book: readonly Tenure[], slot: number, at: number): Tenant | undefined {
  return book.find((entry) => entry.slot === slot && entry.from <= at && at < entry.till)?.tenant;
}

interface Step {
  readonly action: Action;
  readonly slot: number;
  readonly code: string;
  readonly afterMs: number;
}

const anyStep: fc.Arbitrary<Step> = fc.record({
  action: fc.constantFrom(...(Object.keys(ACTIONS) as Action[])),
  slot: fc.constantFrom(1, 2),
  code: fc.constantFrom('one', 'two', 'three'),
  afterMs: fc.integer({ min: 1, max: 5 }),
});

test('whatever happens to the slots, the tenants are those of a list kept by hand', () => {
  const store = hubPlace().open();
  const seen = new Set<Action>();
  const live = (deviceId: string, steps: readonly Step[]) => {
    const known = ['one', 'two', 'three'].map((id) => accessCode(id));
    let state = lockState(deviceId, {
      codes: known,
      slots: [1, 2].map((slot) => slotRow(slot, { provenAt: 0 })),
    });
    let book: Tenure[] = [];
    let now = 10;
    store.commit(undefined, state, []);
    for (const { action, slot, code, afterMs } of steps) {
      now += afterMs;
      const before = state.slots[slot - 1]!;
      const row = ACTIONS[action](before, now, code);
      if (row === false) continue;
      seen.add(action);
      book = note(book, action, before, now, code);
      const adopted = action === 'adopt' ? before.unmanaged?.accessCodeId : undefined;
      const codes = state.codes.map((one) =>
        one.accessCodeId === adopted ? { ...one, statusSince: now } : one,
      );
      const after = { ...state, codes, slots: state.slots.with(slot - 1, row) };
      store.commit(state, after, []);
      state = after;
    }
    return { book, now };
  };
  let locks = 0;
  fc.assert(
    fc.property(fc.array(anyStep, { minLength: 20, maxLength: 60 }), (steps) => {
      const deviceId = `lock ${(locks += 1)}`;
      const { book, now } = store.transaction(() => live(deviceId, steps));
      for (let at = 0; at <= now + 1; at += 0.5) {
        expect([at, ...[1, 2].map((slot) => store.tenantAt(deviceId, slot, at))]).toEqual([
          at,
          ...[1, 2].map((slot) => holderIn(book, slot, at)),
        ]);
      }
    }),
    { numRuns: 100 },
  );
  expect([...seen].toSorted()).toEqual(Object.keys(ACTIONS).toSorted());
});
