import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { KeptLocks } from './air.ts';

/** What the radio of a house keeps over a restart. */
export interface KeptRadio {
  readonly stick?: { readonly address: string; readonly items: Readonly<Record<string, string>> };
  readonly locks: KeptLocks;
}

/** The memory file cannot be used. */
export class MemoryFileError extends Error {}

/** Reads what an earlier run kept; a file that is not there yet holds nothing. Throws `MemoryFileError`. */
export function readMemory(file: string): KeptRadio {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return { locks: {} };
    throw new MemoryFileError(`${file}: cannot be read`, { cause: error });
  }
  try {
    const kept: unknown = JSON.parse(text);
    if (isKept(kept)) return kept;
  } catch (error) {
    throw new MemoryFileError(`${file}: is not JSON`, { cause: error });
  }
  throw new MemoryFileError(`${file}: is no memory of a house`);
}

/** Writes the file whole or not at all. It holds the network key, so it is for its owner alone. */
export function writeMemory(file: string, kept: KeptRadio): void {
  const draft = `${file}.new`;
  writeFileSync(draft, `${JSON.stringify(kept)}\n`, { mode: 0o600 });
  renameSync(draft, file);
}

function isKept(value: unknown): value is KeptRadio {
  return typeof value === 'object' && value !== null && 'locks' in value && typeof value.locks === 'object';
}
