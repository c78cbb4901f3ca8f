import {
  closeSync,
  fsyncSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  statSync,
  writeSync,
} from 'node:fs';
import { z } from 'zod';

/** SQLite's "WAL format": the header of a write-ahead log. */
const HEADER_BYTES = 32;
const MAGIC = 0x37_7f_06_82;
const CHECKPOINT_AT = 12;
const SALT_AT = 16;
const CHECKSUM_AT = 24;

const markSchema = z.object({
  /** Of the log that the hub works with; `null`: it was closed well, and there is none. */
  log: z.int().nonnegative().nullable(),
});

/** What is wrong with the files of a database, before it is opened. */
export type FileDamage = 'missing_database' | 'missing_log' | 'foreign_log';

/** Says that there is a database here, and which log belongs to it: without it nobody would miss either. */
function markFile(database: string): string {
  return `${database}-mark`;
}

/**
 * What is wrong with the files of a database that nobody has open. SQLite itself takes a database whose log is gone for
 * one that was closed well, applies any log that lies beside one, and makes a new database where there is none.
 */
export function fileDamage(database: string, wasHere: boolean): FileDamage | null {
  const mark = readMark(database);
  const log = sizeOf(`${database}-wal`);
  if (sizeOf(database) === 0) return mark !== undefined || log > 0 || wasHere ? 'missing_database' : null;
  // Of a database that was closed well a log is somebody else's affair: SQLite and the check of its pages judge it.
  if (mark == null || mark.log === null) return null;
  if (log === 0) return 'missing_log';
  return identityOf(database) === mark.log ? null : 'foreign_log';
}

/** To be called when the database is open and something was committed, by the hub that has the data directory. */
export function markOpen(database: string): void {
  writeMark(database, identityOf(database));
}

/** To be called before the hub closes its database: from here on a log that is gone is no loss. */
export function markClosing(database: string): void {
  if (readMark(database)?.log != null) writeMark(database, null);
}

/** To be called when another program has closed it: if it was the last one, the log is gone. */
export function markClosed(database: string): void {
  if (sizeOf(`${database}-wal`) === 0) markClosing(database);
}

/** `undefined`: none, or one that says nothing. */
function readMark(database: string): z.infer<typeof markSchema> | undefined {
  try {
    return markSchema.safeParse(JSON.parse(readFileSync(markFile(database), 'utf8'))).data;
  } catch {
    return undefined;
  }
}

/** Whole or not at all: one that a power cut leaves behind the log it is about would raise a false alarm. */
function writeMark(database: string, log: number | null): void {
  const draft = `${markFile(database)}.new`;
  const descriptor = openSync(draft, 'w', 0o600);
  try {
    writeSync(descriptor, JSON.stringify({ log }));
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  renameSync(draft, markFile(database));
}

/**
 * What stays the same as long as a log lives: its first salt grows by one with each checkpoint, which it counts. `null`:
 * there is no log, or its header is not what was written.
 */
function identityOf(database: string): number | null {
  const header = Buffer.alloc(HEADER_BYTES);
  try {
    const descriptor = openSync(`${database}-wal`, 'r');
    try {
      readSync(descriptor, header, 0, HEADER_BYTES, 0);
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
  if ((header.readUInt32BE(0) & ~1) >>> 0 !== MAGIC || !isChecksumRight(header)) return null;
  return (header.readUInt32BE(SALT_AT) - header.readUInt32BE(CHECKPOINT_AT)) >>> 0;
}

/** The checksum of SQLite's WAL format over what stands before it. */
function isChecksumRight(header: Buffer): boolean {
  const isBigEndian = (header.readUInt32BE(0) & 1) === 1;
  const word = (at: number): number => (isBigEndian ? header.readUInt32BE(at) : header.readUInt32LE(at));
  let [first, second] = [0, 0];
  for (let at = 0; at < CHECKSUM_AT; at += 8) {
    first = (first + word(at) + second) >>> 0;
    second = (second + word(at + 4) + first) >>> 0;
  }
  return first === header.readUInt32BE(CHECKSUM_AT) && second === header.readUInt32BE(CHECKSUM_AT + 4);
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
