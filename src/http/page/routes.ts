import type { Route } from '../route.ts';
import { pageBackups, pageMakeBackup, pageRecoveryKey } from './backups.ts';
import { pageCheckCode } from './check-code.ts';
import { pageClaim } from './claim.ts';
import { pageCodes, pageShowCode } from './codes.ts';
import { pageCommands, pagePairingPin } from './commands.ts';
import { pageDoctor } from './doctor.ts';
import { pageLocks } from './locks.ts';
import { pageLog } from './log.ts';
import { pageOverview } from './overview.ts';
import { pagePairing, pageRadio } from './radio.ts';
import { pageSession } from './session.ts';
import { pageStick } from './sticks.ts';
import { pageUpdate } from './update.ts';

/** What the technician's page asks of the hub. */
export const PAGE_ROUTES: readonly Route[] = [
  pageSession,
  pageOverview,
  pageLocks,
  pageCodes,
  pageShowCode,
  pageCheckCode,
  pageCommands,
  pagePairing,
  pagePairingPin,
  pageRadio,
  pageStick,
  pageLog,
  pageDoctor,
  pageClaim,
  pageBackups,
  pageMakeBackup,
  pageRecoveryKey,
  pageUpdate,
];
