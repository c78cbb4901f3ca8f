import { expect, test } from 'vitest';
import { HOUR_MS } from '../../src/core/time.ts';
import { testWorlds } from './house-test.ts';
import { simulate } from './simulate.ts';

testWorlds('torture', 1, 30, 6 * HOUR_MS, 30);

test('a code that gave its armed place away does not hold back the applied version (seed 20248)', async () => {
  const run = await simulate('torture', 20248, HOUR_MS);
  expect(run.failure).toBeNull();
  expect(run.operations).toBeGreaterThan(10);
});

test('a seed replays to the byte', async () => {
  const first = await simulate('torture', 7, 6 * HOUR_MS);
  const second = await simulate('torture', 7, 6 * HOUR_MS);
  expect(first.trace.length).toBeGreaterThan(100);
  expect(second.trace.join('\n')).toBe(first.trace.join('\n'));
});

test('another seed is another world', async () => {
  const first = await simulate('torture', 7, 6 * HOUR_MS);
  const second = await simulate('torture', 8, 6 * HOUR_MS);
  expect(second.trace.join('\n')).not.toBe(first.trace.join('\n'));
});
