import { MINUTE_MS, SECOND_MS, type Instant } from './time.ts';

const minutes = new Intl.DateTimeFormat('en-US', {
  timeZone: 'UTC',
  hourCycle: 'h23',
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
});

/** ISO 8601 in UTC with milliseconds, `2026-11-22T16:00:00.000Z`, for the years 1600 to 9999. */
export function instantText(at: Instant): string {
  const part = Object.fromEntries(minutes.formatToParts(at).map(({ type, value }) => [type, value]));
  const { year, month, day, hour, minute } = part;
  const wholeMs = Math.floor(at);
  const seconds = (((wholeMs % MINUTE_MS) + MINUTE_MS) % MINUTE_MS) / SECOND_MS;
  const secondsText = seconds.toFixed(3).padStart(6, '0');
  return `${year}-${month}-${day}T${hour}:${minute}:${secondsText}Z`;
}
