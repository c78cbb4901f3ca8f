import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from '../config.ts';
import { BackupError } from '../backup/errors.ts';
import { StoreError } from '../store/errors.ts';
import { holdDataDirectory } from '../store/instance-lock.ts';
import { backUp, giveBackDatabase } from './database.ts';
import { pointAt, pointedAt, readJson, removeDurably, writeJson } from './durable.ts';
import { UpdateError } from './errors.ts';
import { inboxOf, placesOf } from './places.ts';
import { releaseOf, type Present } from './release.ts';
import {
  isProven,
  readReady,
  readTrial,
  requestSchema,
  type LastUpdate,
  type Trial,
  type UpdateRequest,
} from './trial.ts';
import { prune, unpack } from './unpack.ts';

/** After five minutes the old version is back, and its start takes some of them. */
export const PROVE_WITHIN_MS = 4 * 60_000;
const LOOK_EVERY_MS = 500;
/** Starts without proof that a new version gets: a cut of the power must not be held against it, two are. */
const STARTS_MAX = 2;
/** Longest wait for another of these programs to end its step; the longest step restores a database. */
const LOCK_WITHIN_MS = 120_000;
const LOCK_EVERY_MS = 100;

/** What root reads may be read by the hub, and by nobody changed. */
const OPEN = 0o644;

/** Who starts and ends the hub. */
export interface Service {
  stop(): Promise<void>;
  start(): Promise<void>;
}

export interface Supervisor {
  /** The folder of all versions. */
  readonly root: string;
  readonly config: Config;
  readonly present: Present;
  readonly service: Service;
  /** Told in a line what happens. */
  readonly say: (line: string) => void;
  readonly proveWithinMs: number;
}

/**
 * Does what the hub asks for: the new version beside the old one, the database backed up, the link switched, the hub
 * started; and watches it, until it has proved itself or the old one is back. Whatever ends this in the middle, the next
 * start of the hub (`guardStart`) and of this program go on from there.
 */
export async function applyUpdate(supervisor: Supervisor): Promise<void> {
  const { root, config, say } = supervisor;
  if (readTrial(root) === null) {
    // What a power cut left between two steps: no secret stays outside of the data directory.
    removeDurably(placesOf(root).backup);
    const request = takeRequest(config.dataDir);
    if (request === null) return;
    try {
      if (request.step === 'unpack') return await unpackRequested(supervisor, request);
      await change(supervisor, request);
    } catch (error) {
      if (!isExpected(error)) throw error;
      say(`The update was refused: ${error.message}`);
      const from = supervisor.present.version;
      tell(root, {
        id: request.id,
        from,
        to: from,
        outcome: 'refused',
        reason: error.message,
        database_restored: false,
      });
      return;
    }
  }
  await watch(supervisor);
}

/** Run before each start of the hub: a version that was started twice and has not proved itself is not started again. */
export async function guardStart(root: string): Promise<void> {
  await underLock(root, async () => {
    const trial = readTrial(root);
    if (trial === null) return;
    const { current, trial: file } = placesOf(root);
    if (isProven(trial)) return commit(root, trial);
    const isOn = trial.phase === 'trial' && pointedAt(current) === trial.to;
    if (isOn && trial.starts < STARTS_MAX) {
      return writeJson(file, { ...trial, starts: trial.starts + 1 }, OPEN);
    }
    await goBack(root, trial, isOn ? `It was started ${STARTS_MAX} times and did not get ready.` : CUT_SHORT);
  });
}

/** Removed before anything is done, so that what a power cut ends is begun again only when the hub finds the time right. */
function takeRequest(dataDir: string): UpdateRequest | null {
  const { request } = inboxOf(dataDir);
  const read = readJson(request, requestSchema);
  if (existsSync(request)) removeDurably(request);
  return read;
}

async function unpackRequested(
  { root, config, present, say }: Supervisor,
  { id, signature, allow_downgrade: allowDowngrade }: UpdateRequest,
): Promise<void> {
  const { current, proven, ready } = placesOf(root);
  const release = releaseOf(signature, present, allowDowngrade);
  if ([current, proven].map(pointedAt).includes(release.version)) {
    throw new UpdateError(`Version ${release.version} is in use.`);
  }
  removeDurably(ready);
  await unpack(root, inboxOf(config.dataDir).archive, release);
  writeJson(ready, { id, to: release.version }, OPEN);
  say(`Version ${release.version} is unpacked, and waits for a time without codes`);
}

async function change(supervisor: Supervisor, request: UpdateRequest): Promise<void> {
  const { root, service, say } = supervisor;
  const ready = readReady(root);
  if (ready?.id !== request.id) throw new UpdateError('What is to be changed to was never unpacked.');
  say(`Version ${ready.to} takes the place of ${supervisor.present.version}`);
  try {
    await service.stop();
    await underLock(root, () => putOnTrial(supervisor, request, ready.to));
  } finally {
    await service.start();
  }
}

async function putOnTrial(
  { root, config, present }: Supervisor,
  { id, expects }: UpdateRequest,
  to: string,
): Promise<void> {
  const { current, trial, backup, ready } = placesOf(root);
  const { hubId, dataDir, keyFile } = config;
  await backUp(config, present.version, backup);
  const state: Trial = {
    id,
    from: present.version,
    to,
    phase: 'trial',
    reason: null,
    starts: 0,
    expects,
    hub_id: hubId,
    data_dir: dataDir,
    key_file: keyFile,
  };
  writeJson(trial, state, OPEN);
  removeDurably(ready);
  pointAt(current, to);
}

async function watch(supervisor: Supervisor): Promise<void> {
  const until = performance.now() + supervisor.proveWithinMs;
  while (await isOnTrial(supervisor, until)) await sleep(LOOK_EVERY_MS);
}

/** Looks once, and ends a trial that has proved itself or whose time is over. */
async function isOnTrial(
  { root, service, say, proveWithinMs }: Supervisor,
  untilMs: number,
): Promise<boolean> {
  let isStopped = false;
  try {
    return await underLock(root, async () => {
      const trial = readTrial(root);
      if (trial === null) return false;
      if (trial.phase === 'trial' && isProven(trial)) {
        commit(root, trial);
        say(`Version ${trial.to} has proved itself`);
        return false;
      }
      if (trial.phase === 'trial' && performance.now() < untilMs) return true;
      say(`Version ${trial.to} has not proved itself: back to ${trial.from}`);
      isStopped = true;
      await service.stop();
      await goBack(root, trial, `It did not get ready within ${Math.round(proveWithinMs / 1000)} s.`);
      return false;
    });
  } finally {
    // Whatever went wrong, the doors are served.
    if (isStopped) await service.start();
  }
}

/** From here on the new version is the hub's. Every step may be done again. */
function commit(root: string, { id, from, to, reason }: Trial): void {
  const { proven, trial, backup } = placesOf(root);
  pointAt(proven, to);
  tell(root, { id, from, to, outcome: 'done', reason, database_restored: false });
  removeDurably(trial);
  removeDurably(backup);
  prune(root, [from, to]);
}

/** The hub does not run. Every step may be done again. */
async function goBack(root: string, trial: Trial, because: string): Promise<void> {
  const { current, trial: file, backup } = placesOf(root);
  const { id, from, to } = trial;
  const reason = trial.reason ?? because;
  writeJson(file, { ...trial, phase: 'back', reason }, OPEN);
  const database_restored = await giveBackDatabase(trial, backup).catch((error: unknown) => {
    if (!isExpected(error)) throw error;
    return error;
  });
  if (typeof database_restored !== 'boolean') {
    // Only the new version can read what it has made of the database: better than none.
    const stays = `${reason} It stays, because the database of before can't be restored: ${database_restored.message}`;
    return commit(root, { ...trial, reason: stays });
  }
  pointAt(current, from);
  tell(root, { id, from, to, outcome: 'back', reason, database_restored });
  removeDurably(file);
  removeDurably(backup);
  prune(root, [from]);
}

function tell(root: string, last: LastUpdate): void {
  writeJson(placesOf(root).last, last, OPEN);
}

/** One step at a time: the guard of a start and the watch both look at a trial and end it. */
async function underLock<T>(root: string, step: () => Promise<T> | T): Promise<T> {
  const until = performance.now() + LOCK_WITHIN_MS;
  for (;;) {
    const release = lockOf(root, performance.now() > until);
    if (release !== null) {
      try {
        return await step();
      } finally {
        release();
      }
    }
    await sleep(LOCK_EVERY_MS);
  }
}

function lockOf(root: string, isLast: boolean): (() => void) | null {
  try {
    return holdDataDirectory(placesOf(root).lock);
  } catch (error) {
    if (!isLast && error instanceof StoreError && error.kind === 'busy') return null;
    throw error;
  }
}

function isExpected(error: unknown): error is Error {
  const isKnown = error instanceof UpdateError || error instanceof BackupError || error instanceof StoreError;
  return isKnown || (error instanceof Error && 'syscall' in error);
}

const CUT_SHORT = 'The update was cut short.';
