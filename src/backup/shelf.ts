import { readdirSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import type { Instant } from '../core/time.ts';
import { BackupError } from './errors.ts';

const SUFFIX = '.lockhub-backup';
/** A backup that was not finished; a power cut leaves one at most. */
const DRAFT = `${SUFFIX}.new`;

/** One backup of a folder. */
export interface ShelvedBackup {
  readonly name: string;
  readonly sizeBytes: number;
}

/** How much of them is kept. */
export interface ShelfBounds {
  readonly filesMax: number;
  readonly bytesMax: number;
}

/** A name that sorts by time. */
export function nameAt(hubId: string, at: Instant): string {
  return `${hubId}-${new Date(at).toISOString().replaceAll(/[-:]|\.\d+/g, '')}${SUFFIX}`;
}

/** When a backup of this name was made; the inverse of `nameAt`, to the second. */
export function timeOf(name: string): Instant | null {
  const [, day, time] = /-(\d{8})T(\d{6})Z\.lockhub-backup$/.exec(name) ?? [];
  if (day === undefined || time === undefined) return null;
  const at = Date.parse(
    `${day.replace(/(....)(..)(..)/, '$1-$2-$3')}T${time.replace(/(..)(..)(..)/, '$1:$2:$3')}Z`,
  );
  return Number.isNaN(at) ? null : at;
}

/** The finished backups of a hub in a folder, newest first. Throws `BackupError` of kind `no_place`. */
export function backupsIn(folder: string, hubId: string): readonly ShelvedBackup[] {
  try {
    return readdirSync(folder)
      .filter((name) => isOf(name, hubId, SUFFIX))
      .toSorted()
      .reverse()
      .map((name) => ({ name, sizeBytes: statSync(path.join(folder, name)).size }));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new BackupError('no_place', `The folder for backups can't be read: ${reason}`, { cause: error });
  }
}

/** Takes away what is beyond the bounds, oldest first, and drafts that nobody finishes; the newest one always stays. */
export function tidy(folder: string, hubId: string, { filesMax, bytesMax }: ShelfBounds): void {
  let bytes = 0;
  for (const [index, { name, sizeBytes }] of backupsIn(folder, hubId).entries()) {
    bytes += sizeBytes;
    if (index > 0 && (index >= filesMax || bytes > bytesMax))
      rmSync(path.join(folder, name), { force: true });
  }
  for (const name of readdirSync(folder).filter((draft) => isOf(draft, hubId, DRAFT))) {
    rmSync(path.join(folder, name), { force: true });
  }
}

function isOf(name: string, hubId: string, suffix: string): boolean {
  const middle = name.slice(hubId.length, name.length - suffix.length);
  return name.startsWith(hubId) && name.endsWith(suffix) && /^-\d{8}T\d{6}Z$/.test(middle);
}
