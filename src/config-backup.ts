import path from 'node:path';
import { z } from 'zod';
import { whole } from './config-value.ts';
import type { Paths } from './config-path.ts';

const FOLDER = 'the path of a folder';
const RECIPIENT = 'the public half of a recovery key, as lockhub recovery-key prints it';
const RECIPIENTS_MAX = 4;
const RECIPIENTS = `a list of at most ${RECIPIENTS_MAX} public halves of recovery keys`;
const MEGABYTE = 1024 * 1024;

/** The key `backup`. */
export const backup = z.strictObject(
  {
    to: z.string({ error: FOLDER }).min(1, { error: FOLDER }).optional(),
    keep: whole(1, 365).default(7),
    max_megabytes: whole(1, 100_000).default(512),
    recipients: z
      .array(z.string({ error: RECIPIENT }).regex(/^[A-Za-z0-9_-]{43}$/, { error: RECIPIENT }), {
        error: RECIPIENTS,
      })
      .max(RECIPIENTS_MAX, { error: RECIPIENTS })
      .default([]),
  },
  { error: 'a map' },
);

/** Where backups go, and who may open them beside the hub and its owner. */
export interface BackupConfig {
  readonly folder: string;
  /** It is the hub's own, and made where it is missing; another one that is missing is a disk that was pulled out. */
  readonly isOwnFolder: boolean;
  readonly filesMax: number;
  readonly bytesMax: number;
  /** Public halves of recovery keys. */
  readonly publicKeys: readonly string[];
}

/** With its default folder, which is in the data directory. */
export function backupConfigOf(
  { to, keep, max_megabytes, recipients }: z.infer<typeof backup>,
  dataDir: string,
  paths: Paths,
): BackupConfig {
  return {
    folder: to === undefined ? path.join(dataDir, 'backups') : paths.at(to),
    isOwnFolder: to === undefined,
    filesMax: keep,
    bytesMax: max_megabytes * MEGABYTE,
    publicKeys: recipients,
  };
}
