import {
  closeSync,
  fchmodSync,
  fchownSync,
  fsyncSync,
  openSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';

export interface Owner {
  readonly uid: number;
  readonly gid: number;
  readonly mode: number;
}

/**
 * Writes a file whole or not at all, whatever happens meanwhile, and so that it is there after a power cut. `draft` is in
 * the same file system, and always the same, so that the next attempt removes what a power cut has left.
 */
export function writeDurably(draft: string, file: string, text: string, { uid, gid, mode }: Owner): void {
  rmSync(draft, { force: true });
  withFile(draft, 'wx', (handle) => {
    writeAll(handle, Buffer.from(text, 'utf8'), 0);
    fchmodSync(handle, mode);
    fchownSync(handle, uid, gid);
  });
  renameSync(draft, file);
  syncFolder(path.dirname(file));
}

/** Until then a rename may be forgotten in a power cut. */
export function syncFolder(folder: string): void {
  withFile(folder, 'r', () => undefined);
}

/** Opens, lets `work` write, and returns when it is on the disk. */
export function withFile(file: string, flags: string, work: (handle: number) => void): void {
  const handle = openSync(file, flags, 0o600);
  try {
    work(handle);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/** Writes all of it at this place. */
export function writeAll(handle: number, bytes: Buffer, at: number): void {
  let done = 0;
  while (done < bytes.length) done += writeSync(handle, bytes, done, bytes.length - done, at + done);
}
