import type { Logger } from 'pino';
import { z } from 'zod';
import { instantText } from '../../../src/core/instant-text.ts';
import { Pin } from '../../../src/core/pin.ts';
import type { Instant } from '../../../src/core/time.ts';
import type { RadioStorage } from '../../../src/lock-driver.ts';
import type {
  OfflineCodeIssuer,
  OfflineDevice,
  OfflineIssueOutcome,
  OfflineIssueRequest,
} from '../../../src/offline-issuer.ts';
import {
  CALL_TIMEOUT_MS,
  callSignal,
  exchange,
  quoted,
  refused,
  retry,
  unexpected,
  type Answer,
  type Refused,
  type Retry,
} from '../exchange.ts';
import { KnownDevices } from '../known-devices.ts';
import { secretOf } from '../secret-file.ts';
import { oracodeRules } from './levels.ts';

const VENDOR = 'dormakaba_oracode';
const NAME = 'Oracode';
/** Longest name of a code that is sent. */
const NAME_CHARS_MAX = 60;

const doorSchema = z.object({
  door_id: z.string().min(1),
  name: z.string(),
  model: z.string(),
  predefined_time_slots: z.array(z.unknown()),
});
type Door = z.infer<typeof doorSchema>;
const doorsSchema = z.object({ doors: z.array(doorSchema) });
const codeSchema = z.object({ code: z.string(), stay_id: z.string().nullish() });
const errorSchema = z.object({
  error: z.object({
    type: z.enum(['quota_reached', 'invalid_time_range', 'start_in_past', 'unknown_door', 'not_permitted']),
    message: z.string(),
  }),
});
type ErrorType = z.infer<typeof errorSchema>['error']['type'];

/** What an error of the contract is to the hub. */
const REASONS: Readonly<Record<ErrorType, Refused['reason']>> = {
  quota_reached: 'quota_reached',
  invalid_time_range: 'window_refused',
  start_in_past: 'clock_refused',
  unknown_door: 'device_unknown',
  not_permitted: 'unauthorized',
};

export interface OracodeAccount {
  readonly url: string;
  readonly tokenFile: string;
  /** The doors of this site; `null`: all of the account. */
  readonly devices: readonly string[] | null;
}

export interface OracodeParts {
  readonly account: OracodeAccount;
  readonly storage: RadioStorage;
  readonly now: () => Instant;
  readonly log: Logger;
  /** Default `CALL_TIMEOUT_MS`. */
  readonly timeoutMs?: number;
}

/**
 * Codes that dormakaba's server registers for Oracode locks. The API of its Live Services is not public, so this
 * speaks the small contract that README's section on vendors gives, which a gateway to that server speaks too:
 * `GET /doors`, and `PUT /doors/{door_id}/codes/{access_code_id}`, which answers one code however often it is asked.
 */
export class OracodeIssuer implements OfflineCodeIssuer {
  readonly vendor = VENDOR;
  readonly #parts: OracodeParts;
  readonly #known: KnownDevices<Door>;
  readonly #stopped = new AbortController();
  /** Doors whose time slots can't be read, as it was said of them. */
  readonly #unreadable = new Set<string>();

  constructor(parts: OracodeParts) {
    this.#parts = parts;
    const { account, storage, log } = parts;
    this.#known = new KnownDevices({
      vendor: VENDOR,
      schema: doorSchema,
      idOf: ({ door_id: id }) => id,
      wanted: account.devices,
      storage,
      log,
    });
  }

  async devices(): Promise<readonly OfflineDevice[]> {
    return this.#known.after(await this.#list()).flatMap((door) => this.#deviceOf(door));
  }

  async issue({ accessCodeId, address, window, name }: OfflineIssueRequest): Promise<OfflineIssueOutcome> {
    const path = `/doors/${encodeURIComponent(address)}/codes/${encodeURIComponent(accessCodeId)}`;
    const answer = await this.#call('PUT', path, {
      user_level_id: window.levelId,
      check_in_at: instantText(window.startsAt),
      check_out_at: instantText(window.endsAt),
      name: (name ?? accessCodeId).slice(0, NAME_CHARS_MAX),
    });
    if (answer.kind !== 'answered') return answer;
    const body = codeSchema.safeParse(answer.body).data;
    const pin = body && Pin.parse(body.code);
    if (answer.status > 299 || pin === undefined) return unexpected(NAME, answer);
    return { kind: 'issued', pin, reference: body?.stay_id ?? null };
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    await Promise.resolve();
  }

  async #list(): Promise<readonly Door[] | Retry | Refused> {
    const answer = await this.#call('GET', '/doors');
    if (answer.kind !== 'answered') return answer;
    const found = doorsSchema.safeParse(answer.body).data;
    return answer.status > 299 || found === undefined ? unexpected(NAME, answer) : found.doors;
  }

  #deviceOf({ door_id: address, name, model, predefined_time_slots: slots }: Door): readonly OfflineDevice[] {
    try {
      const rules = oracodeRules(slots);
      this.#unreadable.delete(address);
      return [{ vendor: VENDOR, address, name, model, rules }];
    } catch (error) {
      if (!(error instanceof z.ZodError)) throw error;
      const why = z.prettifyError(error).replaceAll(/\s+/g, ' ');
      if (!this.#unreadable.has(address)) this.#parts.log.warn({ address, why }, 'unreadable user levels');
      this.#unreadable.add(address);
      return [];
    }
  }

  /** An answer that refuses nothing; the token is read anew each time. */
  async #call(method: 'GET' | 'PUT', path: string, body?: object): Promise<Answer | Retry | Refused> {
    const { account, now, timeoutMs } = this.#parts;
    const signal = callSignal(this.#stopped.signal, timeoutMs ?? CALL_TIMEOUT_MS);
    const token = await secretOf(account.tokenFile);
    if (token === null) return retry('token_refused', `token_file: can't read ${account.tokenFile}.`);
    const headers = {
      Authorization: `Bearer ${token}`,
      Accept: 'application/json',
      ...(body && { 'Content-Type': 'application/json' }),
    };
    const content = body && { body: JSON.stringify(body) };
    const question = { vendor: NAME, url: account.url + path, method, headers, ...content };
    const answer = await exchange(question, signal, now);
    if (answer.kind === 'retry') return answer;
    if (answer.status === 401) return retry('token_refused', 'Oracode refuses the token of token_file.');
    const problem = errorSchema.safeParse(answer.body).data?.error;
    if (answer.status < 400 || problem === undefined) return answer;
    return refused(REASONS[problem.type], `Oracode refuses: ${quoted(problem.message)}`);
  }
}
