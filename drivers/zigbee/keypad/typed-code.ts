import type { ActionOutcome } from '../../../src/lock-driver.ts';
import { actionOutcomeOf } from '../act/act.ts';
import type { Answer } from '../answer.ts';
import { outcomeOfSilence } from '../outcome.ts';

/** Keypads were made to wait for a panel that answers at once; after this long one is told no, and not left waiting. */
const VERDICT_WITHIN_MS = 3000;

/** What a keypad is told of a code (Arm Response, ZCL 8.3.2.4.1): the two that mean yes and no at a door. */
const NOTIFICATION = { disarmed: 0, invalidCode: 4 } as const;

/** Sends the answer to a question of the keypad, by its transaction number. */
type Send = (notification: number, transaction: number) => Promise<Answer<null>>;

/** A code that was typed at a keypad, until the keypad is told what became of it. */
export class TypedCode {
  readonly #send: Send;
  #waiting: { readonly transaction: number; readonly timer: NodeJS.Timeout } | null = null;

  constructor(send: Send) {
    this.#send = send;
  }

  /** The keypad asks about a code that the hub now judges. */
  ask(transaction: number): void {
    this.stop();
    const timer = setTimeout(() => void this.verdict(false), VERDICT_WITHIN_MS);
    this.#waiting = { transaction, timer };
  }

  /** The keypad asks about something that can be no code. */
  async refuse(transaction: number): Promise<void> {
    await this.#send(NOTIFICATION.invalidCode, transaction);
  }

  /** Has the keypad show whether the code was accepted. */
  async verdict(isAccepted: boolean): Promise<ActionOutcome> {
    const waiting = this.#waiting;
    this.stop();
    if (waiting === null) return NOBODY_WAITS;
    const notification = isAccepted ? NOTIFICATION.disarmed : NOTIFICATION.invalidCode;
    const answer = await this.#send(notification, waiting.transaction);
    return answer.kind === 'answer' ? { kind: 'done' } : actionOutcomeOf(outcomeOfSilence(answer));
  }

  /** Nobody waits any more. */
  stop(): void {
    clearTimeout(this.#waiting?.timer);
    this.#waiting = null;
  }
}

const NOBODY_WAITS: ActionOutcome = {
  kind: 'unsupported',
  message: 'This keypad shows that only as its answer to a code that was just typed.',
};
