import type { Random } from '../../../drivers/sim/random.ts';
import type { Route } from '../../../src/http/route.ts';
import { changedBytes, changedText, partsOf, pick, type Json } from '../mutate.ts';
import { isStranger, type CallerName } from './callers.ts';
import type { Known } from './known.ts';
import { sample, schemaOf } from './sample.ts';

/** One request, but for who is to be proven to send it. */
export interface Sent {
  readonly caller: CallerName;
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array | undefined;
  /** `undefined`: no route of the API. */
  readonly route: Route | undefined;
}

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'PROPFIND', 'TRACE'] as const;
const CALLERS: readonly [CallerName, ...CallerName[]] = [
  'nobody',
  'garbage',
  'revoked',
  'read',
  'read',
  'write',
  'write',
  'write',
  'pins',
  'pins',
  'pins',
  'admin',
  'session',
  'session',
  'session-without-token',
];
/** What is served beside the routes, what is not, and what is no path. */
const OTHER_PATHS = [
  '/',
  '/healthz',
  '/readyz',
  '/metrics',
  '/login',
  '/login?code=',
  '/login.css',
  '/login.css/../guard.ts',
  '/openapi.json',
  '/docs',
  '/docs/json',
  '/docs/static/../../package.json',
  '/docs/static/%2e%2e/%2e%2e/package.json',
  '/docs/static/..%2f..%2fpackage.json',
  '/logout',
  '/page',
  '/page/',
  '/page/none',
  '/page/diagnostics',
  '/page/stream?log=none',
  '/assets/none.js',
  '/assets/..%2findex.html',
  '/favicon.ico',
  '/robots.txt',
  '/access_codes',
  '/access_codes/',
  '/__proto__',
  '/constructor/get',
  '/%zz',
  '/%00',
  '/%ff%fe',
  '//',
  '/..',
  '/.git/config',
  '/devices/list/..%2f..',
  '/devices/list;a=b',
  '/devices/list%20',
  '*',
] as const;
const CONTENT_TYPES = [
  'text/plain',
  '',
  'application/json; charset=utf-16',
  'application/json;charset=utf-8',
  'APPLICATION/JSON',
  'application/jsonx',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'application/merge-patch+json',
  'json',
  ';',
] as const;
const ODD_HEADERS: readonly [Readonly<Record<string, string>>, ...Readonly<Record<string, string>>[]] = [
  { host: 'evil.example' },
  { host: 'localhost:99999' },
  { host: '' },
  { 'content-encoding': 'gzip' },
  { accept: 'text/html' },
  { accept: 'text/html', 'accept-language': 'x'.repeat(5000) },
  { 'accept-encoding': 'br, gzip' },
  { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' },
  { cookie: 'lockhub=; lockhub=__proto__; =;;' },
  { 'x-http-method-override': 'DELETE' },
  { 'x-forwarded-for': '1.2.3.4', 'x-forwarded-host': 'evil.example' },
  { 'seam-request-id': 'mine', 'x-request-id': 'mine' },
  { range: 'bytes=0-1' },
  { 'if-none-match': '*', 'if-modified-since': 'never' },
  { 'accept-version': '1.0.0' },
  { 'last-event-id': '-1' },
  { expect: '100-continue' },
];
const MUCH_BYTES = 300_000;
/** Such a route takes a lock away, and may have no other than the one that is meant for it. */
const REMOVING = /^\/(devices|locks|page)\/.*(delete|remove|replace|simulate|commands)/;

/** Makes requests: right ones, right ones that were changed at random, and things that look like some. */
export class Requests {
  readonly #random: Random;
  readonly #known: Known;
  readonly #routes: readonly [Route, ...Route[]];
  readonly #schemas: ReadonlyMap<Route, ReturnType<typeof schemaOf>>;

  constructor(random: Random, known: Known, routes: readonly Route[]) {
    const [first, ...rest] = routes;
    if (first === undefined) throw new Error('There is no route.');
    this.#random = random;
    this.#known = known;
    this.#routes = [first, ...rest];
    this.#schemas = new Map(routes.map((route) => [route, schemaOf(route.params)]));
  }

  next(): Sent {
    const random = this.#random;
    const caller = pick(random, CALLERS);
    const made = random() < 0.06 ? this.#beside(caller) : this.#toRoute(caller);
    return random() < 0.08 ? { ...made, headers: { ...made.headers, ...pick(random, ODD_HEADERS) } } : made;
  }

  #beside(caller: CallerName): Sent {
    const random = this.#random;
    const path = pick(random, OTHER_PATHS);
    // A session that ends has to be begun again.
    const by = path === '/logout' && caller.startsWith('session') ? 'admin' : caller;
    if (isStranger(caller) && random() < 0.1) {
      // To anybody else this has no end.
      return { caller, method: 'GET', path: '/page/stream', headers: {}, body: undefined, route: undefined };
    }
    const method = random() < 0.6 ? 'GET' : pick(random, METHODS);
    const isForm = path === '/login' && method === 'POST';
    const type = isForm ? 'application/x-www-form-urlencoded' : 'application/json';
    const body = isForm ? pick(random, ['code=x', 'code=%00', 'code', '', 'code=a&code=b', '%']) : '{}';
    return hasBody(method)
      ? { caller: by, method, path, headers: { 'content-type': type }, body, route: undefined }
      : { caller: by, method, path, headers: {}, body: undefined, route: undefined };
  }

  #toRoute(caller: CallerName): Sent {
    const random = this.#random;
    const route = pick(random, this.#routes);
    const mayRemove = REMOVING.test(route.path);
    const params = sample(random, this.#schemas.get(route) ?? {}, (name) =>
      this.#known.valueOf(name, mayRemove),
    );
    const [verb = 'GET', ...verbs] = route.verbs;
    const method = random() < 0.08 ? pick(random, METHODS) : pick(random, [verb, ...verbs]);
    const inQuery = random() < (method === 'GET' || method === 'DELETE' ? 0.7 : 0.1);
    const strict = random() < 0.3 ? ['_strict=true'] : [];
    if (inQuery || !hasBody(method)) {
      const isRight = random() < 0.6;
      const query = [...pairsOf(isRight ? params : this.#changed(params, mayRemove)), ...strict].join('&');
      const path = query === '' ? route.path : `${route.path}?${query}`;
      return { caller, method, path, headers: {}, body: undefined, route };
    }
    const path = strict.length > 0 ? `${route.path}?_strict=true` : route.path;
    const headers = { 'content-type': this.#contentType() };
    return { caller, method, path, headers, body: this.#body(params, mayRemove), route };
  }

  #contentType(): string {
    return this.#random() < 0.04 ? pick(this.#random, CONTENT_TYPES) : 'application/json';
  }

  #body(params: Json, mayRemove: boolean): string | Uint8Array {
    const random = this.#random;
    const roll = random();
    const right = JSON.stringify(params);
    if (roll < 0.55) return right;
    if (roll < 0.6) return changedBytes(random, Buffer.from(right));
    if (roll < 0.603) return JSON.stringify({ search: 'x'.repeat(MUCH_BYTES) });
    return this.#changedText(params, mayRemove);
  }

  /** Parts of it come from elsewhere, but no lock that is not to be removed. */
  #changedText(params: Json, mayRemove: boolean): string {
    return changedText(this.#random, params, mayRemove ? [null] : partsOf(params));
  }

  #changed(params: Json, mayRemove: boolean): Json {
    try {
      return JSON.parse(this.#changedText(params, mayRemove));
    } catch {
      return params;
    }
  }
}

function hasBody(method: string): boolean {
  return !['GET', 'HEAD', 'OPTIONS', 'TRACE'].includes(method);
}

/** The longest query that is no header too long. */
const QUERY_VALUE_MAX = 400;

/** As clients write them: a list as repeated keys; anything deeper as JSON, which is wrong and has to be refused. */
function pairsOf(params: Json): readonly string[] {
  if (typeof params !== 'object' || params === null) return [String(params).slice(0, 100)].map(encoded);
  return Object.entries(params).flatMap(([name, value]: [string, Json]) =>
    (Array.isArray(value) ? value : [value]).map((item) => `${encoded(name)}=${encoded(textOf(item))}`),
  );
}

function textOf(value: Json): string {
  if (typeof value === 'string') return value;
  try {
    return (JSON.stringify(value) ?? 'undefined').slice(0, QUERY_VALUE_MAX);
  } catch {
    return '['.repeat(QUERY_VALUE_MAX);
  }
}

/** Half a character can't be encoded, so it goes as the bytes that nobody should write. */
function encoded(text: string): string {
  return text.isWellFormed() ? encodeURIComponent(text) : '%ED%A0%80';
}
