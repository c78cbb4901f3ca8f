import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { StoreError } from '../store/errors.ts';
import { ApiProblem, invalidInput } from './problem.ts';
import { REQUEST_ID_HEADER, sendProblem } from './reply.ts';

/** What becomes of everything that no route answers: each failure in the one format, and nothing from inside. */
export function answerFailures(app: FastifyInstance): void {
  app.setNotFoundHandler((_request, reply) =>
    sendProblem(reply, new ApiProblem(404, 'not_found', 'There is nothing at this path.')),
  );
  app.setErrorHandler((error, request, reply) => {
    const expected = expectedProblem(error);
    if (expected !== undefined) return sendProblem(reply, expected);
    request.log.error({ err: error, route: request.routeOptions.url }, 'a bug in the API');
    return sendProblem(
      reply,
      new ApiProblem(500, 'internal_error', 'Something went wrong inside the hub; its log says more.'),
    );
  });
}

/** What the server itself refuses before a route is reached. `undefined`: a bug. */
function expectedProblem(error: unknown): ApiProblem | undefined {
  if (error instanceof StoreError && error.kind === 'disk') {
    return new ApiProblem(507, 'disk_full', 'The disk of the hub takes nothing, so nothing was changed.');
  }
  const status = error instanceof Error && 'statusCode' in error ? error.statusCode : undefined;
  switch (status) {
    case 413:
      return new ApiProblem(413, 'payload_too_large', 'The body is larger than the hub takes.');
    case 415:
      return new ApiProblem(415, 'unsupported_media_type', 'The body must be application/json.');
    default:
      return typeof status === 'number' && status >= 400 && status < 500
        ? invalidInput('The request could not be read: its body must be valid JSON.')
        : undefined;
  }
}

/** Answers what is no HTTP at all, too long or too slow, so that there is a request id and nothing else to learn. */
export function refuseUnreadable(error: Error, requestId: string, socket: Socket): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const { status, type, message } = unreadable('code' in error ? error.code : undefined);
  const body = JSON.stringify({ error: { type, message, request_id: requestId }, ok: false });
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'content-type: application/json; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
    `${REQUEST_ID_HEADER}: ${requestId}`,
    'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}

/** By Node's own names for what was wrong. */
function unreadable(code: unknown): ApiProblem {
  switch (code) {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new ApiProblem(408, 'request_timeout', 'The request took too long to arrive.');
    case 'HPE_HEADER_OVERFLOW':
      return new ApiProblem(
        431,
        'headers_too_large',
        'The headers or the path are longer than the hub takes.',
      );
    default:
      return new ApiProblem(400, 'invalid_input', 'This is no HTTP request that the hub can read.');
  }
}
