import type { WeeklyWindow } from '../../../src/core/access-code.ts';
import { offsetMinutes } from '../../../src/core/timing/local-time.ts';
import { WEEK_DAYS } from '../../../src/core/slot.ts';
import { DAY_MS, MINUTE_MS, type Instant } from '../../../src/core/time.ts';
import type { Span } from './hours.ts';

/** Days before and after an instant whose windows can matter to it: one that ends tomorrow, one whose lead has begun. */
const AROUND = [-1, 0, 1, 2];

/** When windows of every week open in the days around an instant, inside the bounds of the code. */
export function occurrences(
  weekly: readonly WeeklyWindow[],
  timezone: string,
  [boundFrom, boundTill]: Span,
  now: Instant,
): readonly Span[] {
  const today = startOfDay(now + offsetMinutes(timezone, now) * MINUTE_MS);
  const spans: Span[] = [];
  for (const days of AROUND) {
    const wallDay = today + days * DAY_MS;
    const name = WEEK_DAYS[new Date(wallDay).getUTCDay()];
    for (const window of weekly) {
      if (name === undefined || !window.days.includes(name)) continue;
      const start = minutesOf(window.start);
      const stop = minutesOf(window.stop);
      const lasts = stop > start ? stop : stop + 24 * 60;
      const from = Math.max(boundFrom, toInstant(wallDay + start * MINUTE_MS, timezone));
      const till = Math.min(boundTill, toInstant(wallDay + lasts * MINUTE_MS, timezone));
      if (from < till) spans.push([from, till]);
    }
  }
  return merged(spans);
}

/** Spans that touch are one. */
function merged(spans: readonly Span[]): readonly Span[] {
  const result: Span[] = [];
  for (const span of spans.toSorted((a, b) => a[0] - b[0])) {
    const last = result.at(-1);
    if (last !== undefined && span[0] <= last[1]) result.splice(-1, 1, [last[0], Math.max(last[1], span[1])]);
    else result.push(span);
  }
  return result;
}

function startOfDay(wall: Instant): Instant {
  return Math.floor(wall / DAY_MS) * DAY_MS;
}

function minutesOf(text: string): number {
  const [hours, minutes] = text.split(':').map(Number);
  return (hours ?? 0) * 60 + (minutes ?? 0);
}

/** The instant of a wall time, given as if it were UTC; right except in the hours around a change of the clocks. */
function toInstant(wall: Instant, timezone: string): Instant {
  const guess = wall - offsetMinutes(timezone, wall) * MINUTE_MS;
  return wall - offsetMinutes(timezone, guess) * MINUTE_MS;
}
