import type { Route } from '../route.ts';
import type { DoctorAnswer } from './doctor-types.ts';
import { NO_PARAMS, pageRoute } from './page-route.ts';

/** `/page/doctor`: looks at the hub and its machine now, and tells what is wrong. */
export const pageDoctor: Route = pageRoute({
  path: '/page/doctor',
  verbs: ['GET'],
  scope: 'read',
  params: NO_PARAMS,
  act: ({ checkUp }): Promise<DoctorAnswer> => checkUp(),
});
