import { z } from 'zod';
import { ApiProblem } from '../problem.ts';
import { route, type ApiContext, type Result, type Route, type Verb } from '../route.ts';
import type { Scope } from '../../core/scope.ts';

interface PageRoute<Params extends z.ZodType, Page> {
  readonly path: `/page/${string}`;
  readonly verbs: readonly Verb[];
  readonly scope: Scope;
  readonly params: Params;
  readonly act: (context: ApiContext, params: z.output<Params>) => Result<Page>;
}

/**
 * A route of the technician's page: its answer is `{page, ok: true}`. It is no part of the published API, for it
 * changes with the page.
 */
export function pageRoute<Params extends z.ZodType, Page>(described: PageRoute<Params, Page>): Route {
  return route({
    ...described,
    summary: null,
    answer: z.object({ page: z.unknown() }),
    act: async (context, params) => {
      const page = await described.act(context, params);
      return page instanceof ApiProblem ? page : { page };
    },
  });
}

export const NO_PARAMS = z.object({});
export const ID_CHARS_MAX = 200;
export const idParam = z.string().min(1).max(ID_CHARS_MAX);
