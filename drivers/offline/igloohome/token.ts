import { z } from 'zod';
import { SECOND_MS, type Instant } from '../../../src/core/time.ts';
import { exchange, retry, unexpected, type Retry } from '../exchange.ts';
import { secretOf } from '../secret-file.ts';

const VENDOR = 'igloohome';
/** What the hub does with an account, and no more. */
const SCOPES = [
  'igloohomeapi/get-devices',
  'igloohomeapi/algopin-hourly',
  'igloohomeapi/algopin-daily',
  'igloohomeapi/algopin-onetime',
].join(' ');
/** Life that a token must have left to be used: longer than a call takes. */
const EARLY_MS = 60 * SECOND_MS;

const tokenSchema = z.object({ access_token: z.string().min(1), expires_in: z.number().positive() });
/** RFC 6749, section 5.2. */
const errorSchema = z.object({ error: z.string().regex(/^[a-z_]{1,40}$/) });

export interface TokenAccount {
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly clientSecretFile: string;
}

type Token = { readonly kind: 'token'; readonly text: string };

/**
 * The token of an account by OAuth 2.0 client credentials (RFC 6749, section 4.4; igloohome's take HTTP Basic and live
 * for a day). It is kept in memory, asked for once for all who wait, replaced before it ends, and written nowhere.
 */
export class Tokens {
  readonly #account: TokenAccount;
  readonly #now: () => Instant;
  #current: { readonly text: string; readonly goodUntilMs: number } | undefined;
  #underWay: Promise<Token | Retry> | undefined;

  constructor(account: TokenAccount, now: () => Instant) {
    this.#account = account;
    this.#now = now;
  }

  async get(signal: AbortSignal): Promise<Token | Retry> {
    const current = this.#current;
    // The wall clock of a hub may jump; a token's life does not.
    if (current !== undefined && performance.now() < current.goodUntilMs) {
      return { kind: 'token', text: current.text };
    }
    this.#underWay ??= this.#ask(signal).finally(() => (this.#underWay = undefined));
    return this.#underWay;
  }

  /** A token was refused: the next is a new one. */
  forget(text: string): void {
    if (this.#current?.text === text) this.#current = undefined;
  }

  async #ask(signal: AbortSignal): Promise<Token | Retry> {
    const { tokenUrl: url, clientId, clientSecretFile } = this.#account;
    const secret = await secretOf(clientSecretFile);
    if (secret === null) return retry('token_refused', `client_secret_file: can't read ${clientSecretFile}.`);
    const login = Buffer.from(`${formText(clientId)}:${formText(secret)}`).toString('base64');
    const headers = {
      Authorization: `Basic ${login}`,
      'Content-Type': 'application/x-www-form-urlencoded',
      Accept: 'application/json',
    };
    const body = new URLSearchParams({ grant_type: 'client_credentials', scope: SCOPES }).toString();
    const askedMs = performance.now();
    const answer = await exchange({ vendor: VENDOR, url, method: 'POST', headers, body }, signal, this.#now);
    if (answer.kind === 'retry') return answer;
    if ([400, 401, 403].includes(answer.status)) {
      const why = errorSchema.safeParse(answer.body).data?.error ?? `HTTP ${answer.status}`;
      return retry('token_refused', `igloohome refuses client_id or client_secret_file (${why}).`);
    }
    const token = tokenSchema.safeParse(answer.body);
    if (answer.status !== 200 || !token.success) return unexpected(VENDOR, answer);
    const { access_token: text, expires_in: seconds } = token.data;
    const lifeMs = seconds * SECOND_MS;
    this.#current = { text, goodUntilMs: askedMs + Math.max(lifeMs - EARLY_MS, lifeMs / 2) };
    return { kind: 'token', text };
  }
}

/** RFC 6749, section 2.3.1: id and secret are encoded as in a form before they become a login. */
function formText(text: string): string {
  return new URLSearchParams({ text }).toString().slice('text='.length);
}
