import type { Route } from '../route.ts';
import { hubHealthOf } from './hub-health.ts';
import { lockSummaryOf, lockViews } from './lock-summary.ts';
import { NO_PARAMS, pageRoute } from './page-route.ts';
import { linksOf } from './radio.ts';
import type { LockSummary, Overview } from './types.ts';

/** `/page/overview`: the hub and all its locks. */
export const pageOverview: Route = pageRoute({
  path: '/page/overview',
  verbs: ['GET'],
  scope: 'read',
  params: NO_PARAMS,
  act: (parts): Overview => {
    const links = linksOf(parts);
    const locks = lockViews(parts).map((view) => lockSummaryOf(view, links.get(view.state.lock.deviceId)));
    return { hub: hubHealthOf(parts), locks: locks.toSorted(byTrouble) };
  },
});

function byTrouble(a: LockSummary, b: LockSummary): number {
  return rankOf(a) - rankOf(b) || a.name.localeCompare(b.name) || a.device_id.localeCompare(b.device_id);
}

function rankOf({ errors, warnings, jammed, tampered, codes }: LockSummary): number {
  if (errors.length > 0 || jammed || tampered) return 0;
  return warnings.length > 0 || codes.with_errors > 0 ? 1 : 2;
}
