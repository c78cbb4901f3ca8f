import type { Clock } from '../../clock.ts';
import type { TimeSource } from '../../core/timing/interval.ts';
import { isExact } from '../../core/timing/lock-clock.ts';
import { instantText, notedText } from '../../wire/instant-text.ts';

/** The hub's time is between these two. */
export interface ClockView {
  readonly earliest: string;
  /** `null`: nobody says that it is no later. */
  readonly latest: string | null;
  readonly uncertainty_ms: number | null;
  /** The hub knows the time to 30 s. */
  readonly trusted: boolean;
  /** Who says that it is at least so late, and who that it is no later; `null`: nobody. */
  readonly from: TimeSource | null;
  readonly till: TimeSource | null;
  /** Sources contradict each other. */
  readonly disputed: boolean;
}

/** The clock as the page is told of it. */
export function clockViewOf(clock: Clock): ClockView {
  const { earliest, latest } = clock.now();
  const basis = clock.basis?.();
  return {
    earliest: notedText(earliest),
    latest: instantText(latest),
    uncertainty_ms: Number.isFinite(latest) ? latest - earliest : null,
    trusted: isExact({ earliest, latest }),
    from: basis?.from ?? null,
    till: basis?.till ?? null,
    disputed: basis?.isDisputed ?? false,
  };
}
