import type { Logger } from 'pino';
import { z } from 'zod';
import { Pin } from '../../../src/core/pin.ts';
import { offsetMinutes } from '../../../src/core/timing/local-time.ts';
import { instantText } from '../../../src/core/instant-text.ts';
import { HOUR_MS, MINUTE_MS, type Instant } from '../../../src/core/time.ts';
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
  type Retry,
  type Refused,
} from '../exchange.ts';
import { KnownDevices } from '../known-devices.ts';
import { igloohomeRules } from './rules.ts';
import { Tokens, type TokenAccount } from './token.ts';
import { Variances, VARIANCES_MAX } from './variances.ts';

const VENDOR = 'igloohome';
/** Pages of an account's locks that are read. */
const PAGES_MAX = 50;
/** Longest `accessName` that igloohome takes. */
const NAME_CHARS_MAX = 60;
/** What an account lists that computes no codes of its own. */
const NOT_LOCKS: readonly string[] = ['Bridge', 'Keypad'];
const PATHS = { hourly: 'hourly', daily: 'daily', one_time: 'onetime' } as const;

const pinSchema = z.object({ pin: z.string(), pinId: z.string().nullish() });
const wordsSchema = z.object({ message: z.string() });
const deviceSchema = z.object({ deviceId: z.string().min(1), deviceName: z.string(), type: z.string() });
const pageSchema = z.object({ payload: z.array(deviceSchema), nextCursor: z.string().nullish() });
type Device = z.infer<typeof deviceSchema>;

export interface IgloohomeAccount extends TokenAccount {
  /** `https://api.igloodeveloper.co/igloohome`, or where something speaks like it. */
  readonly url: string;
  /** The locks of this site; `null`: all of the account. */
  readonly devices: readonly string[] | null;
}

export interface IgloohomeParts {
  readonly account: IgloohomeAccount;
  readonly storage: RadioStorage;
  /** Of the locks. */
  readonly zone: string;
  readonly now: () => Instant;
  readonly log: Logger;
  /** Default `CALL_TIMEOUT_MS`. */
  readonly timeoutMs?: number;
}

/**
 * Codes that igloohome's server computes (algoPINs), by its HTTPS API: `POST …/devices/{deviceId}/algopin/{kind}` with
 * `variance`, `startDate`, `endDate` (none for one-time codes) and `accessName` answers `pin` and `pinId`. Times are
 * wall times of the lock on the full hour with their offset, or it answers 400 with a `message` that names the field.
 */
export class IgloohomeIssuer implements OfflineCodeIssuer {
  readonly vendor = VENDOR;
  readonly #parts: IgloohomeParts;
  readonly #tokens: Tokens;
  readonly #variances: Variances;
  readonly #known: KnownDevices<Device>;
  readonly #stopped = new AbortController();

  constructor(parts: IgloohomeParts) {
    const { account, storage, zone, now, log } = parts;
    this.#parts = parts;
    this.#tokens = new Tokens(account, now);
    this.#variances = new Variances(storage, zone, now);
    this.#known = new KnownDevices({
      vendor: VENDOR,
      schema: deviceSchema,
      idOf: ({ deviceId }) => deviceId,
      wanted: account.devices,
      storage,
      log,
    });
  }

  async devices(): Promise<readonly OfflineDevice[]> {
    const rules = igloohomeRules(this.#parts.zone);
    return this.#known
      .after(await this.#list(this.#signal()))
      .filter(({ type }) => !NOT_LOCKS.includes(type))
      .map(({ deviceId, deviceName, type }) => ({
        vendor: VENDOR,
        address: deviceId,
        name: deviceName,
        model: type,
        rules,
      }));
  }

  async issue(request: OfflineIssueRequest): Promise<OfflineIssueOutcome> {
    const signal = this.#signal();
    // Each turn gives a variance up, of which there are five at most.
    for (;;) {
      const variance = this.#variances.take(request);
      if (variance === null) return quotaReached(request);
      const outcome = await this.#ask(request, variance, signal);
      // Any other refusal may follow on an answer that was lost, with which the variance was used.
      const isNeverMade = outcome.kind === 'refused' && outcome.reason === 'window_refused';
      if (isNeverMade) this.#variances.free(request.accessCodeId);
      if (outcome.kind !== 'taken') return outcome;
      this.#variances.giveUp(request.accessCodeId);
    }
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    await Promise.resolve();
  }

  #signal(): AbortSignal {
    return callSignal(this.#stopped.signal, this.#parts.timeoutMs ?? CALL_TIMEOUT_MS);
  }

  async #ask(
    { address, window, name, accessCodeId }: OfflineIssueRequest,
    variance: number,
    signal: AbortSignal,
  ): Promise<OfflineIssueOutcome | { readonly kind: 'taken' }> {
    const { zone } = this.#parts;
    const startDate = hourText(zone, window.startsAt, window.startsAt);
    const end = window.kind === 'one_time' ? {} : { endDate: hourText(zone, window.endsAt, window.startsAt) };
    const accessName = (name ?? accessCodeId).slice(0, NAME_CHARS_MAX);
    const path = `/devices/${encodeURIComponent(address)}/algopin/${PATHS[window.kind]}`;
    const answer = await this.#call('POST', path, signal, { variance, startDate, ...end, accessName });
    if (answer.kind === 'retry') return answer;
    // Undocumented: a server that minds the same variance twice can only say so as a conflict.
    if (answer.status === 409) return { kind: 'taken' };
    const problem = refusalOf(answer);
    if (problem !== null) return problem;
    const body = pinSchema.safeParse(answer.body).data;
    const pin = body && Pin.parse(body.pin);
    if (answer.status > 299 || pin === undefined) return unexpected(VENDOR, answer);
    return { kind: 'issued', pin, reference: body?.pinId ?? null };
  }

  async #list(signal: AbortSignal): Promise<readonly Device[] | Retry | Refused> {
    const devices: Device[] = [];
    let cursor = '';
    for (let page = 0; page < PAGES_MAX; page += 1) {
      const answer = await this.#call('GET', `/devices${cursor}`, signal);
      if (answer.kind === 'retry') return answer;
      const problem = refusalOf(answer);
      if (problem !== null) return problem;
      const found = pageSchema.safeParse(answer.body).data;
      if (answer.status > 299 || found === undefined) return unexpected(VENDOR, answer);
      devices.push(...found.payload);
      if (!found.nextCursor) return devices;
      cursor = `?cursor=${encodeURIComponent(found.nextCursor)}`;
    }
    return retry('vendor_down', `igloohome lists locks without an end.`);
  }

  /** With the token, and once more with a new one where it is not taken any more (401, of old ones also 403). */
  async #call(
    method: 'GET' | 'POST',
    path: string,
    signal: AbortSignal,
    body?: object,
  ): Promise<Answer | Retry> {
    const { account, now } = this.#parts;
    for (let isLast = false; ; isLast = true) {
      const token = await this.#tokens.get(signal);
      if (token.kind === 'retry') return token;
      const headers = {
        Authorization: `Bearer ${token.text}`,
        Accept: 'application/json',
        ...(body && { 'Content-Type': 'application/json' }),
      };
      const content = body && { body: JSON.stringify(body) };
      const question = { vendor: VENDOR, url: account.url + path, method, headers, ...content };
      const answer = await exchange(question, signal, now);
      if (answer.kind === 'retry' || ![401, 403].includes(answer.status)) return answer;
      this.#tokens.forget(token.text);
      if (!isLast) continue;
      if (answer.status === 403) return answer;
      return retry('token_refused', 'igloohome refuses a token that it has just made.');
    }
  }
}

/** What a status of igloohome says for good; `null`: nothing is refused. */
function refusalOf({ status, body }: Answer): Refused | null {
  const words = wordsSchema.safeParse(body).data?.message ?? '';
  const quote = words === '' ? '' : `: ${quoted(words)}`;
  switch (status) {
    case 400:
    case 422:
      if (/\bpast\b/i.test(words)) {
        return refused('clock_refused', `By igloohome's clock the start is past${quote}`);
      }
      return refused('window_refused', `igloohome refuses the window${quote}`);
    case 403:
      return refused('unauthorized', 'This account of igloohome may not do that for this lock.');
    case 404:
      return refused('device_unknown', 'The account of igloohome has no such lock.');
    default:
      return null;
  }
}

function quotaReached({ window }: OfflineIssueRequest): OfflineIssueOutcome {
  const { kind, startsAt } = window;
  const place = kind === 'daily' ? 'on the day of' : 'at';
  return refused(
    'quota_reached',
    `igloohome makes ${VARIANCES_MAX[kind]} codes of this kind that begin ${place} ${instantText(startsAt)}, and all are used. Ask for another start.`,
  );
}

/**
 * `2026-11-22T17:00:00+01:00`: the wall time of the lock. Where clocks change by half an hour within a window, its end
 * is on the full hour only by the offset of its start, and is told by that.
 */
function hourText(zone: string, at: Instant, startsAt: Instant): string {
  const own = offsetMinutes(zone, at);
  const minutes = (at + own * MINUTE_MS) % HOUR_MS === 0 ? own : offsetMinutes(zone, startsAt);
  const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
  const offset = [hours, rest].map((part) => String(part).padStart(2, '0')).join(':');
  const wall = instantText(at + minutes * MINUTE_MS).slice(0, 'YYYY-MM-DDTHH:mm:ss'.length);
  return `${wall}${minutes < 0 ? '-' : '+'}${offset}`;
}
