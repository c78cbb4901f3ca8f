import { z } from 'zod';
import type { Command } from '../core/command.ts';

/** A command as existing clients know it: what was tried once, and what came of it. */
export const actionAttemptSchema = z
  .object({
    action_attempt_id: z.string().describe('The `command_id`.'),
    action_type: z.string().describe('The type of the command in capitals: `LOCK_DOOR`, `UNLOCK_DOOR`, …'),
    status: z.enum(['pending', 'success', 'error']),
    result: z.record(z.string(), z.unknown()).nullable().describe('Of a `success` only.'),
    error: z
      .object({ type: z.string(), message: z.string().describe('For people; its words may change.') })
      .nullable()
      .describe('Of an `error` only.'),
  })
  .meta({ id: 'ActionAttempt' });

export type ActionAttemptObject = z.infer<typeof actionAttemptSchema>;

export function actionAttemptOf({ commandId, type, outcome }: Command): ActionAttemptObject {
  const attempt = { action_attempt_id: commandId, action_type: type.toUpperCase() };
  switch (outcome.state) {
    case 'accepted':
    case 'running':
      return { ...attempt, status: 'pending', result: null, error: null };
    case 'succeeded':
      return { ...attempt, status: 'success', result: resultOf(type, outcome.result), error: null };
    case 'failed': {
      const { code, message } = outcome.error;
      return { ...attempt, status: 'error', result: null, error: { type: code, message } };
    }
    case 'expired':
      return { ...attempt, status: 'error', result: null, error: EXPIRED };
  }
}

/** A bolt that moved counts as done only when the lock itself says so. */
function resultOf(
  type: string,
  result: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const isDoor = type === 'lock_door' || type === 'unlock_door';
  return isDoor ? { was_confirmed_by_device: true, ...result } : result;
}

const EXPIRED = { type: 'expired', message: 'Its time ran out before it could be done.' };
