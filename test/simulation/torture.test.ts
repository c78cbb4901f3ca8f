import { expect, test } from 'vitest';
import { HOUR_MS } from '../../src/core/time.ts';
import { testWorlds } from './house-test.ts';
import { simulate } from './simulate.ts';

testWorlds('torture', 1, 30, 6 * HOUR_MS, 30);

/** Worlds that once ended wrong, and what was wrong in them. */
test.each([
  [20_248, 'a code that gave its armed place away held back the applied version'],
  [20_624, 'the hour’s budget of repeated writes was spent when peace came'],
  [20_773, 'a refused change held back the applied version for a code that could not be set'],
  [20_793, 'a lock that had not heard the time was taken for one whose clock does not keep it'],
  [20_966, 'the old PIN of an armed code was left on the lock'],
  [30_209, 'a slot of an armed code was cleared before it was read'],
  [101_216, 'an armed code gave way in a slot that nobody could read'],
  [103_544, 'a code was armed and gave way without end, to one whose slot nobody could read'],
  [103_682, 'an old PIN went on opening because the lock refused the new one, which was only to be armed'],
  [107_659, 'a code that was deleted and asked for again had the uses of its first life'],
  [107_952, 'an edit during the write by which a lock was found to mask its PINs kept a guest out'],
  [401_153, 'a code that was deleted and asked for again without a PIN kept its old one from another'],
  [
    403_529,
    'a PIN that was put back over an edit, when the document had another one by then, was left alone',
  ],
  [700_895, 'an entry from before a code was adopted was told as the use of a managed one'],
  [22_076, 'a lock put back what was erased, and nobody looked'],
])('seed %i: %s', async (seed) => {
  const run = await simulate('torture', seed, HOUR_MS);
  expect(run.failure).toBeNull();
  expect(run.operations).toBeGreaterThan(5);
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
