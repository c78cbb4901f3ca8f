import { signal } from '@preact/signals';

const TICK_MS = 1000;
const MINUTE_S = 60;
const HOUR_S = 3600;
const DAY_S = 86_400;

/** IANA zone of the site: every time on the page is shown in it, wherever the browser is. */
export const timezone = signal('UTC');

let aheadMs = 0;

/** The time of the hub, every second: a phone may have another, and what the hub tells is in its own. */
export const now = signal(Date.now());
setInterval(() => (now.value = Date.now() + aheadMs), TICK_MS);

/** Sets the page's clock by what the hub's says at this moment. */
export function hubSays(iso: string): void {
  aheadMs = Date.parse(iso) - Date.now();
  now.value = Date.now() + aheadMs;
}

/** `22 Nov, 21:05`, in the zone of the site; with the year where it is not this one. */
export function timeText(iso: string): string {
  const year = yearOf(iso) === yearOf(new Date(now.peek()).toISOString()) ? {} : { year: 'numeric' as const };
  return format(iso, { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', ...year });
}

/** `22 Nov, 21:05 – 23:00`; the day again where it is another. */
export function spanText(from: string, to: string): string {
  const day = { dateStyle: 'short' } as const;
  const end = format(from, day) === format(to, day) ? format(to, { timeStyle: 'short' }) : timeText(to);
  return `${timeText(from)} – ${end}`;
}

/** `21:05:09`. */
export function clockText(iso: string): string {
  return format(iso, { hour: '2-digit', minute: '2-digit', second: '2-digit' });
}

/** Everything, to the second and with the zone: for titles. */
export function fullText(iso: string): string {
  return format(iso, { dateStyle: 'full', timeStyle: 'long' });
}

/** `in 3 h`, `5 min ago`, `just now`. */
export function agoText(iso: string, from = now.value): string {
  const seconds = Math.round((from - Date.parse(iso)) / 1000);
  const size = durationText(Math.abs(seconds));
  if (Math.abs(seconds) < 5) return 'just now';
  return seconds < 0 ? `in ${size}` : `${size} ago`;
}

/** `45 s`, `12 min`, `3 h`, `9 days`. */
export function durationText(seconds: number): string {
  if (seconds < MINUTE_S) return `${Math.round(seconds)} s`;
  if (seconds < HOUR_S) return `${Math.round(seconds / MINUTE_S)} min`;
  if (seconds < 2 * DAY_S) return `${Math.round(seconds / HOUR_S)} h`;
  return `${Math.round(seconds / DAY_S)} days`;
}

function format(iso: string, options: Intl.DateTimeFormatOptions): string {
  return new Intl.DateTimeFormat('en-GB', { timeZone: timezone.value, hourCycle: 'h23', ...options }).format(
    new Date(iso),
  );
}

function yearOf(iso: string): string {
  return format(iso, { year: 'numeric' });
}
