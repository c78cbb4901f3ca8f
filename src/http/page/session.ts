import type { Route } from '../route.ts';
import { NO_PARAMS, pageRoute } from './page-route.ts';
import type { SessionAnswer } from './types.ts';

/** `/page/session`. A program with a key needs no token, so its token is empty. */
export const pageSession: Route = pageRoute({
  path: '/page/session',
  verbs: ['GET'],
  scope: 'read',
  params: NO_PARAMS,
  act: ({ caller, hubId, version, policy }): SessionAnswer => ({
    csrf_token: caller.kind === 'session' ? caller.session.csrfToken : '',
    scopes: [...caller.scopes],
    hub_id: hubId,
    version,
    timezone: policy.timezone,
  }),
});
