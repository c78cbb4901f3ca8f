import { CommandClasses, InterviewStage, NodeStatus, SupervisionStatus } from '@zwave-js/core';
import type { ZWaveNode } from 'zwave-js';
import type { Outcome } from '../../../src/core/operation.ts';
import type { ActionOutcome, LockAction } from '../../../src/lock-driver.ts';
import type { Evidence } from '../evidence.ts';
import type { ZwaveLock } from '../lock.ts';
import { moveBolt } from './door.ts';

/** From this version on a node can be asked to show which one it is. */
const INDICATOR_WITH_IDENTIFY = 3;

/** Does one thing at one lock, without a deadline. Throws what zwave-js throws. */
export function act(lock: ZwaveLock, action: LockAction, jam: Evidence): Promise<ActionOutcome> {
  switch (action) {
    case 'lock':
      return moveBolt(lock.node, true, jam);
    case 'unlock':
      return moveBolt(lock.node, false, jam);
    case 'identify':
      return identify(lock.node);
    case 'reinterview':
      return reinterview(lock);
    case 'show_accepted':
    case 'show_denied':
      return Promise.resolve({ kind: 'unsupported', message: 'This is no keypad.' });
  }
}

/** The words of the port for the result that an error or a deadline has among operations. */
export function actionOutcomeOf(outcome: Outcome): ActionOutcome {
  switch (outcome.kind) {
    case 'done':
      return { kind: 'done' };
    case 'refused':
      return { kind: 'unsupported', message: sentence(outcome.message) };
    case 'unreachable':
    case 'unknown':
    case 'radio_down':
      return { kind: outcome.kind, message: sentence(outcome.message) };
  }
}

/** Outcomes of operations are told in a log; those of actions to a person. */
function sentence(message: string): string {
  return `${message.charAt(0).toUpperCase()}${message.slice(1)}.`;
}

/** Has it beep or blink. Throws what zwave-js throws. */
export async function identify(node: ZWaveNode): Promise<ActionOutcome> {
  const canIdentify =
    node.supportsCC(CommandClasses.Indicator) &&
    node.getCCVersion(CommandClasses.Indicator) >= INDICATOR_WITH_IDENTIFY;
  if (!canIdentify) return { kind: 'unsupported', message: 'This lock has no light or sound to show.' };
  const supervision = await node.commandClasses.Indicator.identify();
  return supervision?.status === SupervisionStatus.Fail
    ? { kind: 'refused', message: 'The lock refused to identify itself.' }
    : { kind: 'done' };
}

/**
 * Asks a lock everything anew. The library forgets what it knew before it asks, so the lock has to be there; the PINs are
 * safe, they are read and not written (must-know 1).
 */
export async function reinterview({
  node,
  nextMeeting,
}: Pick<ZwaveLock, 'node' | 'nextMeeting'>): Promise<ActionOutcome> {
  if (node.status === NodeStatus.Asleep) return { kind: 'unreachable', message: 'The lock sleeps.' };
  if (!(await node.ping())) return { kind: 'unreachable', message: 'The lock does not answer.' };
  const met = nextMeeting();
  await node.refreshInfo({ waitForWakeup: false });
  const { kind } = await met;
  if (kind === 'lock') return { kind: 'done' };
  if (kind === 'radio_down') return { kind: 'radio_down', message: 'The radio was lost.' };
  return { kind: 'unknown', message: 'The lock did not answer everything; it is asked again later.' };
}

/** The lock is being asked everything anew, and what the library knows of it is not to be relied on. */
export function isReinterviewed(node: ZWaveNode): boolean {
  return node.interviewStage !== InterviewStage.Complete;
}
