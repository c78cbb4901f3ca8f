import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { restored } from '../core/observe/restored.ts';
import type { Instant } from '../core/time.ts';
import { HubKey } from '../store/key.ts';
import { beginNewEpoch } from '../store/new-epoch.ts';
import { openStore } from '../store/open-store.ts';
import { syncPath } from './disk.ts';
import { PARTS, type PartName, type PartSink } from './content.ts';
import type { BackupHeader } from './envelope.ts';
import { BackupError } from './errors.ts';
import { keptConfig, type KeptConfig } from './kept-config.ts';
import { readBackup } from './read-file.ts';
import type { Opener } from './recipients.ts';
import { replacementOf, writeReplacement, type Replacement } from './replacement.ts';
import { commitRestore, finishRestore, stagingOf, type Places } from './swap.ts';

/** A backup that is unpacked beside the database that it may replace, and found sound. */
export interface StagedRestore {
  readonly header: BackupHeader;
  /** `null`: it was made of a hub without a config file. */
  readonly config: KeptConfig | null;
}

/** What is in a backup beside the database, without unpacking that. Rejects with `BackupError`. */
export async function configIn(file: string, opener: Opener): Promise<StagedRestore> {
  const pieces: Buffer[] = [];
  let isConfig = false;
  const header = await readBackup(file, opener, {
    begin: (name) => {
      isConfig = name === 'config.json';
    },
    content: (piece) => {
      if (isConfig) pieces.push(Buffer.from(piece));
    },
    end: () => undefined,
  });
  return { header, config: configOf(Buffer.concat(pieces).toString()) };
}

/**
 * Unpacks a backup into the data directory, beside what is there, and proves it: its database opens with its key, is
 * sound and brought up to date. From then on it is a database of its own, with another epoch, and what it says of slots
 * is to be looked at first. Nothing else is changed. Rejects with `BackupError` and `StoreError`.
 */
export async function stageRestore(
  file: string,
  opener: Opener,
  hubId: string,
  places: Places,
): Promise<StagedRestore> {
  const staging = stagingOf(places.dataDir);
  rmSync(staging, { recursive: true, force: true });
  mkdirSync(staging, { mode: 0o700 });
  try {
    const header = await readBackup(file, opener, intoFolder(staging));
    if (header.hub_id !== hubId) {
      throw new BackupError(
        'other_hub',
        `The backup is of the hub ${header.hub_id}, and the config names ${hubId}: set hub_id to ${header.hub_id} if this hub takes its place.`,
      );
    }
    const key = stagedKey(staging, file);
    refuseOtherKey(key, places);
    const made = makeItsOwn(path.join(staging, 'lockhub.db'), key, Date.parse(header.made_at));
    writeReplacement(staging, made);
    const configFile = path.join(staging, 'config.json');
    const config = existsSync(configFile) ? configOf(readFileSync(configFile, 'utf8')) : null;
    rmSync(configFile, { force: true });
    return { header, config };
  } catch (error) {
    rmSync(staging, { recursive: true, force: true });
    throw error;
  }
}

/** What was staged takes the place of what is there: from here on, whatever happens. */
export function applyRestore(places: Places): void {
  commitRestore(places);
  finishRestore(places);
}

/**
 * Makes a database that is a copy of another one its own: with another epoch, and with slots that are looked at first.
 */
export function makeItsOwn(database: string, key: HubKey, at: Instant): Replacement {
  const store = openStore({ file: database, key, now: () => at });
  let replacement: Replacement;
  try {
    replacement = replacementOf(store, new Date(at).toISOString());
    for (const deviceId of store.deviceIds()) {
      const state = store.lockState(deviceId);
      if (state !== undefined) store.commit(state, restored(state, at), []);
    }
  } finally {
    store.close();
  }
  beginNewEpoch(database);
  return replacement;
}

function stagedKey(staging: string, file: string): HubKey {
  const keyFile = path.join(staging, 'hub.key');
  const key = existsSync(keyFile) ? HubKey.parse(readFileSync(keyFile, 'latin1')) : undefined;
  if (key === undefined || !existsSync(path.join(staging, 'lockhub.db'))) {
    throw new BackupError('damaged', `${file} lacks the database or its key.`);
  }
  return key;
}

/** A key outside of the data directory is somebody's own affair: it is never written over. */
function refuseOtherKey(key: HubKey, { dataDir, keyFile }: Places): void {
  if (path.dirname(keyFile) === dataDir || !existsSync(keyFile)) return;
  if (HubKey.parse(readFileSync(keyFile, 'latin1'))?.reveal() === key.reveal()) return;
  throw new BackupError(
    'in_the_way',
    `${keyFile} holds another key than the backup: move it away, and the restore puts the right one there.`,
  );
}

/** Writes the known parts as files of their own; each is on the disk at its end. */
function intoFolder(folder: string): PartSink {
  let file: string | null = null;
  return {
    begin: (name) => {
      file = isPart(name) ? path.join(folder, name) : null;
      if (file !== null) writeFileSync(file, '', { flag: 'wx', mode: 0o600 });
    },
    content: (piece) => {
      if (file !== null) appendFileSync(file, piece);
    },
    end: () => {
      if (file !== null) syncPath(file);
    },
  };
}

function isPart(name: string): name is PartName {
  return PARTS.some((part) => part === name);
}

function configOf(text: string): KeptConfig | null {
  try {
    return keptConfig.nullable().parse(JSON.parse(text));
  } catch (error) {
    throw new BackupError('damaged', 'The config in the backup makes no sense.', { cause: error });
  }
}
