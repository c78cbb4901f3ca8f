import type { FastifyReply } from 'fastify';
import type { ApiProblem } from './problem.ts';

/** The header that clients read the id of their request from. */
export const REQUEST_ID_HEADER = 'seam-request-id';

/** Answers with a failure in the one format that there is. */
export function sendProblem(reply: FastifyReply, problem: ApiProblem): FastifyReply {
  // Also where the request was refused before anything looked at it.
  reply.header(REQUEST_ID_HEADER, reply.request.id);
  return reply.code(problem.status).send({
    error: {
      type: problem.type,
      message: problem.message,
      request_id: reply.request.id,
      ...(problem.validationErrors && { validation_errors: problem.validationErrors }),
      ...(problem.nearest && { nearest: problem.nearest }),
    },
    ok: false,
  });
}
