import type { Candidate } from './candidate.ts';
import { instantOf, offsetMinutes, wallMs } from '../timing/local-time.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, type Instant } from '../time.ts';
import type { OfflineWindow, SpanRules } from './window.ts';

/** The windows of hours or days around the one that is asked for: enough that the nearest is among them. */
export function spansAround(rules: SpanRules, startsAt: Instant, endsAt: Instant): readonly Candidate[] {
  return hoursAround(rules.zone, startsAt).flatMap((start) => [
    ...hourly(rules, start, endsAt),
    ...daily(rules, start, endsAt),
  ]);
}

/** The one-time windows around the start that is asked for. */
export function oneTimeAround(zone: string, hours: number, startsAt: Instant): readonly Candidate[] {
  return hoursAround(zone, startsAt).map((start) =>
    candidate({ kind: 'one_time', startsAt: start, endsAt: start + hours * HOUR_MS, levelId: null }),
  );
}

/** The full hours of the wall next to an instant, or the one that it is. */
function hoursAround(zone: string, at: Instant): readonly Instant[] {
  const offsetMs = offsetMinutes(zone, at) * MINUTE_MS;
  const hour = (at + offsetMs) / HOUR_MS;
  return around(hour).map((whole) => whole * HOUR_MS - offsetMs);
}

function hourly({ hoursMax }: SpanRules, start: Instant, endsAt: Instant): readonly Candidate[] {
  return around((endsAt - start) / HOUR_MS).map((asked) => {
    const hours = Math.min(Math.max(asked, 1), hoursMax);
    return candidate({ kind: 'hourly', startsAt: start, endsAt: start + hours * HOUR_MS, levelId: null });
  });
}

function daily(rules: SpanRules, start: Instant, endsAt: Instant): readonly Candidate[] {
  const { daysMin, daysMax } = rules;
  const asked = around((endsAt - start) / DAY_MS);
  const taken = asked.map((days) => Math.min(Math.max(days, daysMin), daysMax));
  return [...new Set([...taken, ...asked.filter((days) => days > daysMax)])].flatMap((days) =>
    endsOf(rules.zone, start, days).map((end) =>
      candidate({ kind: 'daily', startsAt: start, endsAt: end, levelId: null }, days > daysMax),
    ),
  );
}

/** So many days later, by 24 hours each and by the wall, which is another hour where clocks change between them. */
function endsOf(zone: string, start: Instant, days: number): readonly Instant[] {
  const elapsed = start + days * DAY_MS;
  const wall = wallMs(zone, start) + days * DAY_MS;
  const shown = instantOf(zone, wall, 'later');
  return wallMs(zone, shown) === wall ? [elapsed, shown] : [elapsed];
}

/** The whole numbers next to a number, or the one that it is. */
function around(value: number): readonly number[] {
  return [...new Set([Math.floor(value), Math.ceil(value)])];
}

function candidate(window: OfflineWindow, isTooLong = false): Candidate {
  return { window, isTooLong };
}
