import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import type { OperationKind } from '../core/operation.ts';
import type { Store } from '../store/store.ts';
import { syncPath } from './disk.ts';

/** In the data directory, and in what is staged: moved with the database that it tells of. */
export const REPLACEMENT = 'restored.json';
/** Operations of one lock that are looked at; a lock that answers has few. */
const LOOK_MAX = 200;
const WRITES: ReadonlySet<OperationKind> = new Set([
  'set_pin',
  'clear_slot',
  'set_schedule',
  'clear_schedule',
]);

const schema = z.object({
  /** When the backup was made, ISO 8601. */
  made_at: z.string(),
  /** Locks that radios of the hub reach, and the last operation that the backup knows of each. */
  locks: z.array(z.object({ device_id: z.string(), after: z.int() })),
  /** The hub has given up the certificate of the one whose place it takes. */
  is_renamed: z.boolean(),
});

/** What a restored hub has to prove: that its locks answer, and that it wrote nothing to them. */
export type Replacement = z.infer<typeof schema>;

/** The locks of a restored database, before the hub has done anything with them. */
export function replacementOf(store: Store, madeAt: string): Replacement {
  const locks = store.deviceIds().flatMap((deviceId) => {
    const { radio, capabilities } = store.lockState(deviceId)?.lock ?? {};
    if (radio == null || radio === 'offline' || capabilities == null || capabilities.isKeypad) return [];
    return [{ device_id: deviceId, after: store.history.operations(deviceId, 1)[0]?.operationId ?? 0 }];
  });
  return { made_at: madeAt, locks, is_renamed: false };
}

/** `null`: this hub was not restored, or nobody can say any more. */
export function readReplacement(folder: string): Replacement | null {
  try {
    return schema.parse(JSON.parse(readFileSync(path.join(folder, REPLACEMENT), 'utf8')));
  } catch (error) {
    if (error instanceof z.ZodError || error instanceof SyntaxError) return null;
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}

/** On the disk when this returns. */
export function writeReplacement(folder: string, replacement: Replacement): void {
  const file = path.join(folder, REPLACEMENT);
  writeFileSync(`${file}.new`, JSON.stringify(replacement), { mode: 0o600 });
  syncPath(`${file}.new`);
  renameSync(`${file}.new`, file);
  syncPath(folder);
}

/** How the restored hub got on with its locks. */
export interface Progress {
  /** Of all locks; those that left the network since don't count. */
  readonly locks: number;
  /** They have not answered since the restore. */
  readonly silent: readonly string[];
  /** Codes and schedules that were written or erased since, for which there may be a reason: a newer document. */
  readonly writes: number;
}

/** Looks at what the hub has done with its locks since it was restored. */
export function progressOf({ locks }: Replacement, store: Store): Progress {
  const silent: string[] = [];
  let writes = 0;
  let count = 0;
  for (const { device_id: deviceId, after } of locks) {
    if (store.lockState(deviceId)?.lock.radio == null) continue;
    count += 1;
    const since = store.history
      .operations(deviceId, LOOK_MAX)
      .filter(({ operationId }) => operationId > after);
    if (!since.some(({ outcome }) => outcome === 'done')) silent.push(deviceId);
    writes += since.filter(({ kind, outcome }) => WRITES.has(kind) && outcome === 'done').length;
  }
  return { locks: count, silent, writes };
}
