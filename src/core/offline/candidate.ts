import type { OfflineRequest, OfflineWindow } from './window.ts';
import type { Instant } from '../time.ts';

/** A window near the one that is asked for. */
export interface Candidate {
  readonly window: OfflineWindow;
  /** It is on the issuer's units, but longer than it takes: where this is the nearest, too much was asked for. */
  readonly isTooLong: boolean;
}

/** A request whose times are there; `endsAt` is `null` where the issuer sets the length. */
export type Timed = OfflineRequest & { readonly startsAt: Instant };

/** How far a window is from what is asked for, in milliseconds. */
interface Distance {
  readonly start: number;
  readonly end: number;
  /** What the guest would lose. */
  readonly cut: number;
}

/** The nearest of some windows. A tie goes to the one that cuts less off, then to the first. */
export function nearestOf(candidates: readonly Candidate[], request: Timed): Candidate | undefined {
  const measured = candidates.map((candidate) => ({
    candidate,
    distance: distanceOf(candidate.window, request),
  }));
  return measured.toSorted(
    ({ distance: a }, { distance: b }) => a.start + a.end - (b.start + b.end) || a.cut - b.cut,
  )[0]?.candidate;
}

/** Whether a window is near enough to be issued for what is asked for. */
export function isNearEnough({ window, isTooLong }: Candidate, request: Timed): boolean {
  const { start, end, cut } = distanceOf(window, request);
  if (isTooLong || (request.rounding === 'outward' && cut > 0)) return false;
  return Math.max(start, end) <= request.maxRoundingMs;
}

function distanceOf({ startsAt, endsAt }: OfflineWindow, request: Timed): Distance {
  const late = startsAt - request.startsAt;
  const early = request.endsAt === null ? 0 : request.endsAt - endsAt;
  return { start: Math.abs(late), end: Math.abs(early), cut: Math.max(late, 0) + Math.max(early, 0) };
}
