import type { Instant } from '../../core/time.ts';
import type { Pin } from '../../core/pin.ts';
import { invalidInput, type ApiProblem } from '../problem.ts';

/** Where a page ends: the last code on it. */
type Cursor = readonly [createdAt: Instant, accessCodeId: string];

/** Codes come in the order in which they were created, and where that is the same by id: an order that never changes. */
interface Ordered {
  readonly createdAt: Instant;
  readonly accessCodeId: string;
}

/** What existing clients read to get the next page. */
export interface Pagination {
  readonly has_next_page: boolean;
  readonly next_page_cursor: string | null;
  readonly next_page_url: null;
}

/** One page of the rows, or why the cursor is none. */
export function pageOf<Row extends Ordered>(
  rows: readonly Row[],
  limit: number,
  cursor: string | null | undefined,
): { readonly page: readonly Row[]; readonly pagination: Pagination } | ApiProblem {
  const after = cursor == null ? null : readCursor(cursor);
  if (after === undefined) return invalidInput('page_cursor: is none that this hub gave.', 'page_cursor');
  const ordered = rows.toSorted((a, b) => comparison(positionOf(a), positionOf(b)));
  const rest = after === null ? ordered : ordered.filter((row) => comparison(positionOf(row), after) > 0);
  const page = rest.slice(0, limit);
  const last = page.at(-1);
  const hasNext = rest.length > page.length && last !== undefined;
  const next_page_cursor = hasNext ? cursorText(positionOf(last)) : null;
  return { page, pagination: { has_next_page: hasNext, next_page_cursor, next_page_url: null } };
}

/** Part of the name, the id or, for those who may see it, the PIN. No text finds all. */
export function isFound(
  text: string | null | undefined,
  row: { readonly name: string | null; readonly accessCodeId: string; readonly pin: Pin | null },
  showsPins: boolean,
): boolean {
  if (text == null) return true;
  const wanted = text.toLowerCase();
  return (
    row.accessCodeId.toLowerCase().includes(wanted) ||
    row.name?.toLowerCase().includes(wanted) === true ||
    (showsPins && row.pin?.contains(wanted) === true)
  );
}

function positionOf({ createdAt, accessCodeId }: Ordered): Cursor {
  return [createdAt, accessCodeId];
}

function comparison([at, id]: Cursor, [otherAt, otherId]: Cursor): number {
  if (at !== otherAt) return at - otherAt;
  if (id === otherId) return 0;
  return id < otherId ? -1 : 1;
}

function cursorText([createdAt, accessCodeId]: Cursor): string {
  return Buffer.from(`${createdAt} ${accessCodeId}`).toString('base64url');
}

function readCursor(text: string): Cursor | undefined {
  const [, createdAt, accessCodeId] =
    /^(\d{1,16}) (.+)$/.exec(Buffer.from(text, 'base64url').toString()) ?? [];
  return createdAt === undefined || accessCodeId === undefined
    ? undefined
    : [Number(createdAt), accessCodeId];
}
