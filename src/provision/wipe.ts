import { fsyncSync, ftruncateSync, statSync } from 'node:fs';
import { withFile, writeAll } from './durable.ts';

/** A sector of the card, which is written whole or not at all. */
const SECTOR_BYTES = 512;

/**
 * Puts a note in the place of a file's text: over its own blocks first, not beside them, and only then shortened. The note's
 * first line is on the card before anything else is, so that whoever finds half of this knows what to end. A card's own
 * electronics may keep old blocks all the same, where nobody but a laboratory reads them.
 */
export function wipe(file: string, note: string): void {
  const bytes = Buffer.from(note, 'utf8');
  const padded = Buffer.alloc(Math.max(bytes.length, statSync(file).size), '\n');
  bytes.copy(padded);
  withFile(file, 'r+', (handle) => {
    writeAll(handle, padded.subarray(0, SECTOR_BYTES), 0);
    fsyncSync(handle);
    writeAll(handle, padded, 0);
    fsyncSync(handle);
    ftruncateSync(handle, bytes.length);
  });
}
