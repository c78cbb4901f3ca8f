import Database from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import type { RadioKind } from '../../src/core/lock-event.ts';
import { SECOND_MS } from '../../src/core/time.ts';
import { watchdogMs, type Notice } from '../../src/system/notify.ts';
import { startService } from '../../src/system/service.ts';
import { vitalsOf } from '../../src/system/vitals.ts';
import { HubClock, WallClock } from '../simulation/hub-clock.ts';
import { VirtualTime } from '../simulation/virtual-clock.ts';
import { hubPlace } from './store-fixture.ts';

const WATCHDOG_MS = 90 * SECOND_MS;

const quiet = (): void => {};

/** A service over a real database, in virtual time; what systemd is told is written down. */
function watched(listening: Promise<unknown> | null = null) {
  const place = hubPlace();
  const store = place.open();
  const time = new VirtualTime(0);
  const told: Notice[] = [];
  const hang = { overdue: [] as string[] };
  const radios: { radio: RadioKind; state: string }[] = [{ radio: 'zwave', state: 'ready' }];
  const vitals = vitalsOf({
    store,
    overdue: () => hang.overdue,
    radios: () => radios,
    cloudLink: () => ({ status: 'waiting' }),
  });
  const service = startService({
    notify: { tell: async (...notices) => void told.push(...notices) },
    watchdogMs: WATCHDOG_MS,
    vitals,
    listening,
    clock: new HubClock(time, new WallClock(time), () => false),
    log: { warn: quiet, error: quiet },
  });
  /** What is told in so long. */
  const toldIn = async (durationMs: number): Promise<readonly Notice[]> => {
    const before = told.length;
    await time.pass(time.now + durationMs, quiet);
    return told.slice(before);
  };
  return { place, hang, radios, service, told, toldIn };
}

test('it is ready when the page listens, not before, and then says how it is', async () => {
  const page = Promise.withResolvers<void>();
  const { radios, toldIn } = watched(page.promise);
  expect(await toldIn(SECOND_MS)).toEqual([]);
  page.resolve();
  const status = 'STATUS=0 locks; Z-Wave ready; cloud waiting';
  expect(await toldIn(SECOND_MS)).toEqual(['READY=1', status, 'WATCHDOG=1', status]);
  radios[0] = { radio: 'zwave', state: 'down' };
  expect(await toldIn(30 * SECOND_MS)).toContain('STATUS=0 locks; Z-Wave down; cloud waiting');
});

test('a page that can’t listen does not keep the doors from being served', async () => {
  const refused = watched(Promise.reject(new Error('EADDRINUSE')));
  expect(await refused.toldIn(SECOND_MS)).toContain('READY=1');
  const slow = watched(new Promise(() => {}));
  expect(await slow.toldIn(20 * SECOND_MS)).toContain('READY=1');
});

test('it is fed often enough that one late feed is none too late', async () => {
  const { toldIn } = watched();
  const feeds = (await toldIn(10 * WATCHDOG_MS)).filter((notice) => notice === 'WATCHDOG=1');
  expect(feeds.length).toBeGreaterThanOrEqual(30);
});

test('while a lock hangs it is not fed, and says so once', async () => {
  const { hang, toldIn } = watched();
  await toldIn(SECOND_MS);
  hang.overdue = ['lock'];
  expect(await toldIn(2 * WATCHDOG_MS)).toEqual(['STATUS=The loop of a lock hangs']);
  hang.overdue = [];
  expect(await toldIn(WATCHDOG_MS)).toContain('WATCHDOG=1');
});

test('while another program blocks the database it is not fed', async () => {
  const { place, toldIn } = watched();
  await toldIn(SECOND_MS);
  const other = new Database(place.file);
  onTestFinished(() => void other.close());
  other.exec('BEGIN EXCLUSIVE');
  expect(await toldIn(30 * SECOND_MS)).toEqual(['STATUS=The database takes no write']);
  other.exec('ROLLBACK');
  expect(await toldIn(30 * SECOND_MS)).toContain('WATCHDOG=1');
});

test('a trial write keeps nothing, and tells of a transaction that was never ended', () => {
  const place = hubPlace();
  const store = place.open();
  const before = place.sql('SELECT * FROM meta ORDER BY name');
  store.tryWrite();
  expect(place.sql('SELECT * FROM meta ORDER BY name')).toEqual(before);
  store.transaction(() => {
    expect(() => store.tryWrite()).toThrow('never ended');
  });
});

test('nothing is told after its end', async () => {
  const { service, toldIn } = watched();
  await toldIn(SECOND_MS);
  service.stop(false);
  expect(await toldIn(WATCHDOG_MS)).toEqual([]);
});

test.each([
  [false, ['STOPPING=1', 'STATUS=Stopping']],
  [true, ['STATUS=Starting anew']],
])('a hub that another one follows in the process does not say that it stops: %s', async (restarts, said) => {
  const { service, toldIn, told } = watched();
  await toldIn(SECOND_MS);
  const before = told.length;
  service.stop(restarts);
  expect(told.slice(before)).toEqual(said);
});

test.each([
  ['90000000', 90_000],
  [undefined, null],
  ['', null],
  ['0', null],
  ['soon', null],
])('a watchdog of %s µs', (WATCHDOG_USEC, expected) => {
  expect(watchdogMs({ WATCHDOG_USEC })).toBe(expected);
});
