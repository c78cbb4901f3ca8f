import type { AccessCode } from '../../core/access-code.ts';
import type { OfflineCapability } from '../../core/offline/window.ts';
import { lockedUntil } from '../../core/offline/guess-limit.ts';
import { instantText, notedText } from '../../wire/instant-text.ts';
import { minuteOf } from '../../wire/offline-properties.ts';
import { offlineTimeFrameOf } from '../../wire/offline-time-frame.ts';
import type { View } from '../../wire/view.ts';
import type { PageOffline } from './offline-types.ts';
import type { PageCode } from './types.ts';

export function pageOfflineOf({ vendor, rules }: OfflineCapability): PageOffline {
  if (rules.kind === 'spans') {
    const { kind, hoursMax, daysMin, daysMax, oneTimeHours } = rules;
    const bounds = { hours_max: hoursMax, days_min: daysMin, days_max: daysMax };
    return { vendor, rules: { kind, ...bounds, one_time_hours: oneTimeHours } };
  }
  const levels = rules.levels.filter(({ isMaster, isOneShot }) => !isMaster && !isOneShot);
  return {
    vendor,
    rules: {
      kind: rules.kind,
      days_max: rules.daysMax,
      levels: levels.map(({ levelId, name, checkInMs, checkOutMs, zone }) => ({
        user_level_id: levelId,
        name,
        check_in: minuteOf(checkInMs),
        check_out: minuteOf(checkOutMs),
        zone,
      })),
    },
  };
}

export function pageIssueOf({ issue }: AccessCode): PageCode['issue'] {
  if (issue === null) return null;
  const { window, state, asked } = issue;
  return {
    ...offlineTimeFrameOf(window),
    state,
    asked_starts_at: notedText(asked.startsAt),
    asked_ends_at: instantText(asked.endsAt),
  };
}

/** Until when a door looks at no offline code, as too many wrong ones were typed; `null`: it does. */
export function offlineLockedUntil({ state: { lock }, now }: View): string | null {
  const { keypadId, memory } = lock.door;
  return keypadId === null ? null : instantText(lockedUntil(memory.guesses, now.earliest));
}
