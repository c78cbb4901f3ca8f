import { expect, test } from 'vitest';

import { hubPlace, storeFailure } from './store-fixture.ts';
import { accessCode, event, lockState } from './store-rows.ts';

const MEGABYTE = 1024 * 1024;

test('a transaction is all or nothing, its rows, events and operations', () => {
  const store = hubPlace().open();
  const state = lockState('a');
  store.commit(undefined, state, []);
  const failing = () =>
    store.transaction(() => {
      store.commit(state, { ...state, codes: [accessCode('one')] }, [event('access_code.created')]);
      store.begin('a', { kind: 'read_slot', slot: 1 }, null, 0);
      throw new Error('power cut');
    });
  expect(failing).toThrow('power cut');
  expect(store.lockState('a')?.codes).toEqual([]);
  expect(store.outbox.head()).toBe(0);
  expect(store.openOperations()).toEqual([]);
});

test('a transaction answers what its work answers', () => {
  const store = hubPlace().open();
  expect(store.transaction(() => store.transaction(() => 42))).toBe(42);
});

test('an inner transaction that failed leaves the outer one whole', () => {
  const store = hubPlace().open();
  store.transaction(() => {
    store.commit(undefined, lockState('a'), [event('device.added')]);
    expect(() =>
      store.transaction(() => {
        store.commit(undefined, lockState('b'), [event('device.added')]);
        throw new Error('inner');
      }),
    ).toThrow('inner');
  });
  expect(store.deviceIds()).toEqual(['a']);
  expect(store.outbox.head()).toBe(1);
});

test('listeners hear once of each outer commit that changed something, after it', () => {
  const store = hubPlace().open();
  const heard: unknown[] = [];
  store.onCommit((change) => heard.push({ ...change, head: store.outbox.head() }));
  const [a, b] = [lockState('a'), lockState('b')];
  store.transaction(() => {
    store.commit(undefined, a, []);
    store.commit(undefined, b, [event('device.added')]);
    expect(heard).toEqual([]);
  });
  expect(heard.splice(0)).toEqual([
    { deviceIds: ['a', 'b'], events: true, commands: false, webhooks: false, head: 1 },
  ]);
  store.commit(a, { ...a, codes: [accessCode('one')] }, []);
  expect(heard.splice(0)).toEqual([
    { deviceIds: ['a'], events: false, commands: false, webhooks: false, head: 1 },
  ]);
  store.append([event('hub.started')]);
  expect(heard.splice(0)).toEqual([
    { deviceIds: [], events: true, commands: false, webhooks: false, head: 2 },
  ]);
  store.append([]);
  store.commit(b, { ...b }, []);
  store.transaction(() => store.lockState('a'));
  store.begin('a', { kind: 'set_clock' }, null, 0);
  expect(() =>
    store.transaction(() => {
      store.append([event('hub.started')]);
      throw new Error('undone');
    }),
  ).toThrow('undone');
  expect(heard).toEqual([]);
});

test('a listener may commit itself', () => {
  const store = hubPlace().open();
  let answered = false;
  store.onCommit((change) => {
    if (answered) return;
    answered = true;
    expect(change.deviceIds).toEqual(['a']);
    store.append([event('hub.started')]);
  });
  store.commit(undefined, lockState('a'), []);
  expect(store.outbox.head()).toBe(1);
});

test('a full disk is told, costs nothing that was there, and is over when there is room again', () => {
  const store = hubPlace().open({ bounds: { fileBytesMax: MEGABYTE } });
  const state = lockState('a', { codes: [accessCode('one')] });
  store.commit(undefined, state, []);
  const bulky = event('hub.message_rejected', { details: { text: 'x'.repeat(10_000) } });
  const fill = () => {
    for (let count = 0; count < 1000; count += 1) store.append([bulky]);
  };
  expect(storeFailure(fill).kind).toBe('disk');
  const head = store.outbox.head();
  expect(head).toBeGreaterThan(30);
  const change = () =>
    store.commit(state, { ...state, codes: [accessCode('two', { name: 'x'.repeat(50_000) })] }, []);
  expect(storeFailure(change).kind).toBe('disk');
  expect(store.lockState('a')?.codes.map((code) => code.accessCodeId)).toEqual(['one']);
  expect(store.outbox.after(0, 1000)).toHaveLength(head);
  store.outbox.ack(head);
  change();
  expect(store.lockState('a')?.codes.map((code) => code.accessCodeId)).toEqual(['two']);
});
