import type { FastifyInstance } from 'fastify';
import { givenParameters } from './parameters.ts';
import { ApiProblem } from './problem.ts';
import { sendProblem } from './reply.ts';
import type { ApiParts, Route, Verb } from './route.ts';

/** Puts routes on the server: parameters, envelope and failures are the same for all. */
export function serve(app: FastifyInstance, routes: readonly Route[], parts: ApiParts): void {
  for (const route of routes) {
    app.all(route.path, { config: { scope: route.scope } }, async (request, reply) => {
      const verb = route.verbs.find((other) => other === request.method);
      if (verb === undefined)
        return sendProblem(reply.header('allow', route.verbs.join(', ')), wrongVerb(route.verbs));
      if (parts.policy.safeMode && mayChange(route)) return sendProblem(reply, SAFE_MODE);
      const { caller } = request;
      if (caller === null) throw new Error(`${route.path} was reached by nobody`);
      const given = givenParameters(route.params, request.query, request.body);
      if (given instanceof ApiProblem) return sendProblem(reply, given);
      const showsPins = caller.kind === 'key' && caller.scopes.includes('pins');
      const content = await route.act({ ...parts, caller, verb, showsPins }, given);
      if (content instanceof ApiProblem) return sendProblem(reply, content);
      return reply.send({ ...content, ok: true });
    });
  }
}

/** What can only be read has a way to be read by GET. */
function mayChange({ scope, verbs }: Route): boolean {
  return (scope === 'write' || scope === 'admin') && !verbs.includes('GET');
}

const SAFE_MODE = new ApiProblem(
  503,
  'safe_mode',
  'The hub is in safe mode, in which it only takes off codes that have ended.',
);

function wrongVerb(verbs: readonly Verb[]): ApiProblem {
  return new ApiProblem(405, 'method_not_allowed', `This path takes ${verbs.join(', ')}.`);
}
