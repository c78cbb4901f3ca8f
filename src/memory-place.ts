import { accessSync, constants, statfsSync } from 'node:fs';

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
