import type { Outcome } from '../../../src/core/operation.ts';
import type { ActionOutcome, LockAction } from '../../../src/lock-driver.ts';
import { answerOfError } from '../answer.ts';
import { readNumber } from '../attributes.ts';
import { sendBolt } from '../door-lock.ts';
import type { Discovery } from '../discovery.ts';
import type { Evidence } from '../evidence.ts';
import type { Member, ZigbeeLock } from '../lock.ts';
import { outcomeOfSilence } from '../outcome.ts';

/** When the bolt is looked at after a command, in turn: most need a second, some three. */
const LOOK_AFTER_MS = [300, 1500, 3000];
const IDENTIFY_S = 10;
const LOCKED = 1;
const UNLOCKED = 2;
const STUCK = 0;

/** Does one thing at one lock, without a deadline. */
export function act(
  lock: ZigbeeLock,
  action: LockAction,
  jam: Evidence,
  discovery: Discovery,
): Promise<ActionOutcome> {
  switch (action) {
    case 'lock':
      return moveBolt(lock, LOCKED, jam);
    case 'unlock':
      return moveBolt(lock, UNLOCKED, jam);
    case 'identify':
      return identify(lock);
    case 'reinterview':
      return reinterview(lock, discovery);
    case 'show_accepted':
    case 'show_denied':
      return Promise.resolve({ kind: 'unsupported', message: 'This is no keypad.' });
  }
}

/** The words of the port for the result that an operation has. */
export function actionOutcomeOf(outcome: Outcome): ActionOutcome {
  switch (outcome.kind) {
    case 'done':
      return { kind: 'done' };
    case 'refused':
      return {
        kind: outcome.reason === 'refused' ? 'refused' : 'unsupported',
        message: sentence(outcome.message),
      };
    case 'unreachable':
    case 'unknown':
    case 'radio_down':
      return { kind: outcome.kind, message: sentence(outcome.message) };
  }
}

function sentence(message: string): string {
  return `${message.charAt(0).toUpperCase()}${message.slice(1)}.`;
}

/** Sends the bolt somewhere and looks whether it got there: an answer says only that the lock took the command. */
async function moveBolt(lock: ZigbeeLock, wanted: number, jam: Evidence): Promise<ActionOutcome> {
  const answer = await sendBolt(lock, wanted === LOCKED);
  if (answer.kind !== 'answer' && answer.kind !== 'unreadable' && answer.kind !== 'no_answer')
    return actionOutcomeOf(outcomeOfSilence(answer));
  const isRefused = answer.kind === 'answer' && answer.payload.status !== 0;
  let shown: number | null | undefined;
  for (const afterMs of LOOK_AFTER_MS) {
    const isStuck = await jam.within(afterMs);
    const state = await readNumber(lock, 'closuresDoorLock', 'lockState');
    shown = state.kind === 'answer' ? state.payload : undefined;
    // Where the bolt is counts for more than a complaint, which may be an old one that came late.
    if (shown === wanted && !lock.profile.quirks.blindBolt) return { kind: 'done' };
    if (isStuck || shown === STUCK) return { kind: 'jammed', message: 'The bolt stuck.' };
    if (isRefused) return { kind: 'refused', message: 'The lock refused to move its bolt.' };
  }
  return shown === undefined
    ? { kind: 'unknown', message: 'The lock did not say where its bolt is.' }
    : { kind: 'unknown', message: 'The bolt did not arrive where it was sent.' };
}

/** Has a lock or a keypad show which one it is. */
export async function identify({ device, times }: Pick<Member, 'device' | 'times'>): Promise<ActionOutcome> {
  const endpoint = device.endpoints.find((candidate) => candidate.supportsInputCluster('genIdentify'));
  if (endpoint === undefined)
    return { kind: 'unsupported', message: 'This device has no light or sound to show.' };
  try {
    await endpoint.command(
      'genIdentify',
      'identify',
      { identifytime: IDENTIFY_S },
      { sendPolicy: 'immediate', disableRecovery: true, timeout: times.questionMs },
    );
    return { kind: 'done' };
  } catch (error) {
    return actionOutcomeOf(outcomeOfSilence(answerOfError(error)));
  }
}

/** Asks a lock or a keypad everything anew. */
export async function reinterview(member: Member, discovery: Discovery): Promise<ActionOutcome> {
  const { kind } = await discovery.reinterview(member);
  if (kind === 'lock') return { kind: 'done' };
  if (kind === 'radio_down') return { kind: 'radio_down', message: 'The radio was lost.' };
  return { kind: 'unknown', message: 'It did not answer everything; it is asked again later.' };
}
