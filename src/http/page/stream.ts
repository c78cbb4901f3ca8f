import type { ServerResponse } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { SECOND_MS } from '../../core/time.ts';
import { notedText } from '../../wire/instant-text.ts';
import type { Caller } from '../auth/caller.ts';
import type { Sessions } from '../auth/sessions.ts';
import { ApiProblem, invalidParameters } from '../problem.ts';
import { REQUEST_ID_HEADER, sendProblem } from '../reply.ts';
import type { ApiParts } from '../route.ts';
import { Feed } from './feed.ts';
import { isAtLeast, LOG_LEVELS } from './log-ring.ts';
import { ID_CHARS_MAX } from './page-route.ts';
import type { StreamMessage } from './types.ts';

/** Pages that are live at once. More are refused: an open one is never cut for a new one. */
const STREAMS_MAX = 20;
/** How often a line that has nothing to tell shows that it is alive. */
const ALIVE_EVERY_MS = 15 * SECOND_MS;
/** How often it is looked whether who listens still may. */
const MAY_LOOK_EVERY_MS = SECOND_MS;
/** What may wait for a slow reader before it is cut; it reads all anew when it comes back. */
const WAITING_BYTES_MAX = 256 * 1024;
/** How soon a browser tries again. */
const RETRY_MS = 2000;
/** How long a reader has to take the rest when its stream ends. */
const END_TIMEOUT_MS = SECOND_MS;

const parameters = z.object({
  log: z.enum(LOG_LEVELS).optional(),
  // Some readers of streams put the time here, against caches.
  _: z.string().max(ID_CHARS_MAX).optional(),
});

/** `/page/stream`: server-sent events of all that changes, for as long as the session or key is good. */
export function pageStream(app: FastifyInstance, parts: ApiParts & { readonly sessions: Sessions }): void {
  const feed = new Feed(parts);
  const open = new Set<OpenStream>();
  app.get('/page/stream', { config: { scope: 'read' } }, (request, reply) => {
    const given = parameters.safeParse(request.query);
    if (!given.success) return sendProblem(reply, invalidParameters(given.error));
    if (open.size >= STREAMS_MAX) return sendProblem(reply.header('retry-after', '15'), TOO_MANY);
    const stream = new OpenStream(request, reply, parts);
    open.add(stream);
    const unlisten = [feed.listen((message) => stream.send(message))];
    const { log } = given.data;
    if (log !== undefined) {
      const tell = parts.logRing.onLine((line) => isAtLeast(line, log) && stream.send({ kind: 'log', line }));
      unlisten.push(tell);
    }
    stream.onEnd(() => {
      open.delete(stream);
      for (const end of unlisten) end();
    });
    return reply;
  });
  // Before the server waits for its connections to end.
  app.addHook('preClose', async () => {
    for (const stream of open) stream.end();
  });
}

/** One page that listens. */
class OpenStream {
  readonly #raw: ServerResponse;
  readonly #timers: readonly NodeJS.Timeout[];
  #ended: () => void = () => undefined;

  constructor(
    request: FastifyRequest,
    reply: FastifyReply,
    parts: ApiParts & { readonly sessions: Sessions },
  ) {
    reply.hijack();
    const { caller } = request;
    this.#raw = reply.raw;
    this.#raw.writeHead(200, {
      ...headersOf(reply),
      [REQUEST_ID_HEADER]: request.id,
      'content-type': 'text/event-stream; charset=utf-8',
      'x-accel-buffering': 'no',
    });
    this.#write(`retry: ${RETRY_MS}\n\n`);
    this.send({ kind: 'hello', boot_id: parts.bootId, at: notedText(parts.clock.now().earliest) });
    this.#timers = [
      // A named event too, because a page does not see comments.
      setInterval(() => this.#write(': alive\nevent: alive\ndata: {}\n\n'), ALIVE_EVERY_MS),
      setInterval(() => {
        if (!mayListen(caller, parts)) this.end();
      }, MAY_LOOK_EVERY_MS),
    ];
    this.#raw.once('close', () => this.#close());
    this.#raw.on('error', () => this.#raw.destroy());
  }

  onEnd(ended: () => void): void {
    this.#ended = ended;
  }

  send(message: StreamMessage): void {
    this.#write(`event: ${message.kind}\ndata: ${JSON.stringify(message)}\n\n`);
  }

  /** In good order, unless the reader takes nothing. */
  end(): void {
    this.#raw.end();
    this.#close();
    setTimeout(() => this.#raw.destroy(), END_TIMEOUT_MS).unref();
  }

  #write(text: string): void {
    if (this.#raw.writableEnded || this.#raw.destroyed) return;
    this.#raw.write(text);
    if (this.#raw.writableLength > WAITING_BYTES_MAX) this.#raw.destroy();
  }

  #close(): void {
    for (const timer of this.#timers) clearInterval(timer);
    this.#ended();
    this.#ended = () => undefined;
  }
}

/** What the hooks of the server have set: security headers, and no caching. */
function headersOf(reply: FastifyReply): Record<string, string> {
  const headers = Object.entries(reply.getHeaders()).map(([name, value]) => [name, String(value)]);
  return Object.fromEntries(headers) as Record<string, string>;
}

/** Sessions end by logging out and by their time; keys are revoked. */
function mayListen(
  caller: Caller | null,
  { sessions, store }: { readonly sessions: Sessions } & Pick<ApiParts, 'store'>,
): boolean {
  if (caller === null) return false;
  if (caller.kind === 'session') return sessions.isOpen(caller.id);
  return store.apiKeys.list().some(({ keyId }) => keyId === caller.id);
}

const TOO_MANY = new ApiProblem(
  429,
  'too_many_streams',
  `${STREAMS_MAX} pages are live already; close one of them.`,
);
