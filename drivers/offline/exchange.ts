import type { OfflineIssueOutcome } from '../../src/offline-issuer.ts';
import { DAY_MS, SECOND_MS, type Instant } from '../../src/core/time.ts';

export type Retry = Extract<OfflineIssueOutcome, { readonly kind: 'retry' }>;
export type Refused = Extract<OfflineIssueOutcome, { readonly kind: 'refused' }>;

/** All that a vendor may take for one call of the port: the token, the question, and both once more. */
export const CALL_TIMEOUT_MS = 28_000;
/** Largest answer that is read; a page of an account's locks has some ten thousand bytes. */
const ANSWER_BYTES_MAX = 1024 * 1024;
/** Longest wait that a vendor may ask for. */
const RETRY_AFTER_MAX_MS = DAY_MS;
/** Characters of a vendor's own words that a message repeats. */
const WORDS_MAX = 200;

/** What the system says where a name or a network isn't reached at all. */
const NO_INTERNET: readonly unknown[] = ['ENOTFOUND', 'EAI_AGAIN', 'ENETUNREACH', 'ENETDOWN', 'EHOSTUNREACH'];

interface Question {
  /** As messages call it. */
  readonly vendor: string;
  readonly url: string;
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** An answer whose status says what came of the question. `body` is its JSON; `undefined` where it is none. */
export interface Answer {
  readonly kind: 'answered';
  readonly status: number;
  readonly body: unknown;
}

/**
 * Asks a vendor once, by HTTPS as Node does it by default (`NODE_EXTRA_CA_CERTS`, `NODE_USE_ENV_PROXY`). It follows no
 * redirect, for the token is for this address only. What is the vendor's or the network's fault is a `retry`.
 */
export async function exchange(
  question: Question,
  signal: AbortSignal,
  now: () => Instant,
): Promise<Answer | Retry> {
  const { vendor, url, method, headers, body } = question;
  try {
    const init = { method, headers, signal, redirect: 'error', ...(body !== undefined && { body }) } as const;
    const response = await fetch(url, init);
    const text = await textOf(response);
    const { status } = response;
    const afterMs = retryAfterMs(response.headers.get('retry-after'), now);
    if (status === 429) return retry('rate_limited', `${vendor} is asked too often.`, afterMs);
    if (status >= 500) return retry('vendor_down', `${vendor} has a fault (HTTP ${status}).`, afterMs);
    if (text === undefined) return retry('vendor_down', `${vendor} answers more than can be read.`);
    return { kind: 'answered', status, body: jsonOf(text) };
  } catch (error) {
    return failure(vendor, error, signal);
  }
}

export function retry(reason: Retry['reason'], message: string, afterMs: number | null = null): Retry {
  return { kind: 'retry', reason, afterMs, message };
}

export function refused(reason: Refused['reason'], message: string): Refused {
  return { kind: 'refused', reason, message };
}

/** An answer that is not as documented: the vendor may mend it, so it is asked again. */
export function unexpected(vendor: string, { status }: Answer): Retry {
  return retry('vendor_down', `${vendor} answers otherwise than documented (HTTP ${status}).`);
}

/** A vendor's own words, fit for a message: cut, on one line, and without anything that may be a code. */
export function quoted(words: string): string {
  const line = words.replaceAll(/\s+/g, ' ').replaceAll(/\d{5,}/g, '…');
  return line.length > WORDS_MAX ? `${line.slice(0, WORDS_MAX)}…` : line;
}

/** Ends at the time limit of a call, or when the issuer is stopped. */
export function callSignal(stopped: AbortSignal, timeoutMs: number): AbortSignal {
  return AbortSignal.any([stopped, AbortSignal.timeout(timeoutMs)]);
}

/** `undefined`: it is too long. */
async function textOf(response: Response): Promise<string | undefined> {
  const decoder = new TextDecoder();
  let bytes = 0;
  let text = '';
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > ANSWER_BYTES_MAX) return undefined;
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** `Retry-After` of RFC 9110, section 10.2.3: seconds or a date. */
function retryAfterMs(header: string | null, now: () => Instant): number | null {
  if (header === null || header === '') return null;
  const ms = /^\d+$/.test(header) ? Number(header) * SECOND_MS : Date.parse(header) - now();
  return Number.isNaN(ms) ? null : Math.min(Math.max(ms, 0), RETRY_AFTER_MAX_MS);
}

/** `fetch` rejects with a `TypeError` whose cause has the system's code, or with the reason of the signal. */
function failure(vendor: string, error: unknown, signal: AbortSignal): Retry {
  if (signal.aborted) return retry('timed_out', `${vendor} does not answer in time.`);
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : undefined;
  if (!(error instanceof TypeError)) throw error;
  const code = cause !== undefined && 'code' in cause ? cause.code : undefined;
  const why = typeof code === 'string' ? ` (${code})` : '';
  if (NO_INTERNET.includes(code)) return retry('no_internet', `${vendor} is not reached${why}.`);
  return retry('vendor_down', `${vendor} does not answer as it should${why}.`);
}
