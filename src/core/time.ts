/** Milliseconds since 1970-01-01T00:00:00Z. */
export type Instant = number;

/**
 * What a clock can vouch for: the true time lies in `[earliest, latest]`.
 * A hub without a clock battery can be wrong by years after a power cut, so policy asks for the bound that is
 * safe: nothing is switched on unless `earliest` allows it, nothing certain to have ended stays on.
 */
export interface TimeReading {
  readonly earliest: Instant;
  readonly latest: Instant;
}

/** The best guess at one instant: the middle, or the beginning where nobody knows an end. */
export function middleOf({ earliest, latest }: TimeReading): Instant {
  return Number.isFinite(latest) ? (earliest + latest) / 2 : earliest;
}

export const SECOND_MS = 1000;
export const MINUTE_MS = 60 * SECOND_MS;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;
