import { ApiProblem } from '../problem.ts';
import type { Route } from '../route.ts';
import { NO_PARAMS, pageRoute } from './page-route.ts';
import type { UpdateAnswer } from './update-types.ts';

/** `/page/update`: which version is there, which one is offered, and what it waits for. */
export const pageUpdate: Route = pageRoute({
  path: '/page/update',
  verbs: ['GET'],
  scope: 'read',
  params: NO_PARAMS,
  act: ({ updates }): UpdateAnswer | ApiProblem => {
    if (updates == null)
      return new ApiProblem(404, 'updates_not_found', 'In safe mode the hub takes no update.');
    const { version, offered, state, waitsFor, last } = updates.view();
    return {
      version,
      offered: offered && { version: offered.version, bytes: offered.bytes, bytes_here: offered.bytesHere },
      state,
      waits_for: waitsFor,
      last: last && {
        from: last.from,
        to: last.to,
        outcome: last.outcome,
        reason: last.reason,
        database_restored: last.database_restored,
      },
    };
  },
});
