import { type Candidate, isNearEnough, nearestOf, type Timed } from './candidate.ts';
import { instantText } from '../instant-text.ts';
import { levelsAround } from './levels.ts';
import { oneTimeAround, spansAround } from './spans.ts';
import { MINUTE_MS, type Instant } from '../time.ts';
import type {
  OfflineAnswer,
  OfflineRefusalReason,
  OfflineRequest,
  OfflineRules,
  OfflineWindow,
} from './window.ts';

/**
 * The window that an issuer takes for what is asked for, and with it the kind of code (decision 20): the nearest that
 * moves neither boundary by more than is allowed. The dry run of the page and the request itself are this one call.
 */
export function roundedWindow(request: OfflineRequest, rules: OfflineRules): OfflineAnswer {
  const { startsAt, endsAt } = request;
  if (startsAt === null) return refused('start_missing', 'starts_at: an offline code needs one.', null);
  const timed = { ...request, startsAt };
  if (endsAt !== null && endsAt <= startsAt) {
    return refused('end_not_after_start', 'ends_at: must be after starts_at.', null);
  }
  if (request.isOneTimeUse) return oneTime(timed, rules);
  if (endsAt === null) {
    return refused('end_missing', 'ends_at: an offline code that is no one-time code needs one.', null);
  }
  const candidates =
    rules.kind === 'spans' ? spansAround(rules, startsAt, endsAt) : levelsAround(rules, startsAt, endsAt);
  return chosen(candidates, timed);
}

function oneTime(request: Timed, rules: OfflineRules): OfflineAnswer {
  if (rules.kind === 'levels' || rules.oneTimeHours === null) {
    const without =
      request.endsAt === null ? null : roundedWindow({ ...request, isOneTimeUse: false }, rules);
    const nearest = without === null ? null : without.ok ? without.window : without.refusal.nearest;
    const instead = nearest === null ? '' : ` Without it: ${windowText(nearest)}.`;
    const message = `is_one_time_use: this lock has no offline codes for one use.${instead}`;
    return refused('one_time_unsupported', message, nearest);
  }
  return chosen(oneTimeAround(rules.zone, rules.oneTimeHours, request.startsAt), request);
}

function chosen(candidates: readonly Candidate[], request: Timed): OfflineAnswer {
  const near = nearestOf(candidates, request);
  const taken = candidates.filter(({ isTooLong }) => !isTooLong);
  const contains = taken.filter((each) =>
    isNearEnough(each, { ...request, maxRoundingMs: Number.POSITIVE_INFINITY }),
  );
  const nearest = (nearestOf(contains, request) ?? nearestOf(taken, request))?.window;
  if (near === undefined || nearest === undefined) {
    return refused('no_level', 'device_id: this lock has no user level that takes offline codes.', null);
  }
  if (near.isTooLong) {
    const message = `ends_at: longer than this lock takes. The nearest accepted window is ${windowText(nearest)}.`;
    return refused('too_long', message, nearest);
  }
  const fits = candidates.filter((each) => isNearEnough(each, request));
  const best = nearestOf(fits, request);
  if (best !== undefined) return { ok: true, window: best.window };
  return refused('rounding_exceeded', exceededText(nearest, request), nearest);
}

function exceededText(nearest: OfflineWindow, request: Timed): string {
  const moves = [
    moveText('starts_at', request.startsAt, nearest.startsAt),
    moveText('ends_at', request.endsAt ?? nearest.endsAt, nearest.endsAt),
  ].filter((text) => text !== null);
  const allowed = `${request.maxRoundingMs / MINUTE_MS} minutes`;
  return `max_time_rounding: the nearest accepted window is ${windowText(nearest)}, which moves ${moves.join(' and ')}; ${allowed} are allowed.`;
}

function moveText(field: string, from: Instant, to: Instant): string | null {
  return from === to ? null : `${field} by ${Math.ceil(Math.abs(to - from) / MINUTE_MS)} minutes`;
}

function windowText({ startsAt, endsAt }: OfflineWindow): string {
  return `${instantText(startsAt)} to ${instantText(endsAt)}`;
}

function refused(
  reason: OfflineRefusalReason,
  message: string,
  nearest: OfflineWindow | null,
): OfflineAnswer {
  return { ok: false, refusal: { reason, message, nearest } };
}
