import { statSync } from 'node:fs';
import { backupsIn, timeOf } from '../../backup/shelf.ts';
import type { Config } from '../../config.ts';
import type { BackupsSeen, Seen } from '../observations.ts';
import { codeOf } from './text-file.ts';

/** The backups of the hub, by the names of their files; none is opened. */
export function seeBackups({ hubId, keyFile, backup }: Config): Seen<BackupsSeen> {
  const { folder, publicKeys } = backup;
  try {
    const hubSince = statSync(keyFile, { throwIfNoEntry: false })?.mtimeMs ?? null;
    const folderSeen = statSync(folder, { throwIfNoEntry: false });
    const [newest] = folderSeen === undefined ? [] : backupsIn(folder, hubId);
    const newestAt = newest === undefined ? null : timeOf(newest.name);
    return { seen: { folder, newestAt, hubSince, hasRecipients: publicKeys.length > 0 } };
  } catch (error) {
    return { unseen: `${folder}: ${codeOf(error) ?? 'it can not be read'}` };
  }
}
