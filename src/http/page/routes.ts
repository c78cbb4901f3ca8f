import type { Route } from '../route.ts';
import { pageBackups, pageMakeBackup, pageRecoveryKey } from './backups.ts';
import { pageCheckCode } from './check-code.ts';
import { pageCodes, pageShowCode } from './codes.ts';
import { pageCommands, pagePairingPin } from './commands.ts';
import { pageLocks } from './locks.ts';
import { pageLog } from './log.ts';
import { pageOverview } from './overview.ts';
import { pagePairing, pageRadio } from './radio.ts';
import { pageSession } from './session.ts';

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
  pageLog,
  pageBackups,
  pageMakeBackup,
  pageRecoveryKey,
];
