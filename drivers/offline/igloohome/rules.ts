import type { SpanRules } from '../../../src/core/offline/window.ts';

/** What igloohome takes for a lock in a zone (its documentation of algoPINs: hourly, daily and one-time). */
export function igloohomeRules(zone: string): SpanRules {
  return { kind: 'spans', zone, hoursMax: 672, daysMin: 29, daysMax: 367, oneTimeHours: 24 };
}
