import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import type { Config } from '../config.ts';
import { makeDataDirectory, openData } from '../data.ts';
import { holdDataDirectory } from '../store/instance-lock.ts';
import { loadOrCreateKey } from '../store/key-file.ts';
import type { Store } from '../store/store.ts';
import type { BackupHeader } from './envelope.ts';
import { BackupError } from './errors.ts';
import { copyDatabase, makeBackup, recoveryKeysOf, setRecoveryKey, type BackupSource } from './make.ts';
import { checkBackup } from './read-file.ts';
import type { Opener } from './recipients.ts';
import { RecoveryKey } from './recovery-key.ts';
import { putConfig } from './put-config.ts';
import { applyRestore, configIn, stageRestore } from './restore.ts';
import { nameAt, tidy } from './shelf.ts';

/** `lockhub backup`: also while the hub runs. Answers lines to print. Rejects with `BackupError` and `StoreError`. */
export async function backup(config: Config, version: string, to: string | null): Promise<readonly string[]> {
  const store = openData(config, () => undefined);
  try {
    const copy = await copyDatabase(config);
    const at = Date.now();
    try {
      const file = to === null ? path.join(folderOf(config), nameAt(config.hubId, at)) : fileOf(to, config, at);
      const source = sourceOf(config, version, store);
      const { sizeBytes } = await makeBackup(source, copy, { file, at, reason: 'on_demand' });
      if (to === null) tidy(config.backup.folder, config.hubId, config.backup);
      return [file, `${sizeBytes} bytes; ${whoOpens(config, store)}`];
    } finally {
      copy.remove();
    }
  } finally {
    store.close();
  }
}

/** `lockhub recovery-key`: a new one, in place of the one before. */
export function makeRecoveryKey(config: Config): readonly string[] {
  makeDataDirectory(config);
  const store = openData(config, () => undefined);
  try {
    const key = RecoveryKey.generate();
    setRecoveryKey(store.secrets, key.publicKey);
    return [
      key.reveal(),
      'Write it down and keep it away from the hub: it is shown this once, and opens every backup from now on.',
      `public half (backup.recipients of other hubs): ${key.publicKey}`,
    ];
  } finally {
    store.close();
  }
}

/** What `lockhub restore` is told. */
export interface RestoreOrder {
  readonly file: string;
  readonly configFile: string;
  /** `null`: the key file of this hub opens it. */
  readonly recoveryKey: RecoveryKey | null;
  readonly loadConfig: (file: string) => Config;
}

/**
 * `lockhub restore`: the hub must not run. Where there is no config yet, that of the backup is put there, with the files
 * that it names. Rejects with `BackupError` and `StoreError`, having changed nothing of the hub's data.
 */
export async function restore(order: RestoreOrder): Promise<readonly string[]> {
  const { file, configFile, recoveryKey, loadConfig } = order;
  const lines: string[] = [];
  if (!existsSync(configFile)) {
    if (recoveryKey === null) throw needsKey(configFile);
    const { config: kept } = await configIn(file, recoveryKey);
    if (kept === null) throw new BackupError('in_the_way', `The backup has no config, and there is no ${configFile}.`);
    lines.push(...putConfig(configFile, kept));
  }
  const config = loadConfig(configFile);
  makeDataDirectory(config);
  const release = holdDataDirectory(path.join(config.dataDir, 'hub.lock'));
  try {
    const opener: Opener = recoveryKey ?? loadOrCreateKey({ keyFile: config.keyFile, databaseExists: true });
    const { header } = await stageRestore(file, opener, config.hubId, config);
    applyRestore(config);
    return [...lines, `Restored ${header.hub_id} as it was at ${header.made_at}.`, ...AFTER_RESTORE];
  } finally {
    release();
  }
}

const AFTER_RESTORE = [
  'What was there before is in before-restore, in the data directory.',
  'Start the hub: it looks at every slot that it knows before it writes, and asks its cloud for what changed since.',
] as const;

/** What a backup says of itself, for a person. */
export async function describe(file: string): Promise<{ readonly header: BackupHeader; readonly line: string }> {
  const header = await checkBackup(file);
  const { hub_id: hubId, made_at: madeAt, version, recipients } = header;
  const openers = recipients.some(({ kind }) => kind === 'recovery') ? 'a recovery key' : 'the hub alone';
  return { header, line: `${hubId}, made ${madeAt} by lockhub ${version}, opens with ${openers}` };
}

/** Reads a recovery key from a file or, as `-`, from standard input. */
export function readRecoveryKey(file: string): RecoveryKey {
  return RecoveryKey.parse(readFileSync(file === '-' ? 0 : file, 'utf8'));
}

/** What of a running or stopped hub goes into a backup. */
export function sourceOf(config: Config, version: string, store: Pick<Store, 'secrets'>): BackupSource {
  const { hubId, dataDir, keyFile, configFile, files, backup: where } = config;
  const { publicKeys } = where;
  return { hubId, version, dataDir, keyFile, configFile, named: files, secrets: store.secrets, publicKeys };
}

/** The folder for backups, made if it is the hub's own. Throws `BackupError` of kind `no_place`. */
export function folderOf({ backup: { folder, isOwnFolder } }: Config): string {
  if (isOwnFolder) mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (existsSync(folder)) return folder;
  throw new BackupError('no_place', `${folder} (backup.to) is not there: is the disk plugged in and mounted?`);
}

function fileOf(to: string, { hubId }: Config, at: number): string {
  return existsSync(to) && statSync(to).isDirectory() ? path.join(to, nameAt(hubId, at)) : path.resolve(to);
}

function whoOpens({ backup: { publicKeys } }: Config, { secrets }: Store): string {
  return recoveryKeysOf(secrets).length + publicKeys.length > 0
    ? 'it opens with the recovery key, and with the key file of this hub'
    : 'it opens only with the key file of this hub: make a recovery key (lockhub recovery-key), or it is lost with the hub';
}

function needsKey(configFile: string): BackupError {
  return new BackupError(
    'foreign_key',
    `There is no ${configFile}, so only a recovery key opens the backup (--key-file).`,
  );
}
