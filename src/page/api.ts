import type { PageTimeFrame } from '../http/page/offline-types.ts';
import type { SessionAnswer } from '../http/page/types.ts';

const TIMEOUT_MS = 20_000;
/** A file over a weak Wi-Fi, and the hub's look at it. */
const UPLOAD_TIMEOUT_MS = 180_000;

/** What the hub said to a request that it did not grant, or why there was no answer. */
export class ApiError extends Error {
  /** The hub's error type, or `unreachable`. */
  readonly type: string;
  /** HTTP status; 0: no answer came. */
  readonly status: number;
  /** Of an offline code whose window is not taken: the nearest that is. */
  readonly nearest: PageTimeFrame | null;

  constructor(status: number, type: string, message: string, nearest: PageTimeFrame | null = null) {
    super(message);
    this.status = status;
    this.type = type;
    this.nearest = nearest;
  }
}

let session: SessionAnswer | null = null;

/** Who is logged in; fetched once. Rejects with an `ApiError`. */
export async function currentSession(): Promise<SessionAnswer> {
  session ??= await pageGet<SessionAnswer>('session');
  return session;
}

/** Reads `/page/PATH`. Rejects with an `ApiError`. */
export async function pageGet<Answer>(
  path: string,
  query: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const search = new URLSearchParams(query).toString();
  const { page } = await request<{ page: Answer }>(
    'GET',
    `/page/${path}${search === '' ? '' : `?${search}`}`,
  );
  return page;
}

/** Asks `/page/PATH` for a deed. Rejects with an `ApiError`. */
export async function pagePost<Answer>(path: string, body: object): Promise<Answer> {
  const { page } = await request<{ page: Answer }>('POST', `/page/${path}`, body);
  return page;
}

/** A call of the API that other programs use too, such as `access_codes/create`. Rejects with an `ApiError`. */
export function apiPost<Answer>(path: string, body: object): Promise<Answer> {
  return request<Answer>('POST', `/${path}`, body);
}

/** Sends a file to `/page/PATH`; `headers` beside those that every request has. Rejects with an `ApiError`. */
export async function pageUpload(
  path: string,
  file: Blob,
  headers: Readonly<Record<string, string>>,
): Promise<void> {
  const { csrf_token } = await currentSession();
  const type = { 'content-type': 'application/octet-stream', 'x-csrf-token': csrf_token };
  await answered(
    fetch(`/page/${path}`, {
      method: 'POST',
      headers: { accept: 'application/json', ...type, ...headers },
      body: file,
      signal: AbortSignal.timeout(UPLOAD_TIMEOUT_MS),
    }),
  );
}

async function request<Answer>(method: 'GET' | 'POST', url: string, body?: object): Promise<Answer> {
  const headers = new Headers({ accept: 'application/json' });
  if (body !== undefined) {
    headers.set('content-type', 'application/json');
    headers.set('x-csrf-token', (await currentSession()).csrf_token);
  }
  return answered<Answer>(
    fetch(url, {
      method,
      headers,
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    }),
  );
}

async function answered<Answer>(fetched: Promise<Response>): Promise<Answer> {
  const response = await fetched.catch(() => {
    throw new ApiError(0, 'unreachable', 'The hub does not answer.');
  });
  const answer: unknown = await response.json().catch(() => null);
  if (response.ok && answer !== null) return answer as Answer;
  // The session is over: only the login page is left.
  if (response.status === 401) window.location.assign('/login');
  const { error } = (answer ?? {}) as {
    error?: { type?: string; message?: string; nearest?: PageTimeFrame };
  };
  throw new ApiError(
    response.status,
    error?.type ?? 'unknown',
    error?.message ?? `The hub answered ${response.status}.`,
    error?.nearest ?? null,
  );
}

/** Ends the session and shows the login page. */
export async function logOut(): Promise<void> {
  const { csrf_token } = await currentSession();
  await fetch('/logout', { method: 'POST', headers: { 'x-csrf-token': csrf_token } }).catch(() => undefined);
  window.location.assign('/login');
}
