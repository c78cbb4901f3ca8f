import { PAGE_ROUTES } from './page/routes.ts';
import type { Route } from './route.ts';
import { accessCodes } from './routes/access-codes.ts';
import { actionAttempts } from './routes/action-attempts.ts';
import { devices } from './routes/devices.ts';
import { events } from './routes/events.ts';
import { locks } from './routes/locks.ts';
import { session } from './routes/session.ts';
import { simulate } from './routes/simulate.ts';
import { unmanagedAccessCodes } from './routes/unmanaged-access-codes.ts';
import { unmanagedDevices } from './routes/unmanaged-devices.ts';
import { webhooks } from './routes/webhooks.ts';

/** Every route of the API. A new one is an entry of a list in `routes/`, one file for each path prefix. */
export const ROUTES: readonly Route[] = [
  ...accessCodes,
  ...unmanagedAccessCodes,
  ...devices,
  ...unmanagedDevices,
  ...locks,
  ...events,
  ...actionAttempts,
  ...webhooks,
  ...session,
  ...PAGE_ROUTES,
];

/** What is there beside them where the locks are simulated. */
export const SIMULATED_ROUTES: readonly Route[] = simulate;
