import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { advance } from '../../src/core/settle/advance.ts';
import type { LockState } from '../../src/core/lock.ts';
import { plan } from '../../src/core/plan/plan.ts';
import { HOUR_MS } from '../../src/core/time.ts';
import { HubKey } from '../../src/store/key.ts';
import { openStore } from '../../src/store/open-store.ts';
import { CoreWorld, POLICY, request, SCHEDULING } from '../support/core-world.ts';

const SLOTS = 250;
const CODES_ON_LOCK = 20;
const SIZES = [100, 1000, 10_000, 100_000];
const ROUNDS = 15;
const OTHER_LOCKS = 49;

/** A lock of 250 slots with 20 codes on it and so many that come later. */
function lockWith(futureCodes: number): CoreWorld {
  const world = new CoreWorld({ ...SCHEDULING, lastSlot: SLOTS });
  const codes = Array.from({ length: futureCodes + CODES_ON_LOCK }, (_, index) => {
    const startsAt = index < CODES_ON_LOCK ? world.now : world.now + 100 * HOUR_MS + index * HOUR_MS;
    return request(`code ${index}`, String(100_000 + index), { startsAt, endsAt: startsAt + 50 * HOUR_MS });
  });
  world.desire(...codes.slice(0, CODES_ON_LOCK));
  world.work();
  world.desire(...codes);
  return world;
}

function timed(work: () => void): number {
  const startedMs = performance.now();
  work();
  return performance.now() - startedMs;
}

function median(work: () => number): number {
  const times = Array.from({ length: ROUNDS }, work);
  return times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? Number.NaN;
}

/** What one turn of the loop costs in the core: bringing the state up to date, and planning. */
function turnMs(world: CoreWorld): number {
  return median(() =>
    timed(() => {
      world.take(advance(world.state, POLICY, world.reading));
      plan(world.state, POLICY, world.reading);
    }),
  );
}

/** What it costs to read one lock from the database, alone in it or among others with as many codes. */
function readingMs(state: LockState, otherLocks: number): number {
  const directory = mkdtempSync(path.join(tmpdir(), 'lockhub-bench-'));
  const place = { file: path.join(directory, 'hub.db'), key: HubKey.generate() };
  const ids = ['lock', ...Array.from({ length: otherLocks }, (_, index) => `other ${index}`)];
  const store = openStore(place);
  store.transaction(() => {
    for (const deviceId of ids) store.commit(undefined, { ...state, lock: { ...state.lock, deviceId } }, []);
  });
  store.close();
  const ms = median(() => {
    // A store that was just opened remembers no state.
    const fresh = openStore(place);
    const took = timed(() => fresh.lockState('lock'));
    fresh.close();
    return took;
  });
  rmSync(directory, { recursive: true, force: true });
  return ms;
}

const rows = SIZES.map((size) => {
  const world = lockWith(size);
  return { size, state: world.state, ms: turnMs(world) };
});
const baseMs = rows[0]?.ms ?? Number.NaN;
console.log(
  `One turn of a lock of ${SLOTS} slots (bringing it up to date and planning), median of ${ROUNDS}:`,
);
for (const { size, ms } of rows) {
  const ratio = (ms / baseMs).toFixed(1);
  console.log(
    `${String(size).padStart(7)} future codes  ${ms.toFixed(2)} ms  ${ratio} times the first row, ` +
      `for ${size / (SIZES[0] ?? size)} times the codes`,
  );
}
const thousand = rows.find(({ size }) => size === 1000);
if (thousand !== undefined) {
  const alone = readingMs(thousand.state, 0);
  const among = readingMs(thousand.state, OTHER_LOCKS);
  console.log(
    `Reading a lock of 1,020 codes from the database: ${alone.toFixed(1)} ms alone, ` +
      `${(among / alone).toFixed(2)} times that among ${OTHER_LOCKS} others with as many.`,
  );
}
