import { expect, test } from 'vitest';

import type { EventFilter, LoggedEvent, Store } from '../../src/store/store.ts';
import { hubPlace } from './store-fixture.ts';
import { event, NOON } from './store-rows.ts';
import { databaseOfVersion1 } from './store-version-1.ts';

const ALL = 1_000_000;
const seqs = (events: readonly LoggedEvent[]): readonly number[] => events.map(({ seq }) => seq);

function listed(store: Store, filter: EventFilter): readonly number[] {
  return seqs(store.events.list(filter, null, ALL));
}

/** A store with one event a minute from noon on, whose clock runs an hour ahead of what it is told. */
function storeOfFive() {
  let now = NOON;
  const place = hubPlace();
  const store = place.open({ now: () => now });
  const told = [
    event('lock.unlocked', { device_id: 'a', access_code_id: 'x', details: { method: 'keycode' } }),
    event('lock.locked', { device_id: 'a' }),
    event('lock.unlocked', { device_id: 'b', access_code_id: 'y' }),
    event('hub.started'),
    event('access_code.created', { device_id: 'b', access_code_id: 'x' }),
  ];
  for (const one of told) {
    store.append([{ ...one, occurredAt: now - 3_600_000 }]);
    now += 60_000;
  }
  return { store, place };
}

test('an event is found by its id, as it went out, with when it was written down', () => {
  const { store, place } = storeOfFive();
  const [sent] = store.outbox.after(2, 1);
  const id = String(sent?.event['event_id']);
  const expected = { seq: 3, createdAt: NOON + 120_000, event: sent?.event };
  expect(store.events.get(id)).toEqual(expected);
  expect(sent?.event['occurred_at']).toBe('2026-11-22T11:02:00.000Z');
  const other = id.replace(/^./, (digit) => (digit === '0' ? '1' : '0'));
  for (const unknown of [other, `${id.slice(0, -1)}9`, '', 'nonsense', id.slice(-12)]) {
    expect(store.events.get(unknown)).toBeUndefined();
  }
  store.close();
  expect(place.open().events.get(id)).toEqual(expected);
});

test('events are listed by when they were written down, by lock, code and type, and all that is asked must hold', () => {
  const { store } = storeOfFive();
  expect(listed(store, {})).toEqual([1, 2, 3, 4, 5]);
  expect(listed(store, { since: NOON + 60_000, before: NOON + 180_000 })).toEqual([2, 3]);
  expect(listed(store, { deviceIds: ['a'] })).toEqual([1, 2]);
  expect(listed(store, { deviceIds: ['a', 'b'] })).toEqual([1, 2, 3, 5]);
  expect(listed(store, { accessCodeIds: ['x'] })).toEqual([1, 5]);
  expect(listed(store, { eventTypes: ['lock.unlocked', 'hub.started'] })).toEqual([1, 3, 4]);
  expect(listed(store, { deviceIds: ['b'], eventTypes: ['lock.unlocked'] })).toEqual([3]);
  expect(listed(store, { deviceIds: [] })).toEqual([]);
  expect(seqs(store.events.newest({ deviceIds: ['b'] }, 1))).toEqual([5]);
  expect(seqs(store.events.newest({}, 3))).toEqual([5, 4, 3]);
});

test('page after page tells each event once, also many of one instant and some from before a step of the clock', () => {
  let now = NOON;
  const store = hubPlace().open({ now: () => now });
  store.append(Array.from({ length: 7 }, () => event('lock.locked')));
  now -= 1000;
  store.append(Array.from({ length: 4 }, () => event('lock.unlocked')));
  const told: LoggedEvent[] = [];
  for (let page = 0; page < 10; page += 1) told.push(...store.events.list({}, told.at(-1) ?? null, 2));
  expect(seqs(told)).toEqual([8, 9, 10, 11, 1, 2, 3, 4, 5, 6, 7]);
});

test('the next event of some types comes by its number, whatever the clock did', () => {
  const { store } = storeOfFive();
  expect(store.events.next(0, null)?.seq).toBe(1);
  expect(store.events.next(1, ['lock.unlocked', 'hub.started'])?.seq).toBe(3);
  expect(store.events.next(3, ['lock.unlocked'])).toBeUndefined();
  expect(store.events.next(5, null)).toBeUndefined();
});

test('what the cloud has and what a full outbox gave up stays, up to the newest so many', () => {
  const store = hubPlace().open({ bounds: { outboxRowsMax: 3, eventLogRowsMax: 8 } });
  for (let count = 0; count < 5; count += 1) store.append([event('device.connected')]);
  store.outbox.ack(store.outbox.head());
  expect(store.outbox.depth()).toBe(0);
  const { length } = listed(store, { eventTypes: ['device.connected'] });
  expect(length).toBe(5);
  for (let count = 0; count < 7; count += 1) store.append([event('lock.locked')]);
  const head = store.outbox.head();
  expect(listed(store, {})).toEqual(Array.from({ length: 8 }, (_, index) => head - 7 + index));
});

test('an event that was taken back leaves nothing', () => {
  const store = hubPlace().open();
  expect(() =>
    store.transaction(() => {
      store.append([event('lock.locked')]);
      throw new Error('undone');
    }),
  ).toThrow('undone');
  expect(listed(store, {})).toEqual([]);
});

test('a database from before the log begins it with what waits for the cloud', () => {
  const store = databaseOfVersion1().open();
  const [sent] = store.outbox.after(0, 1);
  const at = Date.parse('2026-11-22T12:00:00.250Z');
  expect(store.events.list({ deviceIds: ['a'] }, null, ALL)).toEqual([
    { seq: 1, createdAt: at, event: sent?.event },
  ]);
  expect(store.events.get(String(sent?.event['event_id']))?.seq).toBe(1);
});
