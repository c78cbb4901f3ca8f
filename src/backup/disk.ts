import { chownSync, closeSync, fsyncSync, openSync, statSync } from 'node:fs';

/** What was written to this file, or renamed in this folder, survives a power cut from here on. */
export function syncPath(path: string): void {
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** What root makes in a folder of the hub belongs to the hub, which is to read it. */
export function ownedLike(path: string, folder: string): void {
  if (process.getuid?.() !== 0) return;
  const { uid, gid } = statSync(folder);
  chownSync(path, uid, gid);
}
