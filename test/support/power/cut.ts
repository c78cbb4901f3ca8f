import {
  closeSync,
  ftruncateSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import type { Draw } from '../../../src/core/draw.ts';
import { readNotes, type ContentNote, type NameNote, type Note } from './notes.ts';

/** What a disk writes whole or not at all. */
const SECTOR_BYTES = 512;

/** What a cut took back. */
export interface CutReport {
  /** Writes and changes of a length, of files, that were not synced, and how many of them did not get through whole. */
  readonly unsynced: number;
  readonly lost: number;
  /** Changes of folders that were not synced, and how many were taken back. */
  readonly unsyncedNames: number;
  readonly lostNames: number;
}

/** How much of what a file was not synced for gets through. */
type Fate = 'nothing' | 'all' | 'beginning' | 'sectors';
const FATES: readonly Fate[] = ['nothing', 'all', 'beginning', 'sectors'];

/**
 * Makes a power cut of a kill: what the program below `folder` wrote and did not sync is taken back, whole or in parts.
 * Of each file nothing of it gets through, or all, or a beginning with the last write torn, or any sectors; of the
 * changes of folders a beginning, as a journal of a file system keeps it. `log` and `kept` are the shim's.
 */
export function cutPower({ folder, log, kept }: PowerFolders, draw: Draw): CutReport {
  const notes = readNotes(log);
  const names = unsyncedNames(notes);
  const contents = unsyncedContents(notes);
  const keptNames = draw(names.length + 1);
  for (const note of names.slice(keptNames).toReversed()) takeBack(note, kept);
  const paths = new Map(filesBelow(folder).map((file) => [String(statSync(file).ino), file]));
  let lost = 0;
  for (const [inode, changes] of contents) {
    const file = paths.get(inode);
    if (file !== undefined) lost += shorten(file, changes, FATES[draw(FATES.length)] ?? 'nothing', draw);
  }
  // What is mapped into memory has no order on a disk at all, and SQLite makes it anew.
  for (const file of paths.values()) if (file.endsWith('-shm')) rmSync(file);
  rmSync(log);
  for (const link of readdirSync(kept)) rmSync(path.join(kept, link));
  const unsynced = [...contents.values()].reduce((sum, changes) => sum + changes.length, 0);
  return { unsynced, lost, unsyncedNames: names.length, lostNames: names.length - keptNames };
}

/** Where the shim looks and notes; all on one file system. */
export interface PowerFolders {
  readonly folder: string;
  readonly log: string;
  readonly kept: string;
}

function unsyncedContents(notes: readonly Note[]): ReadonlyMap<string, readonly ContentNote[]> {
  const changes = new Map<string, ContentNote[]>();
  for (const note of notes) {
    if (note.kind === 'synced') changes.delete(note.inode);
    if (note.kind === 'all_synced') changes.clear();
    if (note.kind !== 'write' && note.kind !== 'length') continue;
    const before = changes.get(note.inode) ?? [];
    before.push(note);
    changes.set(note.inode, before);
  }
  return changes;
}

/** A synced folder keeps the names in it, and with them all that a journal noted before. */
function unsyncedNames(notes: readonly Note[]): readonly NameNote[] {
  let names: NameNote[] = [];
  for (const note of notes) {
    if (note.kind === 'made' || note.kind === 'renamed' || note.kind === 'removed') names.push(note);
    if (note.kind === 'all_synced') names = [];
    if (note.kind === 'folder_synced' && names.some((each) => path.dirname(each.path) === note.path))
      names = [];
  }
  return names;
}

function takeBack(note: NameNote, kept: string): void {
  switch (note.kind) {
    case 'made':
      return rmSync(note.path, { force: true });
    case 'renamed':
      mkdirSync(path.dirname(note.path), { recursive: true });
      renameSync(note.to, note.path);
      if (note.kept !== '') linkSync(path.join(kept, note.kept), note.to);
      return;
    case 'removed':
      // Folders are not noted: one that went with the file comes back with it.
      mkdirSync(path.dirname(note.path), { recursive: true });
      linkSync(path.join(kept, note.kept), note.path);
  }
}

/** Puts a file back to when it was synced last, and does again what got through. Answers how many changes did not. */
function shorten(file: string, changes: readonly ContentNote[], fate: Fate, draw: Draw): number {
  const fd = openSync(file, 'r+');
  for (const change of changes.toReversed()) undo(fd, change);
  const whole = { nothing: 0, all: changes.length, beginning: draw(changes.length), sectors: 0 }[fate];
  for (const change of changes.slice(0, whole)) redo(fd, change);
  const torn = { nothing: [], all: [], beginning: changes.slice(whole, whole + 1), sectors: changes }[fate];
  for (const change of torn) redoParts(fd, change, draw);
  closeSync(fd);
  return changes.length - whole;
}

function undo(fd: number, change: ContentNote): void {
  ftruncateSync(fd, change.size);
  writeSync(
    fd,
    change.before,
    0,
    change.before.length,
    change.kind === 'write' ? change.offset : change.length,
  );
}

function redo(fd: number, change: ContentNote): void {
  if (change.kind === 'length') ftruncateSync(fd, change.length);
  else writeSync(fd, change.after, 0, change.after.length, change.offset);
}

/** Any sectors of it, in their place. A hole before them reads as zeros. */
function redoParts(fd: number, change: ContentNote, draw: Draw): void {
  if (change.kind === 'length') {
    if (draw(2) === 0) redo(fd, change);
    return;
  }
  const { after, offset } = change;
  const firstEnd = SECTOR_BYTES - (offset % SECTOR_BYTES);
  for (let from = 0, to = firstEnd; from < after.length; from = to, to += SECTOR_BYTES) {
    const end = Math.min(to, after.length);
    if (draw(2) === 0) writeSync(fd, after, from, end - from, offset + from);
  }
}

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
}
