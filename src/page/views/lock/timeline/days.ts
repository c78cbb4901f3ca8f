import { offsetMs } from '../../../site-time.ts';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
/** No chart is longer; a longer one has no grid beyond it. */
const DAYS_MAX = 400;

/** A round hour of the site. */
export interface Tick {
  /** Milliseconds since 1970. */
  readonly atMs: number;
  /** 0 to 23; the first of its day is its beginning, whatever the clocks do. */
  readonly hour: number;
  readonly isDayStart: boolean;
  readonly isWeekend: boolean;
}

/**
 * The round hours of a zone between two instants, every `stepHours` of its wall clock: a day has 23 or 25 hours where
 * the clocks change, and an hour that a day does not have is left out.
 */
export function ticksBetween(fromMs: number, toMs: number, zone: string, stepHours: number): Tick[] {
  const ticks: Tick[] = [];
  const firstDay = Math.floor((fromMs + offsetMs(fromMs, zone)) / DAY_MS);
  for (let day = firstDay; day < firstDay + DAYS_MAX; day += 1) {
    const weekday = new Date(day * DAY_MS).getUTCDay();
    for (let hour = 0; hour < 24; hour += stepHours) {
      const wallMs = day * DAY_MS + hour * HOUR_MS;
      const atMs = instantOf(wallMs, zone);
      if (atMs > toMs) return ticks;
      const isThere = hour === 0 || atMs + offsetMs(atMs, zone) === wallMs;
      if (atMs < fromMs || !isThere) continue;
      ticks.push({ atMs, hour, isDayStart: hour === 0, isWeekend: weekday === 0 || weekday === 6 });
    }
  }
  return ticks;
}

/** The instant of a wall time, which is written as if it were UTC; of a wall time that is skipped, what comes after it. */
function instantOf(wallMs: number, zone: string): number {
  const guessMs = wallMs - offsetMs(wallMs, zone);
  const atMs = wallMs - offsetMs(guessMs, zone);
  return atMs + offsetMs(atMs, zone) === wallMs ? atMs : Math.max(guessMs, atMs);
}
