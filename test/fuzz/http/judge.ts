import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { offlineTimeFrameSchema } from '../../../src/wire/offline-time-frame.ts';
import { allows } from '../../../src/core/scope.ts';
import type { Route } from '../../../src/http/route.ts';
import { tellsCanary } from '../canary.ts';
import { isStranger, SCOPES } from './callers.ts';
import type { Answer } from './client.ts';
import type { Sent } from './requests.ts';

/** What needs no key, by method and path. */
const PUBLIC = /^(GET|HEAD|POST) \/(healthz|readyz|login|login\.css)$/;
/** What is no JSON though it was asked for rightly. Fastify's router takes `*` for `/`. */
const NOT_JSON = /^(\*|\/)($|login|logout|metrics|docs|assets|page)/;
const SAFE = ['GET', 'HEAD', 'OPTIONS', 'TRACE'];
/** Whom the hub does not look at: the host is wrong, there were too many, it could not be read. */
const BEFORE_ALL = [421, 429, 400, 431];
/** What a hub may lack for a while, so that it answers 503. */
const PASSING = ['page_not_built'];
const STACK =
  /\n\s+at .+:\d+|\/[\w.-]+\.[cm]?[jt]s\b|node_modules|(?:^|["' ])\/(?:tmp|dev|home|root|usr|work)\//;
/** PINs that the hub made up have no mark, but are known by their field. */
const PIN_FIELD = /"(?:code|pin|generated_code)":"\d/;

const errorSchema = z.strictObject({
  error: z.strictObject({
    type: z.string().regex(/^[a-z][a-z0-9_]*$/),
    message: z.string().min(1),
    request_id: z.uuid(),
    validation_errors: z.looseObject({ _errors: z.array(z.string()) }).optional(),
    nearest: offlineTimeFrameSchema.strict().optional(),
  }),
  ok: z.literal(false),
});
const healthSchema = z.strictObject({ ok: z.boolean() });

/** The answers to strangers, which have to be the same for all paths. */
export class Judge {
  #toStrangers: string | undefined;

  /** Why an answer is wrong; `undefined`: it is right. */
  faultOf(sent: Sent, answer: Answer): string | undefined {
    const { status, text, headers } = answer;
    if (headers['seam-request-id'] === undefined) return 'The id of the request is missing.';
    if (tellsPin(sent, answer)) return 'A PIN is told to somebody who may not see it.';
    const body = sent.method === 'HEAD' ? undefined : bodyOf(answer);
    if (String(headers['content-type']).startsWith('application/json') && STACK.test(text))
      return 'Something from inside the hub is told.';
    const strangers = this.#strangerFault(sent, answer);
    if (strangers !== undefined) return strangers;
    const forbidden = forbiddenFault(sent, status);
    if (forbidden !== undefined) return forbidden;
    if (sent.method === 'HEAD')
      return status < 500 || status === 503 ? undefined : `The hub failed with ${status}.`;
    if (status < 400) return rightFault(sent, answer, body);
    return isLoginPage(sent, answer) ? undefined : errorFault(sent, answer, body);
  }

  #strangerFault(sent: Sent, answer: Answer): string | undefined {
    const { status, headers, text } = answer;
    const [path = ''] = sent.path.split('?');
    const isPublic = sent.route === undefined && PUBLIC.test(`${sent.method} ${path}`);
    if (!isStranger(sent.caller) || isPublic || BEFORE_ALL.includes(status)) return undefined;
    if (status !== 401) return `Somebody without a key got ${status}.`;
    if (isLoginPage(sent, answer) || sent.method === 'HEAD') return undefined;
    const id = headers['seam-request-id'] ?? '';
    const told = `${Object.keys(headers).toSorted().join(' ')}\n${text.replaceAll(id, '')}`;
    this.#toStrangers ??= told;
    return this.#toStrangers === told
      ? undefined
      : 'Somebody without a key got another answer than elsewhere.';
  }
}

/** What is wrong with an answer in which nothing went wrong. */
function rightFault({ route, path }: Sent, { status, text }: Answer, body: unknown): string | undefined {
  if (route !== undefined && status !== 200) return `A route answered ${status}.`;
  if (route === undefined && (NOT_JSON.test(path) || path.startsWith('/openapi.json'))) return undefined;
  if (route === undefined) return healthSchema.safeParse(body).success ? undefined : 'No JSON of ours.';
  const parsed = strictAnswer(route).safeParse(body);
  if (!parsed.success) return `Outside the schema of the route: ${z.prettifyError(parsed.error)}`;
  // Parsing leaves out what a schema does not know, at any depth.
  return isDeepStrictEqual(parsed.data, body) ? undefined : `More than the schema of the route has: ${text}`;
}

function errorFault({ path }: Sent, { status, headers }: Answer, body: unknown): string | undefined {
  if (path === '/readyz' && healthSchema.safeParse(body).success) return undefined;
  if (path.startsWith('/login') && String(headers['content-type']).startsWith('text/html')) return undefined;
  const parsed = errorSchema.safeParse(body);
  if (!parsed.success) return `No failure in the one format (${status}): ${z.prettifyError(parsed.error)}`;
  const { error } = parsed.data;
  if (error.request_id !== headers['seam-request-id']) return 'The id of the request is another one.';
  if (status >= 500 && !(status === 503 && PASSING.includes(error.type)))
    return `The hub failed with ${status}.`;
  return undefined;
}

/** Who may not do something has to be told just that. */
function forbiddenFault({ caller, route, method }: Sent, status: number): string | undefined {
  if (isStranger(caller) || route === undefined || BEFORE_ALL.slice(0, 2).includes(status)) return undefined;
  const lacksScope = !allows(SCOPES[caller], route.scope);
  const lacksToken = caller === 'session-without-token' && !SAFE.includes(method);
  const isVerb = route.verbs.some((verb) => verb === method);
  if (!isVerb) return status < 400 && !SAFE.includes(method) ? `A wrong verb got ${status}.` : undefined;
  return (lacksScope || lacksToken) && status !== 403
    ? `Somebody who may not do that got ${status}.`
    : undefined;
}

/** Nothing that fails repeats a PIN to anybody, and only who may see PINs gets some. */
function tellsPin({ caller, path, route }: Sent, { status, text }: Answer): boolean {
  const isLoginForm = route === undefined && path.startsWith('/login');
  if (isLoginForm) return false;
  if (status >= 400) return tellsCanary(text);
  // Making one up tells no PIN of a code; the page shows one when a person asks for it.
  const isForPeople = caller === 'session' && path.startsWith('/page/codes/show');
  if (path.startsWith('/access_codes/generate_code') || isForPeople || path.startsWith('/openapi'))
    return false;
  return caller !== 'pins' && (tellsCanary(text) || PIN_FIELD.test(text));
}

function isLoginPage({ headers: asked, method }: Sent, { status, headers }: Answer): boolean {
  const wantsPage = method === 'GET' && asked['accept'] === 'text/html';
  return status === 401 && wantsPage && String(headers['content-type']).startsWith('text/html');
}

function bodyOf({ text }: Answer): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const strict = new WeakMap<Route, z.ZodType>();

function strictAnswer(route: Route): z.ZodType {
  const known = strict.get(route) ?? route.answer.extend({ ok: z.literal(true) }).strict();
  strict.set(route, known);
  return known;
}
