import { createHash, randomBytes } from 'node:crypto';
import { Temporal } from 'temporal-polyfill';
import { VendorServer, type VendorAnswer, type VendorRequest } from './vendor-server.ts';

const HOUR_MS = 3_600_000;
const PAGE_DEVICES = 2;
const DATE = /^\d{4}-\d\d-\d\dT\d\d:00:00[+-]\d\d:\d\d$/;
const CODES_MAX: Readonly<Record<string, number>> = { hourly: 3, daily: 3, onetime: 5 };

interface Lock {
  readonly deviceId: string;
  readonly deviceName: string;
  readonly type: string;
}

/** What a lock computes for itself: it takes these digits in this time. */
interface Code {
  readonly deviceId: string;
  readonly pin: string;
  readonly place: string;
  readonly from: number;
  readonly to: number;
}

export interface IgloohomeRules {
  /** Of all locks. */
  zone: string;
  /** The server's clock. */
  now: () => number;
  tokenLifeS: number;
  /** So much sooner than it says the server takes a token no more. */
  tokenEarlyMs: number;
}

/** igloohome's API as its documentation has it, with a memory of which digits open which lock when. */
export class IgloohomeServer {
  readonly server = new VendorServer((request) => this.#handle(request));
  readonly rules: IgloohomeRules = {
    zone: 'Europe/Berlin',
    now: () => Date.now(),
    tokenLifeS: 86_400,
    tokenEarlyMs: 0,
  };
  readonly secret = randomBytes(16).toString('hex');
  readonly clientId = 'site 1+';
  locks: readonly Lock[] = [{ deviceId: 'IGK1', deviceName: 'Front door', type: 'Lock' }];
  codes: Code[] = [];
  /** By text, with the end of their life. */
  readonly tokens = new Map<string, number>();
  url = '';

  async listen(): Promise<this> {
    this.url = await this.server.listen();
    return this;
  }

  opens(deviceId: string, pin: string, at: number): boolean {
    return this.codes.some(
      (code) => code.deviceId === deviceId && code.pin === pin && code.from <= at && at < code.to,
    );
  }

  #handle({ method, path, authorization, text }: VendorRequest): VendorAnswer {
    if (method === 'POST' && path === '/oauth2/token') return this.#token(authorization, text);
    const [, token = ''] = /^Bearer (.+)$/.exec(authorization) ?? [];
    if (!((this.tokens.get(token) ?? 0) > performance.now())) return failed(401, 'Unauthorized');
    const { pathname, searchParams } = new URL(path, this.url);
    if (method === 'GET' && pathname === '/igloohome/devices') {
      return this.#page(Number(searchParams.get('cursor') ?? 0));
    }
    const [, id = '', kind = ''] = /^\/igloohome\/devices\/([^/]+)\/algopin\/(\w+)$/.exec(pathname) ?? [];
    if (method !== 'POST' || !Object.hasOwn(CODES_MAX, kind)) return failed(404, 'Not Found');
    const deviceId = decodeURIComponent(id);
    if (!this.locks.some((lock) => lock.deviceId === deviceId)) return failed(404, 'Device not found');
    return this.#algopin(deviceId, kind, JSON.parse(text) as Record<string, unknown>);
  }

  #token(authorization: string, text: string): VendorAnswer {
    const form = new URLSearchParams(text);
    const login = Buffer.from(authorization.replace(/^Basic /, ''), 'base64').toString();
    const wanted = [this.clientId, this.secret].map((part) =>
      encodeURIComponent(part).replaceAll('%20', '+'),
    );
    if (login !== wanted.join(':')) return { status: 400, body: { error: 'invalid_client' } };
    if (form.get('grant_type') !== 'client_credentials') {
      return { status: 400, body: { error: 'unsupported_grant_type' } };
    }
    const token = randomBytes(24).toString('hex');
    this.tokens.set(token, performance.now() + this.rules.tokenLifeS * 1000 - this.rules.tokenEarlyMs);
    const body = { access_token: token, token_type: 'Bearer', expires_in: this.rules.tokenLifeS };
    return { status: 200, body };
  }

  #page(from: number): VendorAnswer {
    const next = from + PAGE_DEVICES;
    const payload = this.locks
      .slice(from, next)
      .map((lock, index) => ({ id: String(from + index), ...lock }));
    return { status: 200, body: { nextCursor: next < this.locks.length ? String(next) : '', payload } };
  }

  #algopin(deviceId: string, kind: string, body: Record<string, unknown>): VendorAnswer {
    const { variance, startDate, endDate, accessName } = body;
    const max = CODES_MAX[kind] ?? 0;
    if (!Number.isInteger(variance) || Number(variance) < 1 || Number(variance) > max) {
      return failed(400, `'variance' must be between 1 and ${max}`);
    }
    if (typeof accessName !== 'string' || accessName === '' || accessName.length > 60) {
      return failed(400, `'accessName' must have 1 to 60 characters`);
    }
    const start = this.#time(startDate);
    if (start === undefined) return failed(400, `'startDate' must be in format YYYY-MM-DDTHH:00:00+hh:mm`);
    if (start.minute !== 0) return failed(400, `'startDate' must be on the hour`);
    if (start.epochMilliseconds + HOUR_MS <= this.rules.now()) {
      return failed(400, `'startDate' must not be in the past`);
    }
    const end = kind === 'onetime' ? start.add({ hours: 24 }) : this.#time(endDate);
    if (end === undefined) return failed(400, `'endDate' must be in format YYYY-MM-DDTHH:00:00+hh:mm`);
    if (kind === 'onetime' && endDate !== undefined) return failed(400, `'endDate' is not allowed`);
    const mistake = durationMistake(kind, start, end);
    if (mistake !== undefined) return failed(400, mistake);
    const place = `${kind} ${kind === 'daily' ? start.toPlainDate().toString() : start.epochMilliseconds}`;
    const pin = pinOf([deviceId, kind, variance, start.epochMilliseconds, end.epochMilliseconds].join(' '));
    const others = this.codes.filter((code) => code.deviceId === deviceId && code.place === place);
    if (!others.some((code) => code.pin === pin)) {
      if (others.length >= max) return failed(400, `no more than ${max} codes`);
      const span = { from: start.epochMilliseconds, to: end.epochMilliseconds };
      this.codes.push({ deviceId, pin, place, ...span });
    }
    return { status: 200, body: { pin, pinId: `pin-${pin.slice(0, 2)}` } };
  }

  #time(text: unknown): Temporal.ZonedDateTime | undefined {
    if (typeof text !== 'string' || !DATE.test(text)) return undefined;
    return Temporal.Instant.from(text).toZonedDateTimeISO(this.rules.zone);
  }
}

function durationMistake(
  kind: string,
  start: Temporal.ZonedDateTime,
  end: Temporal.ZonedDateTime,
): string | undefined {
  const hours = (end.epochMilliseconds - start.epochMilliseconds) / HOUR_MS;
  if (kind === 'hourly' && !(Number.isInteger(hours) && hours >= 1 && hours <= 672)) {
    return 'the duration must be 1 to 672 hours';
  }
  if (kind !== 'daily') return undefined;
  const byWall = start.toPlainDateTime().until(end.toPlainDateTime()).total('days');
  const isTaken = [hours / 24, byWall].some((days) => Number.isInteger(days) && days >= 29 && days <= 367);
  return isTaken ? undefined : 'the duration must be 29 to 367 days, to the same time of day';
}

/** Nine digits, of which the first is often a zero. */
function pinOf(text: string): string {
  const digits = BigInt(`0x${createHash('sha256').update(text).digest('hex')}`) % 1_000_000_000n;
  return `0${digits.toString().padStart(9, '0').slice(1)}`;
}

function failed(status: number, message: string): VendorAnswer {
  return { status, body: { message } };
}
