import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  lstatSync,
  openSync,
  readdirSync,
  rmSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import { syncPath } from '../backup/disk.ts';
import type { Config } from '../config.ts';

/** What of a data directory holds secrets, or what only the hub's key opens. The key itself comes before all of it. */
const SECRET = /^(lockhub\.db|hub\.key|backups|restore\.|before-restore|damaged|update)/;
const BLOCK = Buffer.alloc(64 * 1024);

/**
 * Destroys all that is secret in the data directory, and the files of the config that let this hub in anywhere or open a
 * radio network: the hub's key first, without which the rest can't be read, then each file overwritten and deleted. Every
 * step may be done again. Answers which files of the config are left, by the text of the config: only root may delete
 * them. Throws what the system says of the data directory.
 */
export function destroySecrets(config: Config): readonly string[] {
  const { dataDir, keyFile } = config;
  // Beside a key there may be one that was not finished, or that was to follow it.
  const keys = [keyFile, `${keyFile}.next`, `${keyFile}.new`].map(isDestroyed);
  const left = keys.every(Boolean) ? [] : ['key_file'];
  for (const name of readdirSync(dataDir).toSorted()) {
    if (SECRET.test(name)) destroyTree(path.join(dataDir, name));
  }
  syncPath(dataDir);
  return [...left, ...destroyFiles(config)];
}

/** The same of the files of the config alone. */
export function destroyFiles(config: Config): readonly string[] {
  const kept = keptFiles(config);
  return config.files
    .filter(({ path: file }) => !kept.has(file) && !isDestroyed(file))
    .map(({ named }) => named);
}

/** What is no secret of this hub, or without which it could not say that it was wiped, or be claimed anew. */
function keptFiles({ cloud, homeAssistant, http }: Config): ReadonlySet<string | null | undefined> {
  const page = [http?.tls?.certFile, http?.tls?.keyFile];
  const claim = [cloud?.claim?.certFile, cloud?.claim?.keyFile];
  return new Set([cloud?.caFile, homeAssistant?.caFile, ...claim, ...page]);
}

/** False: it is there, and not the hub's to delete. */
function isDestroyed(file: string): boolean {
  try {
    if (existsSync(file)) destroyTree(file);
    return true;
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error;
    return false;
  }
}

function destroyTree(file: string): void {
  const found = lstatSync(file);
  if (found.isDirectory()) {
    for (const name of readdirSync(file)) destroyTree(path.join(file, name));
  } else if (found.isFile()) overwrite(file);
  rmSync(file, { recursive: true, force: true });
  syncPath(path.dirname(file));
}

/** A card that moves blocks about may keep old ones all the same, which is why the key goes first. */
function overwrite(file: string): void {
  const descriptor = openSync(file, 'r+');
  try {
    const { size } = fstatSync(descriptor);
    for (let at = 0; at < size;) at += writeSync(descriptor, BLOCK, 0, Math.min(BLOCK.length, size - at), at);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
