import type { Candidate } from './candidate.ts';
import { instantOf, wallMs } from '../timing/local-time.ts';
import { DAY_MS, type Instant } from '../time.ts';
import type { LevelRules, UserLevel } from './window.ts';

/** Days around a boundary on which the nearest check-in or check-out can be. */
const DAYS_AROUND = [-1, 0, 1];

/** The windows of all levels around the one that is asked for: enough that the nearest is among them. */
export function levelsAround(rules: LevelRules, startsAt: Instant, endsAt: Instant): readonly Candidate[] {
  return rules.levels
    .filter(({ isMaster, isOneShot }) => !isMaster && !isOneShot)
    .flatMap((level) => levelAround(level, rules.daysMax, startsAt, endsAt));
}

function levelAround(
  level: UserLevel,
  daysMax: number,
  startsAt: Instant,
  endsAt: Instant,
): readonly Candidate[] {
  const { zone, checkInMs, checkOutMs } = level;
  // A check-out at or before the check-in is that of the next day.
  const nights = checkOutMs <= checkInMs ? 1 : 0;
  const found: Candidate[] = [];
  for (const around of DAYS_AROUND) {
    const first = dayOf(zone, startsAt) + around;
    const asked = DAYS_AROUND.map((each) => dayOf(zone, endsAt) + each - first - nights + 1);
    for (const days of new Set([...asked, ...asked.map((each) => Math.min(Math.max(each, 1), daysMax))])) {
      const start = instantOf(zone, first * DAY_MS + checkInMs, 'later');
      const end = instantOf(zone, (first + days - 1 + nights) * DAY_MS + checkOutMs, 'earlier');
      if (days < 1 || end <= start) continue;
      const kind = level.is24Hour ? 'daily' : 'hourly';
      const window = { kind, startsAt: start, endsAt: end, levelId: level.levelId } as const;
      found.push({ window, isTooLong: days > daysMax });
    }
  }
  return found;
}

/** The day of an instant in the wall time of a zone, counted from 1970. */
function dayOf(zone: string, at: Instant): number {
  return Math.floor(wallMs(zone, at) / DAY_MS);
}
