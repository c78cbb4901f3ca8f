import path from 'node:path';
import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import type { Config } from '../config.ts';
import { failed, type CommandOutcome } from '../core/command.ts';
import type { DomainEvent } from '../core/event.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, type Instant } from '../core/time.ts';
import { StoreError } from '../store/errors.ts';
import { loadOrCreateKey } from '../store/key-file.ts';
import type { Store } from '../store/store.ts';
import { folderOf, sourceOf } from './of-config.ts';
import type { BackupHeader } from './envelope.ts';
import { BackupError } from './errors.ts';
import { copyDatabase, makeBackup, recoveryKeysOf, setRecoveryKey } from './make.ts';
import { checkBackup } from './read-file.ts';
import { RecoveryKey } from './recovery-key.ts';
import { stageRestore } from './restore.ts';
import { backupsIn, nameAt, tidy, timeOf, type ShelvedBackup } from './shelf.ts';
import { handOver } from './upload.ts';
import { commitRestore } from './swap.ts';

/** Although nothing that lasts has changed, so that the history is not lost with the card. */
const AGE_MAX_MS = 7 * DAY_MS;
/** A stick whose memory is read is silent for some minutes: no code may begin or end in that time. */
const SILENT_MS = 15 * MINUTE_MS;

/** Before risky work a backup that is younger will do. */
const RISKS_MS = HOUR_MS;

/** What backups need of a running hub. */
export interface BackupsOptions {
  readonly config: Config;
  readonly version: string;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
  /** Has the sticks keep what another one needs. */
  readonly keepSticks: () => Promise<readonly unknown[]>;
  /** The disk has room for what can be missed. */
  readonly hasRoom: () => boolean;
  /** Told when one was not made: what can't be copied may be damaged. */
  readonly onFailure?: () => void;
  /** Ends this hub and starts one on what is in the data directory then. */
  readonly restart: () => void;
}

/** How backups are, for the page. */
export interface BackupsState {
  readonly isRunning: boolean;
  /** Why the last one was not made; `null`: it was, or there was none since the start. */
  readonly failure: string | null;
  /** Newest first. */
  readonly backups: readonly ShelvedBackup[];
  /** They open with a recovery key too. */
  readonly hasRecoveryKey: boolean;
}

/** Makes the backups of a running hub, one at a time. */
export class Backups {
  readonly #options: BackupsOptions;
  #running: Promise<string | null> | null = null;
  #failure: string | null = null;
  readonly #stopping = new AbortController();

  constructor(options: BackupsOptions) {
    this.#options = options;
  }

  /** One that is under way counts for everybody who asks. Answers its name; `null`: nothing has changed, or it failed. */
  make(reason: BackupHeader['reason']): Promise<string | null> {
    this.#running ??= this.#make(reason).finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  /** Makes one and puts it where somebody wants it; `null`: it stays here. */
  async hand(uploadUrl: string | null): Promise<CommandOutcome> {
    const name = await this.make('on_demand');
    const file = name === null ? undefined : this.fileOf(name);
    if (file === undefined) return failed('backup_failed', this.#failure ?? 'There is no backup.');
    return handOver(file, uploadUrl, this.#stopping.signal);
  }

  state(): BackupsState {
    const { config, store } = this.#options;
    const hasRecoveryKey = recoveryKeysOf(store.secrets).length + config.backup.publicKeys.length > 0;
    return {
      isRunning: this.#running !== null,
      failure: this.#failure,
      backups: this.#shelf(),
      hasRecoveryKey,
    };
  }

  /** The file of a backup; `undefined`: there is none of this name. */
  fileOf(name: string): string | undefined {
    return this.#shelf().some((one) => one.name === name)
      ? path.join(this.#options.config.backup.folder, name)
      : undefined;
  }

  /** A new recovery key, in place of the one before. Its text is shown this once. */
  makeRecoveryKey(): RecoveryKey {
    const key = RecoveryKey.generate();
    setRecoveryKey(this.#options.store.secrets, key.publicKey);
    return key;
  }

  /** Where a file that is to be restored is put. */
  get folder(): string {
    return this.#options.config.dataDir;
  }

  /** As `lockhub restore`, for a hub that runs: it takes its place when the hub starts anew, which it is told to do. */
  async restore(file: string, recoveryKey: string | null): Promise<string | null> {
    const { config, log, restart } = this.#options;
    const { hubId, keyFile } = config;
    try {
      const opener =
        recoveryKey === null
          ? loadOrCreateKey({ keyFile, databaseExists: true })
          : RecoveryKey.parse(recoveryKey);
      const { header } = await stageRestore(file, opener, hubId, config);
      commitRestore(config);
      log.warn({ made_at: header.made_at }, 'a backup is restored, and the hub starts anew');
      restart();
      return null;
    } catch (error) {
      if (!isExpected(error)) throw error;
      const trouble = toldOf(error).replaceAll(file, 'The file');
      log.warn({ trouble }, 'a backup was not restored');
      return trouble;
    }
  }

  /** Resolves when none is under way. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  async #make(reason: BackupHeader['reason']): Promise<string | null> {
    const { log } = this.#options;
    try {
      const name = await this.#write(reason);
      this.#failure = null;
      log.info({ backup: name, reason }, name === null ? 'nothing to back up' : 'a backup was made');
      if (name !== null) this.#tell('hub.backup_made', { name, reason, size_bytes: this.#sizeOf(name) });
      return name;
    } catch (error) {
      if (!isExpected(error)) throw error;
      this.#failure = toldOf(error);
      log.error({ reason, trouble: this.#failure }, 'no backup was made');
      this.#tell('hub.backup_failed', { reason, message: this.#failure });
      this.#options.onFailure?.();
      return null;
    }
  }

  async #write(reason: BackupHeader['reason']): Promise<string | null> {
    const { config, version, store, clock, keepSticks, hasRoom } = this.#options;
    if (!hasRoom()) {
      throw new BackupError('no_room', 'The disk of the hub has little room left, which is kept for codes.');
    }
    const at = clock.now().earliest;
    const folder = folderOf(config);
    // A row of risks must not push the nights' backups off the shelf.
    if (reason === 'before_risk' && this.#ageMs(at) < RISKS_MS) return null;
    // Somebody waits for risky work, and a stick takes minutes to be read.
    if (reason !== 'before_risk' && isQuiet(store, at)) await keepSticks();
    const copy = await copyDatabase(config);
    try {
      if (reason !== 'on_demand' && (await this.#isKnown(folder, copy.digest, at))) return null;
      const name = nameAt(config.hubId, at);
      await makeBackup(sourceOf(config, version, store), copy, { file: path.join(folder, name), at, reason });
      tidy(folder, config.hubId, config.backup);
      return name;
    } finally {
      copy.remove();
    }
  }

  /** The newest backup has all that lasts, and is not too old. */
  async #isKnown(folder: string, digest: string, at: Instant): Promise<boolean> {
    const [newest] = this.#shelf();
    if (newest === undefined) return false;
    const header = await checkBackup(path.join(folder, newest.name)).catch((error: unknown) => {
      // Whatever is wrong with it, a new one is right.
      if (isExpected(error)) return undefined;
      throw error;
    });
    return header?.digest === digest && Math.abs(at - Date.parse(header.made_at)) < AGE_MAX_MS;
  }

  #ageMs(at: Instant): number {
    const [newest] = this.#shelf();
    return Math.abs(at - ((newest && timeOf(newest.name)) ?? Number.NEGATIVE_INFINITY));
  }

  #sizeOf(name: string): number {
    return this.#shelf().find((one) => one.name === name)?.sizeBytes ?? 0;
  }

  /** A disk that takes no event is told of already. */
  #tell(event_type: 'hub.backup_made' | 'hub.backup_failed', details: DomainEvent['details']): void {
    const { store, clock, log } = this.#options;
    try {
      store.append([{ event_type, occurredAt: clock.now().earliest, details: details ?? {} }]);
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      log.warn({ reason: error.message }, 'nobody is told of the backup');
    }
  }

  #shelf(): readonly ShelvedBackup[] {
    const { config } = this.#options;
    try {
      return backupsIn(folderOf(config), config.hubId);
    } catch (error) {
      if (error instanceof BackupError) return [];
      throw error;
    }
  }
}

/** What a backup, the store or the system says of files is told; a hub does not end for it. */
function isExpected(error: unknown): error is Error {
  if (error instanceof BackupError || error instanceof StoreError) return true;
  return error instanceof Error && 'syscall' in error;
}

/** In words for the page and its log, which tell nobody where on this machine files are. */
function toldOf(error: Error): string {
  if (!('syscall' in error)) return error.message;
  return `The system refused to ${String(error.syscall)} a file (${'code' in error ? String(error.code) : 'unknown'}).`;
}

/** No code begins or ends while the sticks are read. */
function isQuiet(store: Store, at: Instant): boolean {
  return store.deviceIds().every((deviceId) => {
    const codes = store.lockState(deviceId)?.codes ?? [];
    const borders = codes.flatMap(({ startsAt, endsAt }) => [startsAt, endsAt]);
    return borders.every((border) => border === null || Math.abs(border - at) > SILENT_MS);
  });
}
