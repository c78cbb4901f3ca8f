import type { Finding } from '../../core/finding.ts';
import { DAY_MS, type Instant } from '../../core/time.ts';
import type { BackupsSeen, DatabaseContent } from '../observations.ts';
import { textOf } from './machine.ts';

/** A hub that is new has its first night before it. */
const NEW_MS = 2 * DAY_MS;
/** One is made every week at least, and a night may be left out. */
const OLD_MS = 9 * DAY_MS;
/** The secret of the database with the public halves of recovery keys that were made on the hub. */
const RECOVERY_KEYS = 'backup_recipients';
const ABOUT = { severity: 'warning', subject: null } as const;

/** `failure`: why the running hub did not make the last one. `content`: `null` where the database tells nothing. */
export function judgeBackups(
  { folder, newestAt, hubSince, hasRecipients }: BackupsSeen,
  failure: string | null,
  content: DatabaseContent | null,
  at: Instant,
): readonly Finding[] {
  const found: Finding[] = [];
  if (failure !== null) {
    found.push({
      ...ABOUT,
      id: 'backup_failed',
      what: 'The last backup was not made.',
      fix: 'Mend what it says, and make a backup on the page.',
      seen: failure,
    });
  } else if (hubSince !== null && at - hubSince > NEW_MS && (newestAt === null || at - newestAt > OLD_MS)) {
    found.push({
      ...ABOUT,
      id: 'backup_missing',
      what: 'There is no backup of the hub that is worth the name.',
      fix: 'Make one on the page (view Backup) or with "lockhub backup". The hub makes one every night in which it runs and has room.',
      seen:
        newestAt === null ? `none in ${folder}` : `the newest in ${folder} was made at ${textOf(newestAt)}`,
    });
  }
  if (
    content !== null &&
    content.locks.length > 0 &&
    !hasRecipients &&
    !content.secrets.includes(RECOVERY_KEYS)
  ) {
    found.push({
      ...ABOUT,
      id: 'backup_key_missing',
      what: 'Backups open on this hub alone, so they are lost with it.',
      fix: 'Make a recovery key on the page (view Backup) or with "lockhub recovery-key", and keep it away from the hub.',
      seen: 'no recovery key was made, and the config names none',
    });
  }
  return found;
}
