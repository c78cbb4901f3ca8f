import { CommandClasses, Indicator, SupervisionStatus } from '@zwave-js/core';
import { IndicatorCCValues } from '@zwave-js/cc/IndicatorCC';
import type { ZWaveNode } from 'zwave-js';
import type { ActionOutcome, LockAction } from '../../../src/lock-driver.ts';
import { identify, reinterview } from '../act/act.ts';
import type { Meeting } from '../meetings.ts';
import type { Keypad } from './keypads.ts';

/** Property of an indicator that switches it on at some strength (Indicator CC version 2). */
const MULTILEVEL = 1;
const FULL = 0xff;

/** Does one thing at a keypad, without a deadline. Throws what zwave-js throws. */
export async function actAtKeypad(
  { node }: Keypad,
  action: LockAction,
  nextMeeting: () => Promise<Meeting>,
): Promise<ActionOutcome> {
  switch (action) {
    case 'show_accepted':
      return show(node, Indicator['Code accepted']);
    case 'show_denied':
      return show(node, Indicator['Code not accepted']);
    case 'identify':
      return identify(node);
    case 'reinterview':
      return reinterview({ node, nextMeeting });
    case 'lock':
    case 'unlock':
      return { kind: 'unsupported', message: 'A keypad has no bolt.' };
  }
}

async function show(node: ZWaveNode, indicatorId: Indicator): Promise<ActionOutcome> {
  const known = node.supportsCC(CommandClasses.Indicator)
    ? (node.getValue<readonly number[]>(IndicatorCCValues.supportedIndicatorIds.id) ?? [])
    : [];
  if (!known.includes(indicatorId)) return { kind: 'unsupported', message: 'This keypad can not show that.' };
  const shown = await node.commandClasses.Indicator.set([
    { indicatorId, propertyId: MULTILEVEL, value: FULL },
  ]);
  return shown?.status === SupervisionStatus.Fail
    ? { kind: 'refused', message: 'The keypad refused to show it.' }
    : { kind: 'done' };
}
