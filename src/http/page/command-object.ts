import type { Command, CommandOutcome } from '../../core/command.ts';
import { notedText } from '../../wire/instant-text.ts';
import type { PageCommand } from './types.ts';

/** A command as the page shows it; `undefined`: it was never understood, so there is nothing to show. */
export function pageCommandOf({ commandId, request, receivedAt, outcome }: Command): PageCommand | undefined {
  if (request === null) return undefined;
  return {
    command_id: commandId,
    type: request.type,
    device_id: 'deviceId' in request ? request.deviceId : null,
    received_at: notedText(receivedAt),
    ...commandStateOf(outcome),
  };
}

export function commandStateOf(outcome: CommandOutcome): Pick<PageCommand, 'state' | 'result' | 'error'> {
  const { state } = outcome;
  return {
    state,
    result: state === 'succeeded' ? outcome.result : null,
    error: state === 'failed' ? outcome.error : null,
  };
}
