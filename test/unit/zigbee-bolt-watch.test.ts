import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { BoltWatch, type Movement } from '../../drivers/zigbee/listen/bolt-watch.ts';

const byCode: Movement = { kind: 'unlocked', method: 'keycode', slot: 5 };
const unlocked: Movement = { kind: 'unlocked', method: 'unknown', slot: null };
const locked: Movement = { kind: 'locked', method: 'unknown', slot: null };

let told: Movement[];

beforeEach(() => {
  vi.useFakeTimers();
  told = [];
});
afterEach(() => vi.useRealTimers());

function watch(fromReports = false, position: Movement['kind'] | null = 'locked'): BoltWatch {
  return new BoltWatch({ position, fromReports, tell: (movement) => told.push(movement) });
}

const later = (): unknown => vi.advanceTimersByTime(5000);

it.each([false, true])(
  'tells one movement once, whichever half of it comes first (from reports: %s)',
  (fromReports) => {
    const first = watch(fromReports);
    first.moved(byCode);
    first.shown('unlocked');
    later();
    expect(told).toEqual([byCode]);
    const second = watch(fromReports);
    second.shown('unlocked');
    second.moved(byCode);
    later();
    expect(told).toEqual([byCode, byCode]);
  },
);

it('takes the hourly report for no movement', () => {
  const bolt = watch();
  bolt.shown('locked');
  later();
  bolt.shown('unlocked');
  later();
  bolt.shown('unlocked');
  later();
  expect(told).toEqual([unlocked]);
});

it('takes an event without a movement for none, where a make is known for them', () => {
  const bolt = watch(true);
  bolt.moved(byCode);
  later();
  expect(told).toEqual([]);
  // Who it was then is not who it is now.
  bolt.shown('unlocked');
  later();
  expect(told).toEqual([unlocked]);
});

it('goes by the state for the way, where the meaning of events differs', () => {
  const bolt = watch(true);
  bolt.moved({ kind: 'locked', method: 'keycode', slot: 5 });
  bolt.shown('unlocked');
  expect(told).toEqual([byCode]);
});

it('tells both of two quick movements', () => {
  const bolt = watch();
  bolt.shown('unlocked');
  bolt.shown('locked');
  bolt.moved({ kind: 'locked', method: 'manual', slot: null });
  later();
  expect(told).toEqual([unlocked, { kind: 'locked', method: 'manual', slot: null }]);
  const other = watch();
  other.shown('unlocked');
  other.moved({ kind: 'locked', method: 'automatic', slot: null });
  expect(told.slice(2)).toEqual([unlocked, { kind: 'locked', method: 'automatic', slot: null }]);
});

it('tells that a bolt is back where it was before it stuck', () => {
  const bolt = watch();
  bolt.stuck();
  bolt.shown('locked');
  bolt.flush();
  expect(told).toEqual([locked]);
});
