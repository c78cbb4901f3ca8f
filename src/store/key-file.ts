import { closeSync, fsyncSync, linkSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import path from 'node:path';

import { StoreError } from './errors.ts';
import { HubKey, systemRandom, type RandomBytes } from './key.ts';

export interface KeyFileOptions {
  readonly keyFile: string;
  /** A database that this key must open is already there, so a new key would lose what it holds. */
  readonly databaseExists: boolean;
  readonly random?: RandomBytes;
}

/**
 * The hub's key: read from its file, or made with mode 0600 at the very first start.
 * Throws `StoreError` of kind `missing_key`, `wrong_key` (not a key) or `disk`. Never overwrites a key.
 */
export function loadOrCreateKey(options: KeyFileOptions): HubKey {
  const { keyFile, databaseExists } = options;
  const present = readKey(keyFile);
  if (present !== undefined) return present;
  if (databaseExists) {
    throw new StoreError(
      'missing_key',
      `The key file ${keyFile} is missing, and the database can't be read without it. Put the key back.`,
    );
  }
  writeKey(keyFile, HubKey.generate(options.random ?? systemRandom));
  const made = readKey(keyFile);
  if (made === undefined) throw new StoreError('disk', `The key file ${keyFile} vanished while it was made.`);
  return made;
}

/** A key from its file; `undefined` when there is no such file. Throws `StoreError` of kind `wrong_key` or `disk`. */
export function readKey(keyFile: string): HubKey | undefined {
  const text = onDisk(keyFile, () => {
    try {
      return readFileSync(keyFile, 'latin1');
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return undefined;
      throw error;
    }
  });
  if (text === undefined) return undefined;
  const key = HubKey.parse(text);
  if (key === undefined) {
    throw new StoreError('wrong_key', `The key file ${keyFile} does not hold a key (64 hex digits).`);
  }
  return key;
}

/**
 * The whole file appears under its name or none of it, and it is on the disk before this returns. A hard link does
 * what a rename can't: it fails when the name exists, so a key made by somebody else at the same moment stays.
 */
export function writeKey(keyFile: string, key: HubKey): void {
  const draft = `${keyFile}.new`;
  onDisk(keyFile, () => {
    rmSync(draft, { force: true });
    const descriptor = openSync(draft, 'wx', 0o600);
    try {
      writeSync(descriptor, `${key.reveal()}\n`);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    try {
      linkSync(draft, keyFile);
    } catch (error) {
      if (errorCode(error) !== 'EEXIST') throw error;
    }
    rmSync(draft);
    syncDirectory(path.dirname(keyFile));
  });
}

/** What was renamed or removed there stays so after a power cut. */
export function syncDirectory(directory: string): void {
  const descriptor = openSync(directory, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Has what the system says of the file told as `StoreError`. */
export function onDisk<T>(keyFile: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    const code = errorCode(error);
    if (code === undefined) throw error;
    throw new StoreError('disk', `The key file ${keyFile} can't be read or written (${code}).`, {
      cause: error,
    });
  }
}

function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
