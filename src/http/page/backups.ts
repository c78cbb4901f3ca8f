import { ApiProblem } from '../problem.ts';
import type { Route } from '../route.ts';
import type { BackupService } from './hub-state.ts';
import { NO_PARAMS, pageRoute } from './page-route.ts';
import type { BackupsAnswer, MadeBackupAnswer, RecoveryKeyAnswer } from './backup-types.ts';

export const NO_BACKUPS = new ApiProblem(404, 'backups_not_found', 'This hub keeps no backups.');

/** `/page/backups`: those that are kept, and how the last one went. */
export const pageBackups: Route = pageRoute({
  path: '/page/backups',
  verbs: ['GET'],
  scope: 'admin',
  params: NO_PARAMS,
  act: ({ backups }): BackupsAnswer | ApiProblem =>
    backups === undefined ? NO_BACKUPS : answerOf(backups.state()),
});

/** `/page/backups/make`: one more, now. */
export const pageMakeBackup: Route = pageRoute({
  path: '/page/backups/make',
  verbs: ['POST'],
  scope: 'admin',
  params: NO_PARAMS,
  act: async ({ backups }): Promise<MadeBackupAnswer | ApiProblem> => {
    if (backups === undefined) return NO_BACKUPS;
    const name = await backups.make('on_demand');
    const { failure } = backups.state();
    return name === null ? new ApiProblem(409, 'backup_failed', failure ?? 'No backup was made.') : { name };
  },
});

/** `/page/backups/recovery-key`: a new one; backups that are made from now on open with it and with none before. */
export const pageRecoveryKey: Route = pageRoute({
  path: '/page/backups/recovery-key',
  verbs: ['POST'],
  scope: 'admin',
  params: NO_PARAMS,
  act: ({ backups }): RecoveryKeyAnswer | ApiProblem =>
    backups === undefined ? NO_BACKUPS : { recovery_key: backups.makeRecoveryKey().reveal() },
});

function answerOf({
  isRunning,
  failure,
  backups,
  hasRecoveryKey,
}: ReturnType<BackupService['state']>): BackupsAnswer {
  return {
    is_running: isRunning,
    failure,
    backups: backups.map(({ name, sizeBytes }) => ({ name, size_bytes: sizeBytes })),
    has_recovery_key: hasRecoveryKey,
  };
}
