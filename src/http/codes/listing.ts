import { z } from 'zod';
import type { Instant } from '../../core/time.ts';
import type { Pin } from '../../core/pin.ts';

const SEARCH_CHARS_MAX = 200;

/** Parameter of lists of codes. */
export const search = z
  .string()
  .max(SEARCH_CHARS_MAX)
  .nullish()
  .describe('A part of the name, the id or (where PINs are shown) the PIN, in whatever case.');

/** Whether this code has the text in it; every code has none. */
export function isFound(
  text: string | null | undefined,
  code: { readonly name: string | null; readonly accessCodeId: string; readonly pin: Pin | null },
  showsPins: boolean,
): boolean {
  if (text == null) return true;
  const wanted = text.toLowerCase();
  return (
    code.accessCodeId.toLowerCase().includes(wanted) ||
    code.name?.toLowerCase().includes(wanted) === true ||
    (showsPins && code.pin?.contains(wanted) === true)
  );
}

/** Digits of the last instant that has a text. */
const INSTANT_DIGITS = 16;

/** Codes are listed by this text: as they were created, and by id what was created at once. */
export function orderOf(createdAt: Instant, accessCodeId: string): string {
  return `${String(createdAt).padStart(INSTANT_DIGITS, '0')} ${accessCodeId}`;
}

/** Rows with their `order`, in that order. */
export function inOrder<Row extends { readonly order: string }>(rows: readonly Row[]): readonly Row[] {
  return rows.toSorted((a, b) => (a.order < b.order ? -1 : Number(a.order > b.order)));
}
