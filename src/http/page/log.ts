import { z } from 'zod';
import type { Route } from '../route.ts';
import { LOG_LEVELS } from './log-ring.ts';
import { pageRoute } from './page-route.ts';
import type { LogAnswer } from './types.ts';

/** `/page/log`: what is in memory. Lines that come later are told by the stream. */
export const pageLog: Route = pageRoute({
  path: '/page/log',
  verbs: ['GET'],
  scope: 'read',
  params: z.object({
    level: z.enum(LOG_LEVELS).default('info'),
    after: z.int().min(0).default(0),
  }),
  act: ({ logRing }, { level, after }): LogAnswer => ({ lines: logRing.lines(level, after) }),
});
