import { closeSync, fsyncSync, openSync } from 'node:fs';

/** What was written to this file, or renamed in this folder, survives a power cut from here on. */
export function syncPath(path: string): void {
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
