import { expect, test } from 'vitest';
import { simulate } from './simulate.ts';

/** Seeds of `scripts/test`; `scripts/simulate --seeds N` runs more. */
const SEEDS = Array.from({ length: 16 }, (_, index) => index + 1);
const DAYS = 1;

test.each(SEEDS)('every invariant holds in the world of seed %i', async (seed) => {
  const run = await simulate(seed, DAYS);
  const tail = run.trace.slice(-30).join('\n');
  expect(
    run.failure,
    `replay: scripts/simulate --from ${seed} --seeds 1 --days ${DAYS} --trace\n${tail}`,
  ).toBeNull();
  expect(run.operations).toBeGreaterThan(10);
});

test('a seed replays to the byte', async () => {
  const [first, second] = [await simulate(7, DAYS), await simulate(7, DAYS)];
  expect(first.trace.length).toBeGreaterThan(100);
  expect(second.trace.join('\n')).toBe(first.trace.join('\n'));
});

test('another seed is another world', async () => {
  const [first, second] = [await simulate(7, DAYS), await simulate(8, DAYS)];
  expect(second.trace.join('\n')).not.toBe(first.trace.join('\n'));
});
