import { existsSync, rmSync, statSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import type { Instant } from '../core/time.ts';
import { makeOwnFolder } from '../memory-place.ts';
import { isSealedBy } from '../store/key-change.ts';
import type { HubKey } from '../store/key.ts';
import { loadOrCreateKey } from '../store/key-file.ts';
import { readNextKey } from '../store/next-key.ts';
import { digestOf, snapshotTo } from '../store/snapshot.ts';
import type { Secrets } from '../store/store.ts';
import type { BackupHeader } from './envelope.ts';
import { BackupError } from './errors.ts';
import { keepConfig, type NamedFile } from './kept-config.ts';
import { writeBackup } from './write-file.ts';

/** Name of the public halves of recovery keys among the hub's secrets. */
const RECIPIENTS = 'backup_recipients';
/** Memory as a file system, on every Linux: a copy there wears no card. */
const MEMORY = '/dev/shm';
/** Part of the free memory that a copy may take. */
const MEMORY_FRACTION = 1 / 4;

/** The hub that is backed up. */
export interface BackupSource {
  readonly hubId: string;
  /** Of this program. */
  readonly version: string;
  readonly dataDir: string;
  readonly keyFile: string;
  /** `null`: the hub was started without a file (the demo). */
  readonly configFile: string | null;
  /** Files that the config names. */
  readonly named: readonly NamedFile[];
  readonly secrets: Secrets;
  /** Public halves of recovery keys that the config names, beside the hub's own. */
  readonly publicKeys: readonly string[];
}

/** A backup that was made. */
export interface MadeBackup {
  readonly file: string;
  readonly sizeBytes: number;
  /** Of all that lasts in the database. */
  readonly digest: string;
}

/** A copy of the database of a hub that may run, and what it is worth. */
export interface Copy {
  readonly file: string;
  readonly digest: string;
  remove(): void;
}

/** Copies the database to where a copy wears nothing, if there is room. Rejects with `StoreError`. */
export async function copyDatabase({ dataDir }: Pick<BackupSource, 'dataDir'>): Promise<Copy> {
  const database = path.join(dataDir, 'lockhub.db');
  const folder = makeOwnFolder(await roomFor(database, dataDir), 'lockhub-backup');
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    const file = path.join(folder, 'lockhub.db');
    await snapshotTo(database, file);
    return { file, digest: digestOf(file), remove };
  } catch (error) {
    remove();
    throw error;
  }
}

/** Writes a copy, the key, and the config with its secrets into one file. Rejects with `BackupError` and `StoreError`. */
export async function makeBackup(
  source: BackupSource,
  copy: Copy,
  {
    file,
    at,
    reason,
  }: { readonly file: string; readonly at: Instant; readonly reason: BackupHeader['reason'] },
): Promise<MadeBackup> {
  const { hubId, version, keyFile, configFile, named, secrets } = source;
  const hubKey = keyOf(copy, keyFile);
  const config = configFile === null ? null : keepConfig(configFile, named).kept;
  const sizeBytes = await writeBackup({
    file,
    header: { hub_id: hubId, made_at: new Date(at).toISOString(), version, reason, digest: copy.digest },
    parts: [
      { name: 'hub.key', from: Buffer.from(`${hubKey.reveal()}\n`) },
      { name: 'config.json', from: Buffer.from(JSON.stringify(config)) },
      { name: 'lockhub.db', from: { file: copy.file } },
    ],
    hubKey,
    publicKeys: [...new Set([...recoveryKeysOf(secrets), ...source.publicKeys])],
  });
  return { file, sizeBytes, digest: copy.digest };
}

/** Public halves of the recovery keys that were made for this hub. */
export function recoveryKeysOf(secrets: Secrets): readonly string[] {
  const stored = secrets.get(RECIPIENTS);
  return stored === undefined ? [] : z.array(z.string()).parse(JSON.parse(stored));
}

/** From now on backups open with this key, and with no recovery key that was made before. */
export function setRecoveryKey(secrets: Secrets, publicKey: string): void {
  secrets.set(RECIPIENTS, JSON.stringify([publicKey]));
}

/** The key of a copy, which another may have followed since it was made. Throws `BackupError` of kind `key_changes`. */
function keyOf(copy: Copy, keyFile: string): HubKey {
  const keys = [loadOrCreateKey({ keyFile, databaseExists: true }), readNextKey(keyFile)];
  const key = keys.find((candidate) => candidate !== undefined && isSealedBy(copy.file, candidate));
  if (key !== undefined) return key;
  throw new BackupError('key_changes', 'The key of the hub is being replaced: try again in a minute.');
}

async function roomFor(database: string, dataDir: string): Promise<string> {
  if (!existsSync(MEMORY)) return dataDir;
  const { bavail, bsize } = await statfs(MEMORY);
  return statSync(database).size < bavail * bsize * MEMORY_FRACTION ? MEMORY : dataDir;
}
