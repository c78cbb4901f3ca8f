import type { Outcome, RefusalReason } from '../../src/core/operation.ts';
import { isUnsupported, type Silence } from './answer.ts';

/** Outcomes as one line each. Messages never hold text of the library: it quotes what was sent. */
export const unknown = (message: string): Outcome => ({ kind: 'unknown', message });
export const unreachable = (message: string): Outcome => ({ kind: 'unreachable', message });
export const radioDown = (message: string): Outcome => ({ kind: 'radio_down', message });
export const refused = (reason: RefusalReason, message: string): Outcome => ({
  kind: 'refused',
  reason,
  message,
});

export const unsupported = refused('unsupported', 'this lock cannot do this');

/** The lock confirmed nothing that says what it holds. */
export const unproven = unknown('the lock did not confirm, and that says nothing about what it holds');

/** What it means for an operation that a command had no answer. */
export function outcomeOfSilence(silence: Silence): Outcome {
  switch (silence.kind) {
    case 'default':
      if (silence.status === 0) return unproven;
      return isUnsupported(silence.status)
        ? unsupported
        : refused('refused', `the lock refused with status ${silence.status}`);
    case 'unreadable':
      return unknown('the answer of the lock cannot be read');
    case 'no_answer':
      return unknown('the lock did not answer');
    case 'not_delivered':
      // Parts of an operation may have been taken before, so this is not "the lock saw nothing".
      return silence.at === 'stick'
        ? unknown(`the stick could not send (${silence.code ?? 'no status'})`)
        : unreachable(`the lock did not acknowledge (${silence.code ?? 'no status'})`);
  }
}

/** The status of a Set PIN Code Response that is no success (ZCL, Door Lock 7.3.2.17.6). */
export function refusalOfPin(status: number): Outcome {
  switch (status) {
    case 2:
      return refused('no_space', 'the memory of the lock is full');
    case 3:
      return refused('duplicate_pin', 'the lock already has this PIN');
    default:
      return refused('refused', `the lock refused the PIN with status ${status}`);
  }
}
