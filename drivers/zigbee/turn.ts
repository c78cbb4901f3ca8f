import type { Logger } from 'pino';
import type { ZigbeeLock } from './lock.ts';
import { within } from './within.ts';

/** How a turn at a lock went: its result, or why there is none. */
export type Turn<T> =
  | { readonly kind: 'ended'; readonly result: T }
  /** What is left over from an earlier deadline may still write: nothing may overtake it. */
  | { readonly kind: 'busy' }
  /** It goes on, and nothing else is sent to this lock before it has ended. */
  | { readonly kind: 'late' };

/** Does something at a lock within a deadline, after what is left over from an earlier one. */
export async function takeTurn<T>(
  { occupation }: Pick<ZigbeeLock, 'occupation'>,
  deadlineMs: number,
  log: Logger,
  work: () => Promise<T>,
): Promise<Turn<T>> {
  const deadlineAt = performance.now() + deadlineMs;
  if (occupation.leftover !== null) await within(occupation.leftover, deadlineMs);
  if (occupation.leftover !== null) return { kind: 'busy' };
  const running = work();
  const ended = running.then((result) => ({ kind: 'ended', result }) as const);
  const turn = await within(ended, deadlineAt - performance.now());
  if (turn !== undefined) return turn;
  occupation.leftover = running
    .then(
      () => {},
      () => log.error('a late operation failed'),
    )
    .finally(() => {
      occupation.leftover = null;
    });
  return { kind: 'late' };
}
