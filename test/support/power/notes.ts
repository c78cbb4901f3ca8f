import { readFileSync } from 'node:fs';

/** A change of a file's content; files are told apart by their inode, which a new name does not change. */
export type ContentNote =
  | {
      readonly kind: 'write';
      readonly inode: string;
      readonly offset: number;
      /** Of the file, before. */
      readonly size: number;
      readonly before: Buffer;
      readonly after: Buffer;
    }
  | {
      readonly kind: 'length';
      readonly inode: string;
      readonly length: number;
      readonly size: number;
      /** What stood beyond the length. */
      readonly before: Buffer;
    };

/** A change of a folder. `kept` names the link to what the change destroyed; empty: nothing. */
export type NameNote =
  | { readonly kind: 'made'; readonly path: string }
  | { readonly kind: 'renamed'; readonly path: string; readonly to: string; readonly kept: string }
  | { readonly kind: 'removed'; readonly path: string; readonly kept: string };

/** From here on what was noted before of that file, or of the names in that folder, outlives a power cut. */
type SyncNote =
  | { readonly kind: 'synced'; readonly inode: string }
  | { readonly kind: 'folder_synced'; readonly path: string }
  | { readonly kind: 'all_synced' };

export type Note = ContentNote | NameNote | SyncNote;

/** What the shim noted, in order. A note that the end of the process cut off is left out: nothing was done yet. */
export function readNotes(file: string): readonly Note[] {
  const bytes = readFileSync(file);
  const notes: Note[] = [];
  for (let at = 0; at < bytes.length;) {
    const end = bytes.indexOf(10, at);
    if (end === -1) break;
    const line = bytes.toString('utf8', at, end);
    const [note, length] = noteOf(line.slice(0, 1), line.slice(2), bytes.subarray(end + 1));
    at = end + 1 + length;
    if (at <= bytes.length) notes.push(note);
  }
  return notes;
}

/** With the number of bytes that belong to it behind its line. */
function noteOf(kind: string, text: string, rest: Buffer): readonly [Note, number] {
  const [inode = '', ...numbers] = text.split(' ');
  const [first = 0, size = 0, old = 0, fresh = 0] = numbers.map(Number);
  const [path = '', second = '', third = ''] = text.split('\t');
  switch (kind) {
    case 'W': {
      const [before, after] = [rest.subarray(0, old), rest.subarray(old, old + fresh)];
      return [{ kind: 'write', inode, offset: first, size, before, after }, old + fresh];
    }
    case 'T':
      return [{ kind: 'length', inode, length: first, size, before: rest.subarray(0, old) }, old];
    case 'S':
      return [{ kind: 'synced', inode }, 0];
    case 'C':
      return [{ kind: 'made', path }, 0];
    case 'R':
      return [{ kind: 'renamed', path, to: second, kept: third }, 0];
    case 'U':
      return [{ kind: 'removed', path, kept: second }, 0];
    case 'D':
      return [{ kind: 'folder_synced', path }, 0];
    case 'A':
      return [{ kind: 'all_synced' }, 0];
    default:
      throw new Error(`No note: ${kind}`);
  }
}
