import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import { endlessCodes, holdsEndedCode, withoutCodes } from '../core/leaving.ts';
import type { LockState, Policy } from '../core/lock.ts';
import type { RadioKind } from '../core/lock-event.ts';
import { MINUTE_MS, SECOND_MS } from '../core/time.ts';
import type { Store } from '../store/store.ts';
import { writeMark, type WipeMark } from './mark.ts';

/** Locks that do not answer by then keep what they hold: the hub may be far away from them, in a thief's car. */
const EXPIRING_MAX_MS = 3 * MINUTE_MS;
const LOOK_EVERY_MS = SECOND_MS;

/** A hub that is about to forget everything. */
export interface Leaving {
  readonly dataDir: string;
  readonly mark: WipeMark;
  readonly store: Store;
  readonly clock: Clock;
  readonly policy: Policy;
  readonly log: Logger;
  readonly wake: (deviceId: string) => void;
  /** Every radio answers. */
  readonly areRadiosUp: () => boolean;
  /** Has every stick forget its network, and answers which did. Nothing reaches a lock from then on. */
  readonly resetSticks: () => Promise<readonly RadioKind[]>;
  /** Ends this hub; the next start destroys what is left. */
  readonly restart: () => void;
}

/**
 * Waits until nothing that has ended is on a lock any more, as long as that may take, has the sticks forget their
 * networks, and gives the word. Never rejects.
 */
export async function expireAndLeave(parts: Leaving, signal: AbortSignal): Promise<void> {
  const { dataDir, mark, clock, log, resetSticks, restart } = parts;
  log.warn({ reason: mark.reason, codes: mark.codes }, 'THIS HUB IS TO BE WIPED: what has ended goes first');
  try {
    if (mark.codes === 'remove') removeAll(parts);
  } catch (error) {
    log.error({ err: error }, 'the codes could not be taken off');
  }
  const untilMs = clock.monotonicMs() + EXPIRING_MAX_MS;
  while (!signal.aborted && clock.monotonicMs() < untilMs && !isOver(parts)) {
    await clock.sleepFor(LOOK_EVERY_MS, signal);
  }
  if (signal.aborted) return;
  const found = foundOf(parts);
  const sticks = await resetSticks().catch((error: unknown) => {
    log.error({ err: error }, 'a stick could not be reset');
    return [];
  });
  if (signal.aborted) return;
  writeMark(dataDir, { ...mark, ...found, phase: 'wiping', sticks_reset: [...sticks] });
  restart();
}

function isOver(parts: Leaving): boolean {
  try {
    return parts.areRadiosUp() && overdue(parts).length === 0;
  } catch {
    // A store that fails has nothing more to say; the time runs out.
    return false;
  }
}

function foundOf(parts: Leaving): Pick<WipeMark, 'wiped_at' | 'unreached' | 'codes_left'> {
  const wiped_at = parts.clock.now().earliest;
  try {
    const left = statesOf(parts).reduce((sum, state) => sum + endlessCodes(state), 0);
    return { wiped_at, unreached: [...overdue(parts)], codes_left: left };
  } catch {
    return { wiped_at, unreached: [], codes_left: 0 };
  }
}

function overdue(parts: Leaving): readonly string[] {
  const now = parts.clock.now();
  return statesOf(parts)
    .filter((state) => holdsEndedCode(state, parts.policy, now))
    .map(({ lock }) => lock.deviceId);
}

function statesOf({ store }: Leaving): readonly LockState[] {
  return store.deviceIds().flatMap((deviceId) => store.lockState(deviceId) ?? []);
}

function removeAll({ store, clock, policy, wake }: Leaving): void {
  for (const deviceId of store.deviceIds()) {
    store.transaction(() => {
      const before = store.lockState(deviceId);
      if (before === undefined) return;
      const { state, events } = withoutCodes(before, policy, clock.now());
      store.commit(before, state, events);
    });
    wake(deviceId);
  }
}
