import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { HOUR_MS } from '../../core/time.ts';

/** A working day: then the person logs in again. */
export const SESSION_LIFETIME_MS = 12 * HOUR_MS;
/** People who are logged in at once; the one who logged in first has to do so again. */
const SESSIONS_MAX = 32;
const TOKEN_BYTES = 16;

/** A person who logged in at the page. */
export interface Session {
  /** Names it, and is no secret. */
  readonly id: string;
  /** What a page has to send with whatever changes something, and that another site can't read. */
  readonly csrfToken: string;
  readonly endsAtMs: number;
}

/** Who is logged in. Kept in memory: who restarts the hub logs in again. Times are monotonic, for clocks step. */
export class Sessions {
  readonly #byDigest = new Map<string, Session>();
  readonly #nowMs: () => number;

  constructor(monotonicMs: () => number) {
    this.#nowMs = monotonicMs;
  }

  /** The text of the session's cookie. */
  begin(): string {
    const token = randomBytes(TOKEN_BYTES).toString('base64url');
    const [first] = this.#byDigest.keys();
    if (first !== undefined && this.#byDigest.size >= SESSIONS_MAX) this.#byDigest.delete(first);
    this.#byDigest.set(digestOf(token), {
      id: randomBytes(TOKEN_BYTES).toString('hex'),
      csrfToken: randomBytes(TOKEN_BYTES).toString('base64url'),
      endsAtMs: this.#nowMs() + SESSION_LIFETIME_MS,
    });
    return token;
  }

  /** By the hash of the token, so that the time it takes tells nothing of the tokens that there are. */
  find(token: string): Session | undefined {
    const digest = digestOf(token);
    const session = this.#byDigest.get(digest);
    if (session === undefined || session.endsAtMs > this.#nowMs()) return session;
    this.#byDigest.delete(digest);
    return undefined;
  }

  /** Whether this person is still logged in. */
  isOpen(id: string): boolean {
    const nowMs = this.#nowMs();
    return [...this.#byDigest.values()].some((session) => session.id === id && session.endsAtMs > nowMs);
  }

  end(id: string): void {
    for (const [digest, session] of this.#byDigest) {
      if (session.id === id) this.#byDigest.delete(digest);
    }
  }
}

/** Whether a request of a session comes from its page. */
export function hasCsrfToken({ csrfToken }: Session, sent: unknown): boolean {
  if (typeof sent !== 'string') return false;
  const [given, wanted] = [Buffer.from(sent), Buffer.from(csrfToken)];
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

function digestOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
