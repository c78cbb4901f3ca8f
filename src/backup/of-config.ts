import { existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import type { Config } from '../config.ts';
import type { Store } from '../store/store.ts';
import { ownedLike } from './disk.ts';
import { BackupError } from './errors.ts';
import type { BackupSource } from './make.ts';

/** What of a running or stopped hub goes into a backup. */
export function sourceOf(config: Config, version: string, store: Pick<Store, 'secrets'>): BackupSource {
  const { hubId, dataDir, keyFile, configFile, files: named } = config;
  const { publicKeys } = config.backup;
  return { hubId, version, dataDir, keyFile, configFile, named, secrets: store.secrets, publicKeys };
}

/** The folder for backups, made if it is the hub's own. Throws `BackupError` of kind `no_place`. */
export function folderOf({ backup: { folder, isOwnFolder } }: Pick<Config, 'backup'>): string {
  if (isOwnFolder && mkdirSync(folder, { recursive: true, mode: 0o700 }) !== undefined) {
    ownedLike(folder, path.dirname(folder));
  }
  if (existsSync(folder)) return folder;
  throw new BackupError(
    'no_place',
    `${folder} (backup.to) is not there: is the disk plugged in and mounted?`,
  );
}
