import {
  chownSync,
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  linkSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import { onDisk, readKey, syncDirectory, writeKey } from './key-file.ts';
import { HubKey, systemRandom, type RandomBytes } from './key.ts';

/** Where the key is that is to follow the one in this file: that it is there asks for the change. */
export function nextKeyFile(keyFile: string): string {
  return `${keyFile}.next`;
}

/** The key that was, until it is wiped. */
function oldKeyFile(keyFile: string): string {
  return `${keyFile}.old`;
}

/** A key that is to follow; `undefined`: none is. Throws `StoreError`. */
export function readNextKey(keyFile: string): HubKey | undefined {
  return readKey(nextKeyFile(keyFile));
}

/**
 * Asks for another key, which is on the disk when this returns; one that is asked for already stays. It belongs to whom
 * the key belongs. Throws `StoreError` of kind `disk`.
 */
export function askForNextKey(keyFile: string, random: RandomBytes = systemRandom): void {
  const next = nextKeyFile(keyFile);
  if (readNextKey(keyFile) !== undefined) return;
  writeKey(next, HubKey.generate(random));
  if (process.getuid?.() !== 0) return;
  onDisk(next, () => {
    const { uid, gid } = statSync(keyFile);
    chownSync(next, uid, gid);
  });
}

/**
 * The next key takes the place of the one before, which is overwritten where it was: from here on nobody can read what
 * it had sealed. May be done again after a power cut at any point. Throws `StoreError` of kind `disk`.
 */
export function putNextKey(keyFile: string): void {
  const [next, old] = [nextKeyFile(keyFile), oldKeyFile(keyFile)];
  onDisk(keyFile, () => {
    // As long as the next key is not in its place, this is but another name of the present one.
    rmSync(old, { force: true });
    linkSync(keyFile, old);
    renameSync(next, keyFile);
    syncDirectory(path.dirname(keyFile));
  });
  destroyOldKey(keyFile);
}

/** Wipes a key whose place was taken, if there is one. Throws `StoreError` of kind `disk`. */
export function destroyOldKey(keyFile: string): void {
  const old = oldKeyFile(keyFile);
  if (!existsSync(old) || existsSync(nextKeyFile(keyFile))) return;
  onDisk(old, () => {
    const descriptor = openSync(old, 'r+');
    try {
      const { size } = fstatSync(descriptor);
      writeSync(descriptor, Buffer.alloc(size, '\n'), 0, size, 0);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    rmSync(old);
    syncDirectory(path.dirname(old));
  });
}
