import { createHash } from 'node:crypto';
import {
  accessSync,
  constants,
  copyFileSync,
  existsSync,
  mkdirSync,
  rmSync,
  statfsSync,
  statSync,
} from 'node:fs';
import path from 'node:path';
import type { Config } from '../config.ts';
import { MINUTE_MS } from '../core/time.ts';
import { holdDataDirectory } from '../store/instance-lock.ts';

/** Memory as a file system, on every Linux. */
const MEMORY = '/dev/shm';
/** Part of the free memory that the copy may take. */
const MEMORY_FRACTION = 1 / 4;
/** How often the disk is looked at. */
const LOOK_EVERY_MS = MINUTE_MS / 2;
const DATABASE_FILES = ['lockhub.db', 'lockhub.db-wal', 'lockhub.db-mark'] as const;

/** Where a hub works. */
export interface WorkPlace {
  readonly config: Config;
  /** Why it works on a copy, which is lost with it; `null`: it does not. Then nothing is to be put on a lock. */
  readonly reason: string | null;
  /** Calls this when the disk can be written again; to be ended by `leave`. */
  readonly whenWritable: (listener: () => void) => void;
  readonly leave: () => void;
}

/**
 * The data directory, or a copy of it in memory where that can be read and not written: codes that end have to come off
 * all the same. Throws what the system says where it can't be read either, and an error where the memory is too small.
 */
export function workPlaceOf(config: Config): WorkPlace {
  // Before a first start there is nothing to copy, and nothing is made before all of the config is known to be right.
  const refusal = existsSync(path.join(config.dataDir, 'lockhub.db')) ? refusalOf(config.dataDir) : null;
  if (refusal === null) {
    return { config, reason: null, whenWritable: () => undefined, leave: () => undefined };
  }
  const { dataDir } = config;
  const folder = copyOf(dataDir);
  let timer: NodeJS.Timeout | undefined;
  return {
    config: {
      ...config,
      dataDir: folder,
      cloud: null,
      homeAssistant: null,
      offline: [],
      policy: { ...config.policy, safeMode: true },
    },
    reason: `The disk with its data can be read and not written (${refusal}), so the hub works on a copy in memory, which is lost with it. It looks every half a minute whether the disk takes something again.`,
    whenWritable: (listener) => {
      timer = setInterval(() => {
        if (refusalOf(dataDir) === null) listener();
      }, LOOK_EVERY_MS);
    },
    leave: () => {
      clearInterval(timer);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** What the system says of writing there; `null`: it may be. A full disk is none: there is room again at some time. */
function refusalOf(dataDir: string): string | null {
  try {
    accessSync(dataDir, constants.W_OK);
    return null;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'EROFS' || code === 'EACCES' || code === 'EPERM') return code;
    throw error;
  }
}

function copyOf(dataDir: string): string {
  const files = DATABASE_FILES.filter((name) => existsSync(path.join(dataDir, name)));
  const bytes = files.reduce((sum, name) => sum + statSync(path.join(dataDir, name)).size, 0);
  const { bavail, bsize } = statfsSync(MEMORY);
  if (bytes > bavail * bsize * MEMORY_FRACTION) {
    throw new Error(`${dataDir} can't be written, and its database is too large for a copy in memory.`);
  }
  // The same place at each start, or a hub that dies again and again would fill the memory.
  const folder = path.join(
    MEMORY,
    `lockhub-data-${createHash('sha256').update(dataDir).digest('hex').slice(0, 16)}`,
  );
  if (existsSync(folder)) holdDataDirectory(path.join(folder, 'hub.lock'))();
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { mode: 0o700 });
  for (const name of files) copyFileSync(path.join(dataDir, name), path.join(folder, name));
  return folder;
}
