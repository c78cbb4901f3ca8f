import { accessSync, constants, mkdtempSync, readdirSync, rmSync, statfsSync } from 'node:fs';
import path from 'node:path';

/** Memory as a file system, on every Linux. */
const SHARED_MEMORY = '/dev/shm';
/** What `statfs` says of file systems that are nothing but memory (linux/magic.h: tmpfs, ramfs). */
const MEMORY_TYPES: readonly number[] = [0x01021994, 0x858458f6];

/**
 * The folder for what must never be on a disk in clear: that of the service (`RuntimeDirectory=`), of the user who is logged
 * in, or of everybody. `null`: none of them is in memory and may be written to.
 */
export function memoryPlace(environment = process.env, shared: string = SHARED_MEMORY): string | null {
  const ofService = environment['RUNTIME_DIRECTORY']?.split(':')[0];
  const places = [ofService, environment['XDG_RUNTIME_DIR'], shared];
  return places.find((place) => place !== undefined && isMemory(place)) ?? null;
}

function isMemory(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
    return MEMORY_TYPES.includes(statfsSync(folder).type);
  } catch {
    return false;
  }
}

/**
 * Makes a folder of this process in `place` that nobody else enters, and takes away those of its kind whose processes are no
 * more: what was killed could not do so itself.
 */
export function makeOwnFolder(place: string, kind: string): string {
  for (const name of readdirSync(place)) {
    const pid = new RegExp(`^${kind}-(\\d+)-`).exec(name)?.[1];
    if (pid !== undefined && !isAlive(Number(pid))) remove(path.join(place, name));
  }
  return mkdtempSync(path.join(place, `${kind}-${process.pid}-`));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH');
  }
}

function remove(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true });
  } catch {
    // It is another user's.
  }
}
