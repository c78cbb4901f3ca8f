import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import cookie from '@fastify/cookie';
import rateLimit from '@fastify/rate-limit';
import { allows } from '../core/scope.ts';
import { MINUTE_MS } from '../core/time.ts';
import type { Scope } from '../core/scope.ts';
import { callerOf, type Caller } from './auth/caller.ts';
import { hostCheck } from './auth/host-check.ts';
import { loginPage } from './auth/login-page.ts';
import { hasCsrfToken, type Sessions } from './auth/sessions.ts';
import { ApiProblem } from './problem.ts';
import { REQUEST_ID_HEADER, sendProblem } from './reply.ts';
import type { ApiParts } from './route.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks; `null` only where `isPublic`. */
    caller: Caller | null;
  }
  interface FastifyContextConfig {
    /** Needs no key: health, and what a person needs to log in. */
    readonly isPublic?: true;
    /** What the caller has to be allowed; default `read`. */
    readonly scope?: Scope;
  }
}

/** Name of the session's cookie; with TLS browsers take one of this name only from this very host. */
export function cookieName(isSecure: boolean): string {
  return isSecure ? '__Host-lockhub' : 'lockhub';
}

/** The header by which a page proves that its request is its own. */
const CSRF_HEADER = 'x-csrf-token';
/** Requests of one address without a key: enough for a person at the login page and for probes. */
const STRANGER_REQUESTS_PER_MINUTE = 300;
/** Callers and addresses whose requests are counted. */
const COUNTED_MAX = 5000;
const SAFE_METHODS: readonly string[] = ['GET', 'HEAD', 'OPTIONS', 'TRACE'];

interface GuardOptions extends Pick<ApiParts, 'store' | 'clock'> {
  readonly sessions: Sessions;
  readonly isSecure: boolean;
  /** Names that this hub is called by. */
  readonly hosts: readonly string[];
  readonly requestsPerMinute: number;
}

/** Decides about every request, also one for a path that does not exist, before anything else looks at it. */
export async function guard(app: FastifyInstance, options: GuardOptions): Promise<void> {
  await app.register(cookie);
  await app.register(rateLimit, { global: false, cache: COUNTED_MAX });
  const limitStrangers = app.createRateLimit({
    max: STRANGER_REQUESTS_PER_MINUTE,
    timeWindow: MINUTE_MS,
    keyGenerator: ({ ip }) => ip,
  });
  const limitCallers = app.createRateLimit({
    max: options.requestsPerMinute,
    timeWindow: MINUTE_MS,
    keyGenerator: ({ caller }) => caller?.id ?? '',
  });
  const isOurs = hostCheck(options.hosts);
  app.decorateRequest('caller', null);
  app.addHook('onRequest', async (request, reply) => {
    reply.header(REQUEST_ID_HEADER, request.id).header('cache-control', 'no-store');
    if (!isOurs(request.headers.host)) return sendProblem(reply, WRONG_HOST);
    const { apiKeys } = options.store;
    const cookieText = request.cookies[cookieName(options.isSecure)];
    request.caller = callerOf(request.headers.authorization, cookieText, { ...options, apiKeys }) ?? null;
    const limit = request.caller === null ? limitStrangers : limitCallers;
    const counted = await limit(request);
    if (!counted.isAllowed && counted.isExceeded) {
      return sendProblem(reply.header('retry-after', counted.ttlInSeconds), TOO_MANY);
    }
    noteUse(request, options);
    return refuse(request, reply);
  });
}

/** A disk that is full must not keep anybody from looking at the hub. */
function noteUse({ caller, log }: FastifyRequest, { store, clock }: GuardOptions): void {
  if (caller?.kind !== 'key') return;
  try {
    store.apiKeys.used(caller.key, clock.now().earliest);
  } catch (error) {
    log.warn({ err: error }, 'the use of an API key could not be noted');
  }
}

function refuse(request: FastifyRequest, reply: FastifyReply): FastifyReply | undefined {
  const { caller, routeOptions, method, headers } = request;
  const { isPublic, scope = 'read' } = routeOptions.config;
  if (isPublic) return undefined;
  if (caller === null) {
    reply.header('www-authenticate', 'Bearer');
    // A person who opens the page is shown where to log in.
    return headers.accept?.includes('text/html') === true && method === 'GET'
      ? reply.code(401).type('text/html; charset=utf-8').send(loginPage({}))
      : sendProblem(reply, UNAUTHORIZED);
  }
  if (!allows(caller.scopes, scope)) {
    return sendProblem(reply, new ApiProblem(403, 'forbidden', `This needs a key with the scope ${scope}.`));
  }
  const isOwnPage =
    caller.kind === 'key' ||
    SAFE_METHODS.includes(method) ||
    hasCsrfToken(caller.session, headers[CSRF_HEADER]);
  return isOwnPage ? undefined : sendProblem(reply, NO_CSRF_TOKEN);
}

const UNAUTHORIZED = new ApiProblem(
  401,
  'unauthorized',
  'Send an API key of this hub: Authorization: Bearer seam_...',
);
const WRONG_HOST = new ApiProblem(
  421,
  'misdirected_request',
  'This hub is not called that. Use its address, or add the name to http.hosts in its config.',
);
const TOO_MANY = new ApiProblem(
  429,
  'too_many_requests',
  'Too many requests; wait as long as retry-after says.',
);
const NO_CSRF_TOKEN = new ApiProblem(
  403,
  'csrf_token_missing',
  `The header ${CSRF_HEADER} is not that of this session.`,
);
