import { fchmodSync, readFileSync, readlinkSync, renameSync, rmSync, statSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import type { z } from 'zod';
import { ownedLike } from '../backup/disk.ts';
import { syncFolder, withFile, writeAll } from '../provision/durable.ts';

/** Far more than any of these files has. */
const JSON_BYTES_MAX = 64 * 1024;

/** Writes a small file whole or not at all; it is there after a power cut. What root writes belongs to whose folder it is in. */
export function writeJson(file: string, value: unknown, mode: number): void {
  const draft = `${file}.new`;
  rmSync(draft, { force: true });
  withFile(draft, 'wx', (handle) => {
    writeAll(handle, Buffer.from(`${JSON.stringify(value)}\n`), 0);
    fchmodSync(handle, mode);
    ownedLike(draft, path.dirname(file));
  });
  renameSync(draft, file);
  syncFolder(path.dirname(file));
}

/** `null`: there is none, or it says nothing that makes sense. */
export function readJson<T>(file: string, shape: z.ZodType<T>): T | null {
  try {
    if (statSync(file).size > JSON_BYTES_MAX) return null;
    const read = shape.safeParse(JSON.parse(readFileSync(file, 'utf8')));
    return read.success ? read.data : null;
  } catch (error) {
    if (error instanceof SyntaxError || (error instanceof Error && 'syscall' in error)) return null;
    throw error;
  }
}

/** Removes a file; it is gone after a power cut. */
export function removeDurably(file: string): void {
  rmSync(file, { force: true });
  syncFolder(path.dirname(file));
}

/** Points a link at a version in one step: it is whole at any time, and after a power cut the old or the new one. */
export function pointAt(link: string, version: string): void {
  const draft = `${link}.new`;
  rmSync(draft, { force: true });
  symlinkSync(path.join('versions', version), draft);
  renameSync(draft, link);
  syncFolder(path.dirname(link));
}

/** The version that a link points at; `null`: there is no such link. */
export function pointedAt(link: string): string | null {
  try {
    return path.basename(readlinkSync(link));
  } catch (error) {
    if (error instanceof Error && 'syscall' in error) return null;
    throw error;
  }
}
