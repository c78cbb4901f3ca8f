import { SECOND_MS } from '../../../src/core/time.ts';
import { arrivals, departure } from '../lock/fault.ts';
import type { SimLock } from '../lock/lock.ts';
import type { Random } from '../random.ts';

/** Time a frame takes on the air. */
export const FRAME_MS = 30;
/** A frame that nobody acknowledges is sent so often. */
const ATTEMPTS_MAX = 3;
const ACK_TIMEOUT_MS = SECOND_MS;
/** How long the hub waits for an answer to an acknowledged frame. */
const ANSWER_TIMEOUT_MS = 2 * SECOND_MS;

/** What frames travel through: time and chance are the caller's. */
export interface Air {
  readonly sleep: (durationMs: number) => Promise<void>;
  readonly random: Random;
  /** False when the hub's radio, or the hub itself, is gone: then nothing more is sent or heard. */
  readonly up: () => boolean;
}

/** What the hub heard of one command. */
export type Heard<T> =
  | { readonly kind: 'answer'; readonly value: T }
  /** Nobody acknowledged it. The lock can have executed it all the same. */
  | { readonly kind: 'no_ack' }
  /** Acknowledged, and the answer did not come. */
  | { readonly kind: 'no_answer' }
  | { readonly kind: 'radio_down' };

/** Sends a command that the lock answers. `execute` is what the lock does with it. */
export async function exchange<T>(air: Air, lock: SimLock, execute: () => T): Promise<Heard<T>> {
  const sent = await send(air, lock, execute);
  if (sent.kind !== 'answer') return sent;
  lock.frameSent();
  const { lost, delayMs } = departure(lock.fault, air.random);
  if (lost || delayMs > ANSWER_TIMEOUT_MS) {
    await air.sleep(ANSWER_TIMEOUT_MS);
    return air.up() ? { kind: 'no_answer' } : { kind: 'radio_down' };
  }
  await air.sleep(FRAME_MS + delayMs);
  return air.up() ? sent : { kind: 'radio_down' };
}

/** Sends a command that the lock only acknowledges. `answer` then means acknowledged. */
export async function send<T>(air: Air, lock: SimLock, execute: () => T): Promise<Heard<T>> {
  let executed: { readonly value: T } | undefined;
  for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt++) {
    if (!air.up()) return { kind: 'radio_down' };
    await air.sleep(FRAME_MS);
    const times = arrivals(lock.fault, air.random);
    if (times > 0) {
      lock.frameReceived();
      // The lock's radio recognises a repeated frame, so its application sees only the first.
      executed ??= { value: repeat(times, execute) };
      if (!ackLost(air, lock)) return { kind: 'answer', value: executed.value };
    }
    await air.sleep(ACK_TIMEOUT_MS);
  }
  return air.up() ? { kind: 'no_ack' } : { kind: 'radio_down' };
}

function repeat<T>(times: number, execute: () => T): T {
  const first = execute();
  return times === 1 ? first : execute();
}

/** A lock whose application hangs still has a radio that acknowledges. */
function ackLost(air: Air, lock: SimLock): boolean {
  return lock.fault.kind === 'drop' && departure(lock.fault, air.random).lost;
}
