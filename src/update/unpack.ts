import { execFile } from 'node:child_process';
import {
  accessSync,
  constants,
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { syncFolder } from '../provision/durable.ts';
import { UpdateError } from './errors.ts';
import { placesOf } from './places.ts';
import type { Release } from './release.ts';

/** A card that is nearly worn out takes minutes for some thousand files. */
const UNPACK_TIMEOUT_MS = 10 * 60_000;
/** Marks a version that came as an update: those of the package belong to the package. */
const MARK = '.update';

/** An archive is unpacked to about four times its size, beside a copy of it; the rest is for codes. */
const ROOM_FACTOR = 6;

const run = promisify(execFile);

/**
 * Unpacks an archive beside the versions that are there, once it is seen to be what was signed; whole or not at all.
 * Rejects with `UpdateError`. The archive is copied first: who owns it could change it behind our back.
 */
export async function unpack(root: string, archive: string, release: Release): Promise<void> {
  const { versions, incoming, draftOf, folderOf } = placesOf(root);
  const draft = draftOf(release.version);
  const target = folderOf(release.version);
  try {
    rmSync(draft, { recursive: true, force: true });
    // Whatever the hub put there, this is a file of root's own.
    if (statSync(archive).size !== release.bytes)
      throw new UpdateError('The update is not as long as was signed.');
    refuseSmallDisk(versions, release.bytes);
    copyFileSync(archive, incoming);
    await release.signature.check(incoming);
    // What a package brought is its own, and whole.
    if (existsSync(target) && !isUpdate(target)) return;
    mkdirSync(draft);
    const options = { timeout: UNPACK_TIMEOUT_MS };
    await run(
      'tar',
      ['--extract', '--gzip', '--no-same-owner', '--file', incoming, '--directory', draft],
      options,
    );
    refuseOther(draft, release.version);
    writeFileSync(path.join(draft, MARK), '');
    // The hub is another user, whom this program's umask leaves out.
    chmodSync(draft, 0o755);
    // One call for some thousand files, each of which would wait for the card.
    await run('sync', ['--file-system', draft], options);
    if (existsSync(target)) discard(root, release.version);
    renameSync(draft, target);
    syncFolder(versions);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    if (error instanceof UpdateError || !(error instanceof Error)) throw error;
    throw new UpdateError(`The update can't be unpacked: ${error.message.replaceAll(/\s+/g, ' ')}`, {
      cause: error,
    });
  } finally {
    rmSync(incoming, { force: true });
  }
}

/** Removes versions that came as updates, but for these, and what was left half unpacked. */
export function prune(root: string, kept: readonly string[]): void {
  const { versions, folderOf } = placesOf(root);
  for (const name of readdirSync(versions)) {
    if (name.startsWith('.new-')) rmSync(folderOf(name), { recursive: true, force: true });
    else if (isUpdate(folderOf(name)) && !kept.includes(name)) discard(root, name);
  }
}

function isUpdate(folder: string): boolean {
  return existsSync(path.join(folder, MARK));
}

/** Removes a version so that nobody, after a power cut in the middle, takes the rest of it for one. */
function discard(root: string, version: string): void {
  const { draftOf, folderOf } = placesOf(root);
  const gone = draftOf(`${version}.gone`);
  rmSync(gone, { recursive: true, force: true });
  renameSync(folderOf(version), gone);
  rmSync(gone, { recursive: true, force: true });
}

function refuseSmallDisk(folder: string, bytes: number): void {
  const { bavail, bsize } = statfsSync(folder);
  if (bavail * bsize >= bytes * ROOM_FACTOR) return;
  const megabytes = Math.ceil((bytes * ROOM_FACTOR) / (1024 * 1024));
  throw new UpdateError(`The update needs ${megabytes} MB of free disk.`);
}

function refuseOther(folder: string, version: string): void {
  const text = readFileSync(path.join(folder, 'package.json'), 'utf8');
  const found = z.object({ version: z.string() }).parse(JSON.parse(text)).version;
  if (found !== version) throw new UpdateError(`The update is signed as ${version}, and is ${found}.`);
  accessSync(path.join(folder, 'scripts', 'lockhub'), constants.X_OK);
}
