import { performance } from 'node:perf_hooks';
import { advance } from '../../src/core/advance.ts';
import { plan } from '../../src/core/plan.ts';
import { HOUR_MS } from '../../src/core/time.ts';
import { CoreWorld, POLICY, request, SCHEDULING } from '../support/core-world.ts';

const SLOTS = 250;
const SIZES = [100, 300, 1000];
const ROUNDS = 15;

/** A lock of 250 slots with 20 codes on it and so many that come later. */
function lockWith(futureCodes: number): CoreWorld {
  const world = new CoreWorld({ ...SCHEDULING, lastSlot: SLOTS });
  const codes = Array.from({ length: futureCodes + 20 }, (_, index) => {
    const startsAt = index < 20 ? world.now : world.now + 100 * HOUR_MS + index * HOUR_MS;
    return request(`code ${index}`, String(100_000 + index), { startsAt, endsAt: startsAt + 50 * HOUR_MS });
  });
  world.take(world.offer({ codes }).step);
  world.work();
  return world;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/** What one turn of the loop costs in the core: bringing the state up to date, and planning. */
function turnMs(world: CoreWorld): number {
  const times = Array.from({ length: ROUNDS }, () => {
    const startedMs = performance.now();
    advance(world.state, POLICY, world.reading);
    plan(world.state, POLICY, world.reading);
    return performance.now() - startedMs;
  });
  return median(times);
}

const rows = SIZES.map((size) => ({ size, ms: turnMs(lockWith(size)) }));
const baseMs = rows[0]?.ms ?? Number.NaN;
console.log(`One turn of planning a lock of ${SLOTS} slots, median of ${ROUNDS}:`);
for (const { size, ms } of rows) {
  const ratio = (ms / baseMs).toFixed(1);
  console.log(`${String(size).padStart(7)} future codes  ${ms.toFixed(2)} ms  ${ratio} times the first row`);
}
