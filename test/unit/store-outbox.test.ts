import { expect, test } from 'vitest';

import type { EventType } from '../../src/core/event.ts';
import type { Store } from '../../src/store/store.ts';
import { hubPlace } from './store-fixture.ts';
import { event, NOON } from './store-rows.ts';

const ALL = 1_000_000;

function seqs(store: Store): readonly number[] {
  return store.outbox.after(0, ALL).map((row) => row.seq);
}

function types(store: Store): readonly unknown[] {
  return store.outbox.after(0, ALL).map((row) => row.event['event_type']);
}

function append(store: Store, ...list: readonly EventType[]): void {
  store.append(list.map((type) => event(type)));
}

test('an event goes out with its id, its time and its details at top level', () => {
  const place = hubPlace();
  const store = place.open();
  store.append([
    event('access_code.set_on_device', {
      device_id: 'a',
      access_code_id: 'c',
      details: { slot: 3, deep: { x: ['é'] } },
    }),
    event('hub.started', { occurredAt: NOON + 5 }),
  ]);
  const { epoch } = store.outbox;
  const ids = ['000000000001', '000000000002'].map(
    (seq) => `${epoch.slice(0, 14)}8${epoch.slice(15, 24)}${seq}`,
  );
  const expected = [
    {
      event_id: ids[0],
      event_type: 'access_code.set_on_device',
      occurred_at: '2026-11-22T12:00:00.000Z',
      device_id: 'a',
      access_code_id: 'c',
      slot: 3,
      deep: { x: ['é'] },
    },
    { event_id: ids[1], event_type: 'hub.started', occurred_at: '2026-11-22T12:00:00.005Z' },
  ];
  const rows = store.outbox.after(0, ALL);
  expect(rows.map((row) => row.event)).toEqual(expected);
  expect(rows.map((row) => row.seq)).toEqual([1, 2]);
  const sent = store.outbox.batch(0, ALL, ALL);
  expect(JSON.parse(`[${String(sent?.json)}]`)).toEqual(
    expected.map((fields, index) => ({ seq: index + 1, ...fields })),
  );
  expect(sent?.throughSeq).toBe(2);
  store.close();
  expect(place.open().outbox.after(0, ALL)).toEqual(rows);
});

test('a time that is none is a bug, found before it is stored', () => {
  const store = hubPlace().open();
  expect(() => store.append([event('hub.started', { occurredAt: Number.NaN })])).toThrow(RangeError);
  expect(store.outbox.head()).toBe(0);
});

test('seqs start at 1, rise without gaps, and are never given twice', () => {
  const place = hubPlace();
  let store = place.open();
  expect([store.outbox.head(), store.outbox.acked(), store.outbox.published()]).toEqual([0, 0, 0]);
  append(store, 'hub.started', 'lock.locked');
  expect(() =>
    store.transaction(() => {
      append(store, 'lock.unlocked');
      throw new Error('undone');
    }),
  ).toThrow('undone');
  append(store, 'lock.unlocked');
  expect(store.outbox.ack(3)).toBe(3);
  expect(seqs(store)).toEqual([]);
  store.close();
  store = place.open();
  append(store, 'lock.locked');
  expect(seqs(store)).toEqual([4]);
  expect([store.outbox.head(), store.outbox.acked(), store.outbox.depth()]).toEqual([4, 3, 1]);
});

test('rows are read in order, after a seq and up to a limit', () => {
  const store = hubPlace().open();
  append(store, 'lock.locked', 'device.connected', 'lock.unlocked', 'hub.started');
  expect(store.outbox.after(1, 2).map((row) => row.seq)).toEqual([2, 3]);
  expect(store.outbox.after(4, 2)).toEqual([]);
  expect(store.outbox.batch(1, 4, 2)).toMatchObject({ throughSeq: 3 });
  expect(store.outbox.batch(1, 2, 4)).toMatchObject({ throughSeq: 2 });
  expect(store.outbox.batch(2, 2, 4)).toBeUndefined();
});

test('only an acknowledgement deletes rows, never above the head and never back', () => {
  const store = hubPlace().open();
  append(store, 'lock.locked', 'lock.unlocked', 'lock.locked');
  store.outbox.setPublished(3);
  expect([store.outbox.published(), store.outbox.depth()]).toEqual([3, 3]);
  expect(store.outbox.ack(2)).toBe(2);
  expect([seqs(store), store.outbox.depth()]).toEqual([[3], 1]);
  expect(store.outbox.ack(1)).toBe(2);
  expect(store.outbox.acked()).toBe(2);
  expect(store.outbox.ack(Number.MAX_SAFE_INTEGER)).toBe(3);
  expect([store.outbox.acked(), store.outbox.depth()]).toEqual([3, 0]);
});

test('what is acknowledged and published outlives a restart', () => {
  const place = hubPlace();
  const store = place.open();
  append(store, 'lock.locked', 'lock.unlocked');
  store.outbox.ack(1);
  store.outbox.setPublished(2);
  store.close();
  const { outbox } = place.open();
  expect([outbox.acked(), outbox.published(), outbox.head()]).toEqual([1, 2, 2]);
});

test('a full outbox gives up the oldest telemetry first, and tells so', () => {
  const store = hubPlace().open({ bounds: { outboxRowsMax: 5 } });
  append(store, 'hub.started', 'device.connected', 'lock.locked', 'device.low_battery', 'device.added');
  expect(store.outbox.depth()).toBe(5);
  store.append([event('access_code.created', { occurredAt: NOON + 9 })]);
  expect(types(store)).toEqual([
    'hub.started',
    'lock.locked',
    'device.added',
    'access_code.created',
    'hub.events_lost',
  ]);
  expect(seqs(store)).toEqual([1, 3, 5, 6, 7]);
  expect(store.outbox.after(6, 1)[0]?.event).toMatchObject({
    occurred_at: new Date(NOON + 9).toISOString(),
    count: 2,
    first_seq: 2,
    last_seq: 4,
  });
});

test('then other events go, and one row tells all that was lost', () => {
  const store = hubPlace().open({ bounds: { outboxRowsMax: 4 } });
  append(store, 'hub.started', 'device.added', 'device.connected', 'lock.locked', 'lock.unlocked');
  expect(types(store)).toEqual(['device.added', 'lock.locked', 'lock.unlocked', 'hub.events_lost']);
  append(store, 'lock.jammed');
  expect(types(store)).toEqual(['lock.locked', 'lock.unlocked', 'lock.jammed', 'hub.events_lost']);
  expect(store.outbox.after(7, 1)[0]?.event).toMatchObject({ count: 3, first_seq: 1, last_seq: 6 });
  expect(store.outbox.depth()).toBe(4);
});

test('security events are never given up, even beyond the bound', () => {
  const store = hubPlace().open({ bounds: { outboxRowsMax: 2 } });
  const kept: EventType[] = ['access_code.created', 'lock.unlocked', 'device.tampered', 'lock.access_denied'];
  append(store, ...kept);
  expect(types(store)).toEqual(kept);
  append(store, 'device.battery_status_changed');
  expect(types(store)).toEqual([...kept, 'hub.events_lost']);
  append(store, 'device.battery_status_changed');
  expect(types(store)).toEqual([...kept, 'hub.events_lost']);
  expect(store.outbox.after(0, ALL).at(-1)?.event).toMatchObject({ count: 2, first_seq: 5, last_seq: 7 });
});

test('a loss that was acknowledged is not told again', () => {
  const store = hubPlace().open({ bounds: { outboxRowsMax: 2 } });
  append(store, 'device.connected', 'device.connected', 'device.connected');
  store.outbox.ack(store.outbox.head());
  append(store, 'device.connected', 'device.connected', 'device.connected');
  const told = store.outbox.after(0, ALL).at(-1);
  expect(told?.event).toMatchObject({ event_type: 'hub.events_lost', count: 2, first_seq: 5, last_seq: 6 });
});

test('the bytes of the events are bounded too', () => {
  const store = hubPlace().open({ bounds: { outboxBytesMax: 5000 } });
  const bulky = event('device.connected', { details: { text: 'ü'.repeat(900) } });
  store.append([bulky, bulky]);
  expect(store.outbox.depth()).toBe(2);
  store.append([bulky]);
  expect(types(store)).toEqual(['device.connected', 'device.connected', 'hub.events_lost']);
  expect(seqs(store)).toEqual([2, 3, 4]);
  store.outbox.ack(4);
  store.append([bulky, bulky]);
  expect(seqs(store)).toEqual([5, 6]);
});

test('a large full outbox gives up a hundredth at once', () => {
  const store = hubPlace().open({ bounds: { outboxRowsMax: 1000 } });
  append(store, ...Array.from({ length: 1001 }, (): EventType => 'device.connected'));
  expect(store.outbox.depth()).toBe(992);
  expect(store.outbox.after(0, ALL).at(-1)?.event).toMatchObject({ count: 10, first_seq: 1, last_seq: 10 });
});
