import { z } from 'zod';
import type { Command } from '../../core/command.ts';
import { actionAttemptOf, actionAttemptSchema } from '../action-attempts.ts';
import { creationOf } from '../codes/attempt.ts';
import { paginationSchema } from '../paging.ts';
import { invalidInput, notFound } from '../problem.ts';
import { route, type Route } from '../route.ts';

const IDS_MAX = 1000;
const ID_CHARS_MAX = 200;
const LIMIT_DEFAULT = 500;
const LIMIT_MAX = 1000;

const id = z.string().max(ID_CHARS_MAX);

const listParameters = z.object({
  action_attempt_ids: z.array(id).max(IDS_MAX).describe('These, in this order.').optional(),
  device_id: id.describe('Those of one lock, the newest first. Without either: of all.').optional(),
  limit: z.int().min(1).max(LIMIT_MAX).default(LIMIT_DEFAULT),
  page_cursor: id
    .nullish()
    .describe('`next_page_cursor` of the page before; the other parameters have to be the same.'),
});

/** `/action_attempts/*`. What was asked for but not understood is no attempt. */
export const actionAttempts: readonly Route[] = [
  route({
    path: '/action_attempts/get',
    verbs: ['GET', 'POST'],
    scope: 'read',
    summary: 'What came of something that was to be done once.',
    params: z.object({ action_attempt_id: id }),
    answer: z.object({ action_attempt: actionAttemptSchema }),
    act: ({ store, simulation }, { action_attempt_id }) => {
      const simulated = simulation?.attempt(action_attempt_id);
      if (simulated !== undefined) return { action_attempt: simulated };
      const command = store.commands.get(action_attempt_id);
      const attempt =
        command !== undefined && isAttempt(command)
          ? actionAttemptOf(command)
          : creationOf(action_attempt_id, store);
      return attempt === undefined ? notFound('action_attempt') : { action_attempt: attempt };
    },
  }),
  route({
    path: '/action_attempts/list',
    verbs: ['GET', 'POST'],
    scope: 'read',
    summary: 'What was to be done once, and what came of it.',
    params: listParameters,
    answer: z.object({ action_attempts: z.array(actionAttemptSchema), pagination: paginationSchema }),
    act: ({ store }, { action_attempt_ids, device_id, limit, page_cursor }) => {
      const { commands } = store;
      if (action_attempt_ids !== undefined) {
        const asked = action_attempt_ids.flatMap((commandId) => commands.get(commandId) ?? []);
        return answerOf(
          asked.filter((command) => device_id === undefined || isOf(command, device_id)),
          null,
        );
      }
      if (page_cursor != null && commands.get(page_cursor) === undefined) {
        return invalidInput('page_cursor: no list gave this one.', 'page_cursor');
      }
      const found = commands.newest(device_id ?? null, page_cursor ?? null, limit + 1);
      const page = found.slice(0, limit);
      return answerOf(page, found.length > limit ? (page.at(-1)?.commandId ?? null) : null);
    },
  }),
];

function answerOf(commands: readonly Command[], nextCursor: string | null) {
  return {
    action_attempts: commands.filter(isAttempt).map(actionAttemptOf),
    pagination: { has_next_page: nextCursor !== null, next_page_cursor: nextCursor, next_page_url: null },
  };
}

function isAttempt({ request }: Command): boolean {
  return request !== null;
}

function isOf({ request }: Command, deviceId: string): boolean {
  return request !== null && 'deviceId' in request && request.deviceId === deviceId;
}
