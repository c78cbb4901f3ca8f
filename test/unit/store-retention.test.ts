import { statSync } from 'node:fs';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { DAY_MS } from '../../src/core/time.ts';
import { livesOn } from '../support/busy-year.ts';
import { hubPlace } from './store-fixture.ts';

const START = Date.parse('2026-03-02T00:00:00Z');
const DAY = { locks: 1, guests: 3, events: 20, operations: 10 };
const BOUNDS = {
  eventLogRowsMax: 1000,
  journalRowsMax: 500,
  tombstonesMax: 150,
  tenuresPerSlotMax: 20,
  measurementsPerLockMax: 150,
};
/** By then each of them is reached. */
const FULL_DAYS = 60;
const YEAR = 366;

test('once its bounds are reached a database of a busy house grows no more, and its log stays within its bound', () => {
  const place = hubPlace();
  const store = place.open({ bounds: BOUNDS });
  const sizes: number[] = [];
  livesOn(store, START, 3 * FULL_DAYS, DAY, () => sizes.push(store.sizeBytes()));
  const full = Math.max(...sizes.slice(0, FULL_DAYS));
  expect(Math.max(...sizes)).toBeLessThan(full * 1.2);
  // SQLite's log is written anew from its beginning; this is its own bound and a day's work beyond it.
  expect(statSync(`${place.file}-wal`).size).toBeLessThan(6 * 1024 * 1024);
  expect(store.events.list({}, null, 10_000).length).toBeLessThanOrEqual(BOUNDS.eventLogRowsMax);
});

test('what is older than it is kept goes, whatever its number; what is newer stays', () => {
  const store = hubPlace().open();
  livesOn(store, START, 2, { ...DAY, events: 3 }, () => undefined);
  const all = store.events.list({}, null, 1000).length;
  store.tidy(START + (YEAR + 1) * DAY_MS, false);
  const kept = store.events.list({}, null, 1000);
  expect(kept.length).toBeLessThan(all);
  expect(kept.every(({ createdAt }) => createdAt >= START + DAY_MS)).toBe(true);
  expect(store.history.operations('lock-0', 100)).toEqual([]);
  expect(store.history.measurements('lock-0')).toHaveLength(4);
  store.tidy(START + 2 * YEAR * DAY_MS, false);
  // The newest event tells where the count goes on.
  expect(store.events.list({}, null, 1000)).toHaveLength(1);
  expect(store.history.measurements('lock-0')).toEqual([]);
  expect(store.lockState('lock-0')?.codes).toHaveLength(DAY.guests);
});

test('where the disk is short, a tenth of the history stays, and the room of the rest is given back', () => {
  const place = hubPlace();
  const store = place.open({ bounds: { eventLogRowsMax: 20_000, journalRowsMax: 2000 } });
  livesOn(store, START, 5, { locks: 4, guests: 1, events: 1000, operations: 500 }, () => undefined);
  expect(store.events.list({}, null, 100_000)).toHaveLength(20_000);
  const before = store.sizeBytes();
  store.tidy(START + 5 * DAY_MS, true);
  expect(store.events.list({}, null, 100_000)).toHaveLength(2000);
  expect(store.history.operations('lock-3', 100_000)).toHaveLength(200);
  expect(store.sizeBytes()).toBeLessThan(before - 1024 * 1024);
});

test('a database that could not shrink can after its next start, with all that it held', () => {
  const place = hubPlace();
  const first = place.open();
  livesOn(first, START, 3, DAY, () => undefined);
  const held = first.events.list({}, null, 10_000);
  first.close();
  const database = new Database(place.file);
  database.pragma('auto_vacuum = NONE');
  database.exec('VACUUM');
  database.close();
  expect(place.sql('PRAGMA auto_vacuum')).toEqual([{ auto_vacuum: 0 }]);
  const second = place.open();
  expect(place.sql('PRAGMA auto_vacuum')).toEqual([{ auto_vacuum: 2 }]);
  expect(second.events.list({}, null, 10_000)).toEqual(held);
  expect(second.lockState('lock-0')?.codes).toHaveLength(DAY.guests);
});
