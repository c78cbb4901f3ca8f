import type { AccessCode } from '../access-code.ts';
import { MINUTE_MS, type Instant, type TimeReading } from '../time.ts';
import { isExact } from './lock-clock.ts';
import { windowsBetween } from './weekly.ts';

/** So close to the start or the end of a code no update begins: a guest may stand at the door, or still be inside. */
const AWAY_FROM_CODES_MS = 90 * MINUTE_MS;
/** More windows than a code can have within that time. */
const WINDOWS_MAX = 100;

type Timed = Pick<AccessCode, 'startsAt' | 'endsAt' | 'weeklyWindows'>;

/** Whether the hub may be without itself for some minutes. */
export type UpdateTime =
  | { readonly kind: 'now' }
  /** A code begins or ends too close by; `until`: as far as is known now. */
  | { readonly kind: 'code'; readonly until: Instant }
  /** Nobody knows whether one does. */
  | { readonly kind: 'clock_uncertain' };

/** Whether an update may begin now, by what is desired of all locks. */
export function updateTime(codes: readonly Timed[], zone: string, now: TimeReading): UpdateTime {
  if (!isExact(now)) return { kind: 'clock_uncertain' };
  const span = { from: now.earliest - AWAY_FROM_CODES_MS, to: now.latest + AWAY_FROM_CODES_MS };
  const close = codes
    .flatMap((code) => windowsBetween(code, zone, span, WINDOWS_MAX))
    .flatMap(({ startsAt, endsAt }) => [startsAt, endsAt])
    .filter((border) => border !== null)
    .filter((border) => border >= span.from && border <= span.to);
  return close.length === 0
    ? { kind: 'now' }
    : { kind: 'code', until: Math.max(...close) + AWAY_FROM_CODES_MS };
}
