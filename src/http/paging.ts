import { z } from 'zod';
import { invalidInput, type ApiProblem } from './problem.ts';

const CURSOR_CHARS_MAX = 500;

/** Parameters of every list. */
export const pageParameters = {
  limit: z.int().min(1).max(55_000).default(55_000).describe('How many there may be in one answer.'),
  page_cursor: z
    .string()
    .max(CURSOR_CHARS_MAX)
    .nullish()
    .describe('`next_page_cursor` of the page before; the other parameters have to be the same.'),
};

/** Field of every answer with a list. */
export const paginationSchema = z.object({
  has_next_page: z.boolean(),
  next_page_cursor: z.string().nullable(),
  next_page_url: z.null(),
});

export type Pagination = z.infer<typeof paginationSchema>;

interface Page<Item> {
  readonly items: Item[];
  readonly pagination: Pagination;
}

/**
 * One page of a list that is in ascending order of its ids. The cursor says after which id the page begins, so that
 * nothing is skipped or told twice when something is added or goes meanwhile.
 */
export function pageOf<Item>(
  items: readonly Item[],
  idOf: (item: Item) => string,
  { limit, page_cursor }: { readonly limit: number; readonly page_cursor?: string | null | undefined },
): Page<Item> | ApiProblem {
  const after = page_cursor == null ? '' : idOfCursor(page_cursor);
  if (after === undefined) return invalidInput('page_cursor: no list gave this one.', 'page_cursor');
  const rest = items.filter((item) => idOf(item) > after);
  const page = rest.slice(0, limit);
  const last = page.at(-1);
  const cursor = last === undefined || rest.length <= limit ? null : cursorOf(idOf(last));
  return {
    items: page,
    pagination: { has_next_page: cursor !== null, next_page_cursor: cursor, next_page_url: null },
  };
}

function cursorOf(id: string): string {
  return Buffer.from(`after ${id}`).toString('base64url');
}

function idOfCursor(cursor: string): string | undefined {
  return /^after (.+)$/.exec(Buffer.from(cursor, 'base64url').toString())?.[1];
}
