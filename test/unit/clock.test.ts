import { afterEach, expect, test, vi } from 'vitest';
import { SystemClock } from '../../src/clock.ts';

afterEach(() => vi.restoreAllMocks());

test('a sleep that ends between two looks at the clock asks for no timer of negative length', async () => {
  const asked: (number | undefined)[] = [];
  const setTimer = globalThis.setTimeout;
  vi.spyOn(globalThis, 'setTimeout').mockImplementation((run: () => void, ms?: number) => {
    asked.push(ms);
    return setTimer(run, ms);
  });
  // A machine under load: each look at the clock finds it two milliseconds later.
  let now = 1_000_000;
  vi.spyOn(Date, 'now').mockImplementation(() => (now += 2));

  await new SystemClock().sleepUntil(1_000_003, new AbortController().signal);

  expect(asked).toEqual([1]);
});

test('a sleep for what is over already asks for no timer of negative length', async () => {
  const setTimer = globalThis.setTimeout;
  const asked: (number | undefined)[] = [];
  vi.spyOn(globalThis, 'setTimeout').mockImplementation((run: () => void, ms?: number) => {
    asked.push(ms);
    return setTimer(run, ms);
  });
  await new SystemClock().sleepFor(-1, new AbortController().signal);
  expect(asked).toEqual([0]);
});

test('a sleep looks at the wall clock every second, so that a step of it is noticed', async () => {
  let now = 0;
  vi.spyOn(Date, 'now').mockImplementation(() => now);
  const asked: (number | undefined)[] = [];
  vi.spyOn(globalThis, 'setTimeout').mockImplementation(((run: () => void, ms?: number) => {
    asked.push(ms);
    now = asked.length === 1 ? 400 : 90_000_000;
    queueMicrotask(run);
  }) as typeof setTimeout);

  await new SystemClock().sleepUntil(86_400_000, new AbortController().signal);

  expect(asked).toEqual([1000, 1000]);
});
