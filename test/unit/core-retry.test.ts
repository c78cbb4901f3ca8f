import { describe, expect, test } from 'vitest';
import {
  CODE_BACKOFF_MAX_MS,
  FAILURES_TILL_ERROR,
  LOCK_BACKOFF_MAX_MS,
  mayTry,
  retryAt,
} from '../../src/core/timing/retry.ts';
import { MINUTE_MS, SECOND_MS } from '../../src/core/time.ts';
import { exactly, SAMPLE_AT } from '../support/core-samples.ts';

const NOW = { earliest: SAMPLE_AT, latest: SAMPLE_AT + 5000 };

function waitMs(failures: number, key = 'lock', maxMs = LOCK_BACKOFF_MAX_MS): number {
  return retryAt(failures, key, maxMs, NOW) - NOW.earliest;
}

describe('the wait before another attempt', () => {
  test('begins at a second and doubles up to the longest, less a fifth at most', () => {
    const fullMs = [1, 2, 4, 8, 16, 32, 64, 128, 150, 150].map((seconds) => seconds * SECOND_MS);
    for (const [index, full] of fullMs.entries()) {
      expect(waitMs(index + 1)).toBeLessThanOrEqual(full);
      expect(waitMs(index + 1)).toBeGreaterThanOrEqual(full * 0.8);
    }
    expect(waitMs(1000, 'code', CODE_BACKOFF_MAX_MS)).toBeGreaterThanOrEqual(8 * MINUTE_MS);
    expect(waitMs(1000, 'code', CODE_BACKOFF_MAX_MS)).toBeLessThanOrEqual(10 * MINUTE_MS);
  });

  test('is the same for the same lock, and spread over that fifth for many of them', () => {
    const waits = Array.from(
      { length: 1000 },
      (_, index) => waitMs(20, `lock ${index}`) / LOCK_BACKOFF_MAX_MS,
    );
    expect(waitMs(20, 'lock 0')).toBe(waitMs(20, 'lock 0'));
    for (let share = 0.8; share < 1; share += 0.04) {
      const within = waits.filter((wait) => wait >= share && wait < share + 0.04).length;
      expect(within).toBeGreaterThan(140);
    }
  });

  test('is spread anew at each failure, so that two locks do not meet each time', () => {
    expect(waitMs(20)).not.toBe(waitMs(21));
  });

  test('of a lock leaves time within 200 s for an attempt; that of a code makes six attempts an hour', () => {
    expect(LOCK_BACKOFF_MAX_MS).toBe(150_000);
    expect(CODE_BACKOFF_MAX_MS).toBe(600_000);
    expect(FAILURES_TILL_ERROR).toBe(3);
  });
});

describe('an attempt is due', () => {
  test.each([
    ['that never failed', null, true],
    ['whose time has come', SAMPLE_AT, true],
    ['whose time was long ago', SAMPLE_AT - 1, true],
    ['that still waits', SAMPLE_AT + 1, false],
    ['that waits as long as any', SAMPLE_AT + CODE_BACKOFF_MAX_MS, false],
    ['whose time lies ahead since the clock was set back', SAMPLE_AT + CODE_BACKOFF_MAX_MS + 1, true],
  ])('%s', (_which, at, may) => {
    expect(mayTry(at, exactly(SAMPLE_AT))).toBe(may);
  });

  test('only when the time has certainly come', () => {
    expect(mayTry(SAMPLE_AT + 2500, NOW)).toBe(false);
  });
});
