import { parse } from 'yaml';
import type { Entry } from './cloud.ts';
import type { House } from './house.ts';

/** One thing that can be said in a story. Parts of it in brackets are handed to `act`. */
export interface Sentence {
  readonly form: string;
  /** Time passes or somebody does something, so that the cloud hears of it or, which is said as well, does not. */
  readonly happens?: true;
  /** Somebody does it at the lock, and what the lock tells of it is on the air for a moment. */
  readonly atLock?: true;
  readonly act: (house: House, ...words: string[]) => readonly string[] | Promise<readonly string[]>;
}

/** The name of a lock, and the id of a code or the word for one. */
export const LOCK = String.raw`([a-z]\w*)`;
export const CODE = String.raw`([\w-]+)`;
export const PIN = String.raw`(\d+)`;
export const FIELDS = String.raw`(.+)`;

/** Fields of a request as they stand in a story: `name: "guest", code: "1234"`. */
export function fieldsOf(text: string): Entry {
  const fields: unknown = parse(`{${text}}`);
  if (typeof fields !== 'object' || fields === null) throw new Error(`These are no fields: ${text}`);
  return fields as Entry;
}

/** The answer of what was simply done. */
export function quiet(_done: void): readonly string[] {
  return [];
}
