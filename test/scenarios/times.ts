import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, type Instant } from '../../src/core/time.ts';

const UNIT_MS: Readonly<Record<string, number>> = {
  second: SECOND_MS,
  minute: MINUTE_MS,
  hour: HOUR_MS,
  day: DAY_MS,
  week: 7 * DAY_MS,
};

/** What a story calls a length of time: `30 minutes`, `1 hour`. */
export const DURATION = String.raw`\d+ (?:second|minute|hour|day|week)s?`;

/** What a story calls a moment: `2025-01-01 16:00 UTC`, with seconds and their parts where they matter. */
export const MOMENT = String.raw`\d{4}-\d{2}-\d{2} \d{2}:\d{2}(?::\d{2}(?:\.\d{3})?)? UTC`;

/** A `DURATION` in milliseconds. */
export function durationMs(text: string): number {
  const [count, unit = ''] = text.split(' ');
  const unitMs = UNIT_MS[unit.replace(/s$/, '')];
  if (unitMs === undefined) throw new Error(`"${text}" is no length of time.`);
  return Number(count) * unitMs;
}

/** A `MOMENT` as an instant. */
export function momentAt(text: string): Instant {
  const at = Date.parse(`${text.replace(' UTC', '').replace(' ', 'T')}Z`);
  if (Number.isNaN(at)) throw new Error(`"${text}" is no time.`);
  return at;
}

/** An instant to the minute, in UTC. */
export function minuteText(at: Instant): string {
  return new Date(at).toISOString().slice(0, 16).replace('T', ' ');
}
