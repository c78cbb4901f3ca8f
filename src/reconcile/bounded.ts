import type { Clock } from '../clock.ts';
import { SECOND_MS } from '../core/time.ts';
import type { Log } from './lock-loop.ts';

/** A driver answers within its own deadline (the port); this is for one that breaks its word. */
export const DRIVER_DEADLINE_MS = 40 * SECOND_MS;

/** What a driver answers, or `otherwise` when it throws, which is a bug, or takes longer than it may. */
export async function bounded<T>(
  work: Promise<T>,
  otherwise: T,
  deadlineMs: number,
  { clock, log }: { readonly clock: Clock; readonly log: Log },
): Promise<T> {
  const answered = new AbortController();
  const overdue = clock.sleepFor(deadlineMs, answered.signal).then(() => otherwise);
  try {
    return await Promise.race([work, overdue]);
  } catch (error) {
    log.error({ err: error }, 'A driver threw, which is a bug');
    return otherwise;
  } finally {
    answered.abort();
  }
}
