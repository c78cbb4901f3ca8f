import { expect, it, onTestFinished } from 'vitest';
import { Presence } from '../../drivers/zigbee/presence.ts';
import { HOUR_MS, MINUTE_MS } from '../../src/core/time.ts';
import { HubClock, WallClock } from '../simulation/hub-clock.ts';
import { VirtualTime } from '../simulation/virtual-clock.ts';

const START = Date.parse('2030-01-01T00:00:00Z');
/** Two missed reports. */
const SILENT_MS = 2 * HOUR_MS + 10 * MINUTE_MS;

/** A lock that was last heard so long ago, and whether it answers when it is asked. */
function watched(heardAgoMs: number | null) {
  const time = new VirtualTime(START);
  const clock = new HubClock(time, new WallClock(time), () => false);
  const told: (readonly [afterMs: number, online: boolean])[] = [];
  const lock = { answers: true, asked: 0 };
  const presence = new Presence({
    clock,
    heardAgoMs,
    ask: () => {
      lock.asked += 1;
      return Promise.resolve(lock.answers);
    },
    tell: (online) => told.push([time.now - START, online]),
  });
  onTestFinished(() => presence.stop());
  const pass = (durationMs: number): Promise<void> => time.pass(time.now + durationMs, () => undefined);
  return { presence, told, lock, pass };
}

it('a lock that reports each hour is there, and is never asked', async () => {
  const { presence, told, lock, pass } = watched(0);
  for (let hour = 0; hour < 48; hour += 1) {
    await pass(HOUR_MS);
    presence.heard();
  }
  expect(told).toEqual([[0, true]]);
  expect(lock.asked).toBe(0);
});

it('a lock that missed two reports and does not take a frame is lost, and is told once', async () => {
  const { presence, told, lock, pass } = watched(0);
  lock.answers = false;
  await pass(SILENT_MS - 1);
  expect(presence.isOnline).toBe(true);
  await pass(1);
  expect(told).toEqual([
    [0, true],
    [SILENT_MS, false],
  ]);
  await pass(24 * HOUR_MS);
  expect(told).toHaveLength(2);
  expect(lock.asked).toBeLessThan(13);
});

it('a lock that reports nothing and answers is there, for one frame in that time', async () => {
  const { told, lock, pass } = watched(0);
  await pass(10 * SILENT_MS);
  expect(told).toEqual([[0, true]]);
  expect(lock.asked).toBe(10);
});

it('a write that fails says little about a lock that was heard lately', async () => {
  const { presence, told, pass } = watched(0);
  presence.missed();
  expect(presence.isOnline).toBe(true);
  await pass(SILENT_MS - MINUTE_MS);
  presence.missed();
  expect(told).toEqual([[0, true]]);
});

it('a lost lock that is heard is there again, and one that missed a write tells when it is awake', async () => {
  const { presence, told, lock, pass } = watched(0);
  lock.answers = false;
  await pass(SILENT_MS);
  presence.heard();
  expect(presence.isOnline).toBe(true);
  presence.missed();
  presence.heard();
  presence.heard();
  expect(told.map(([, online]) => online)).toEqual([true, false, true, true]);
});

it('after a restart it counts when the lock was last heard, and a lock is asked before it is lost', async () => {
  const early = watched(SILENT_MS - MINUTE_MS);
  early.lock.answers = false;
  await early.pass(MINUTE_MS);
  expect(early.told).toEqual([
    [0, true],
    [MINUTE_MS, false],
  ]);
  const late = watched(SILENT_MS);
  expect(late.told).toEqual([]);
  await late.pass(0);
  expect(late.told).toEqual([[0, true]]);
  const gone = watched(24 * HOUR_MS);
  gone.lock.answers = false;
  await gone.pass(0);
  expect(gone.told).toEqual([[0, false]]);
});

it('who was stopped tells nothing more', async () => {
  const { presence, told, lock, pass } = watched(0);
  presence.stop();
  lock.answers = false;
  await pass(10 * SILENT_MS);
  expect(told).toEqual([[0, true]]);
  expect(lock.asked).toBe(0);
});
