import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import type { Readable, Writable } from 'node:stream';
import type { Config } from '../config.ts';
import { holdData, makeDataDirectory, openData } from '../data.ts';
import type { BackupOptions, KeyOptions, ReplaceOptions, RestoreOptions } from '../program-backup.ts';
import { loadOrCreateKey } from '../store/key-file.ts';
import type { Store } from '../store/store.ts';
import { BackupError } from './errors.ts';
import { copyDatabase, makeBackup, recoveryKeysOf, setRecoveryKey } from './make.ts';
import { folderOf, sourceOf } from './of-config.ts';
import { putConfig } from './put-config.ts';
import type { Opener } from './recipients.ts';
import { RecoveryKey } from './recovery-key.ts';
import { untilAllAnswer, walkThrough } from './replace.ts';
import {
  progressOf,
  readReplacement,
  REPLACEMENT,
  writeReplacement,
  type Replacement,
} from './replacement.ts';
import { ownedLike } from './disk.ts';
import { applyRestore, configIn, stageRestore } from './restore.ts';
import { nameAt, tidy } from './shelf.ts';

/** What a command needs of the program around it. */
export interface BackupShell {
  /** Rejects when the config is wrong. */
  readonly configOf: (file: string) => Promise<Config>;
  /** Of this program. */
  readonly version: string;
  /** Gives the hub a key of its own in place of the one that came with the backup; answers how it is claimed. */
  readonly renew: (config: Config) => Promise<readonly string[]>;
  readonly terminal: { readonly stdin: Readable; readonly stdout: Writable };
}

/** `lockhub backup`: also while the hub runs. Answers lines to print. Rejects with `BackupError` and `StoreError`. */
async function backup(
  { config: configFile, to }: BackupOptions,
  { configOf, version }: BackupShell,
): Promise<readonly string[]> {
  const config = await configOf(configFile);
  const store = openData(config, () => undefined);
  try {
    const copy = await copyDatabase(config);
    const at = Date.now();
    try {
      const file =
        to === undefined ? path.join(folderOf(config), nameAt(config.hubId, at)) : fileOf(to, config, at);
      const source = sourceOf(config, version, store);
      const { sizeBytes } = await makeBackup(source, copy, { file, at, reason: 'on_demand' });
      if (to === undefined) tidy(config.backup.folder, config.hubId, config.backup);
      return [file, `${sizeBytes} bytes; ${whoOpens(config, store)}`];
    } finally {
      copy.remove();
    }
  } finally {
    store.close();
  }
}

/** `lockhub recovery-key`: a new one, in place of the one before. */
async function recoveryKey(options: KeyOptions, { configOf }: BackupShell): Promise<readonly string[]> {
  const config = await configOf(options.config);
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

/**
 * `lockhub restore`: the hub must not run. Where there is no config yet, that of the backup is put there, with the files
 * that it names. Rejects with `BackupError` and `StoreError`, having changed nothing of the hub's data.
 */
async function restore(
  file: string,
  { config: configFile, keyFile }: RestoreOptions,
  { configOf }: BackupShell,
): Promise<readonly string[]> {
  const key = keyFile === undefined ? null : readRecoveryKey(keyFile);
  const lines = existsSync(configFile) ? [] : await configFrom(file, configFile, key);
  const config = await configOf(configFile);
  const release = holdData(config);
  try {
    const opener: Opener = key ?? loadOrCreateKey({ keyFile: config.keyFile, databaseExists: true });
    const { header } = await stageRestore(file, opener, config.hubId, config);
    applyRestore(config);
    return [...lines, `Restored ${header.hub_id} as it was at ${header.made_at}.`, ...AFTER_RESTORE];
  } finally {
    release();
  }
}

async function configFrom(
  file: string,
  configFile: string,
  key: RecoveryKey | null,
): Promise<readonly string[]> {
  if (key === null) throw needsKey(configFile);
  const { config } = await configIn(file, key);
  if (config !== null) return putConfig(configFile, config);
  throw new BackupError('in_the_way', `The backup has no config, and there is no ${configFile}.`);
}

/** `lockhub replace BACKUP`: as `restore`, step by step, for a person. */
async function replace(
  file: string,
  options: ReplaceOptions,
  shell: BackupShell,
): Promise<readonly string[]> {
  const { stdin: input, stdout: output } = shell.terminal;
  // Where there is no config yet, it comes with the backup, and so does whatever it says of the cloud.
  const there = existsSync(options.config) ? await shell.configOf(options.config) : null;
  const before = (dataDir = there?.dataDir): Replacement | null =>
    dataDir === undefined || options.again ? null : readReplacement(dataDir);
  const renew = async (): Promise<readonly string[]> => {
    const config = await shell.configOf(options.config);
    if (config.cloud?.claim == null) return NO_CLAIM;
    const lines = await shell.renew(config);
    const done = readReplacement(config.dataDir);
    if (done !== null) writeReplacement(config.dataDir, { ...done, is_renamed: true });
    ownedLike(path.join(config.dataDir, REPLACEMENT), config.dataDir);
    return lines;
  };
  return walkThrough(
    { input, output, asks: !options.yes },
    {
      file,
      configFile: options.config,
      before: () => before(),
      restore: () => restore(file, options, shell),
      renew: options.keepCertificate ? null : renew,
    },
  );
}

/** `lockhub replace`: waits until every lock has answered the restored hub, which runs. */
async function checkReplaced(options: ReplaceOptions, shell: BackupShell): Promise<readonly string[]> {
  const config = await shell.configOf(options.config);
  const replacement = readReplacement(config.dataDir);
  if (replacement === null) {
    throw new BackupError(
      'incomplete',
      'Nothing was restored here: give the backup (lockhub replace BACKUP).',
    );
  }
  const say = (line: string): void => void shell.terminal.stdout.write(`${line}\n`);
  const store = openData(config, () => undefined);
  try {
    const nameOf = (deviceId: string): string => store.lockState(deviceId)?.lock.nickname ?? deviceId;
    return await untilAllAnswer(
      say,
      () => progressOf(replacement, store),
      nameOf,
      options.waitMinutes * 60_000,
    );
  } finally {
    store.close();
  }
}

/** The commands about backups. */
export const backupCommands = { backup, recoveryKey, restore, replace, checkReplaced };

const NO_CLAIM = [
  'Its login is in files: have the cloud give it another one if the old hub was stolen.',
] as const;

const AFTER_RESTORE = [
  'What was there before is in before-restore, in the data directory.',
  'Start the hub: it looks at every slot that it knows before it writes, and asks its cloud for what changed since.',
] as const;

/** Reads a recovery key from a file or, as `-`, from standard input. */
function readRecoveryKey(file: string): RecoveryKey {
  return RecoveryKey.parse(readFileSync(file === '-' ? 0 : file, 'utf8'));
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
