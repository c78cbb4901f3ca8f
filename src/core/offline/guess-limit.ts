import { DAY_MS, MINUTE_MS, type Instant } from '../time.ts';

/** Wrong codes that a door takes within a span; more lock it for offline codes until enough of them are older. */
const GUESS_LIMITS = [
  { guesses: 5, withinMs: 15 * MINUTE_MS },
  { guesses: 10, withinMs: DAY_MS },
] as const;

/** More guesses than these decide nothing. */
const GUESSES_KEPT_MAX = 10;

/**
 * Until when a door takes no offline code, or `null`. `guesses` are the instants of wrong codes. One that lies
 * further ahead than its span was told by a clock that was wrong: it must not lock the door for years.
 */
export function lockedUntil(guesses: readonly Instant[], now: Instant): Instant | null {
  const ends = GUESS_LIMITS.flatMap((limit) => {
    const recent = guesses.filter((at) => Math.abs(now - at) < limit.withinMs).toSorted((a, b) => b - a);
    const deciding = recent[limit.guesses - 1];
    return deciding === undefined ? [] : deciding + limit.withinMs;
  });
  return ends.length === 0 ? null : Math.max(...ends);
}

/** The wrong codes to remember after one more. */
export function withGuess(guesses: readonly Instant[], now: Instant): readonly Instant[] {
  return [...guesses, now].slice(-GUESSES_KEPT_MAX);
}
