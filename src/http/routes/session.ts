import { z } from 'zod';
import { route, type Route } from '../route.ts';

/** Who is asking, as the page needs to know it. */
export const session: readonly Route[] = [
  route({
    path: '/session/get',
    verbs: ['GET', 'POST'],
    scope: 'read',
    summary: 'Who asks: a program with a key, or a person who logged in at the page.',
    params: z.object({}),
    answer: z.object({
      session: z.object({
        kind: z.enum(['key', 'session']),
        name: z.string(),
        scopes: z.array(z.string()),
        csrf_token: z
          .string()
          .nullable()
          .describe('A session sends it as `x-csrf-token` with all but GET; `null` for a key.'),
      }),
    }),
    act: ({ caller }) => ({
      session: {
        kind: caller.kind,
        name: caller.name,
        scopes: [...caller.scopes],
        csrf_token: caller.kind === 'session' ? caller.session.csrfToken : null,
      },
    }),
  }),
];
