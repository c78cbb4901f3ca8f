// The hub's own offline codes. README, "Offline codes of the hub's own", specifies them for backends.

import { Pin } from '../pin.ts';
import { DAY_MS, HOUR_MS, type Instant } from '../time.ts';
import type { OfflineCapability, OfflineWindow, SpanRules } from './window.ts';

/** HMAC-SHA-256 of an ASCII text under one secret: 32 bytes. The core does no cryptography of its own. */
export type KeyedMac = (text: string) => Uint8Array;

/** What a code of the hub's own says. `number` tells one-time codes of one start apart, from 1; 1 for all others. */
export interface HubGrant {
  readonly window: OfflineWindow;
  readonly number: number;
}

/** The windows that the hub's own codes can tell: on the hour of UTC. */
export const HUB_RULES: SpanRules = {
  kind: 'spans',
  zone: 'UTC',
  hoursMax: 672,
  daysMin: 29,
  daysMax: 367,
  oneTimeHours: 24,
};

/** What a lock can do that a keypad opens. */
export const HUB_OFFLINE: OfflineCapability = { vendor: 'lockhub', rules: HUB_RULES };

/** One-time codes of one door that begin in the same hour. */
export const ONE_TIME_CODES_MAX = 5;

export const HUB_CODE_DIGITS = 10;

/** 2020-01-01T00:00Z. */
const FIRST_HOUR = 438_288;
const HOURLY = HUB_RULES.hoursMax;
const DAILY = HUB_RULES.daysMax - HUB_RULES.daysMin + 1;
/** Every length that a window may have, and every number of a one-time code. */
const KINDS = HOURLY + DAILY + ONE_TIME_CODES_MAX;

const HALF_DIGITS = HUB_CODE_DIGITS / 2;
const HALF = 10 ** HALF_DIGITS;
const HOURS_MAX = Math.floor(10 ** HUB_CODE_DIGITS / KINDS);
/** As many as FF1 and FFX-A10 have. */
const ROUNDS = 10;

/**
 * The digits for a window on a door. Throws on what `HUB_RULES` does not allow, and before 2020: rounding comes first.
 */
export function hubCode({ window, number }: HubGrant, deviceId: string, mac: KeyedMac): Pin {
  const hour = window.startsAt / HOUR_MS - FIRST_HOUR;
  if (!Number.isInteger(hour) || hour < 0 || hour >= HOURS_MAX)
    throw new RangeError('No hour of a hub code.');
  const value = hour * KINDS + kindIndex(window, number);
  let [left, right] = [Math.floor(value / HALF), value % HALF];
  for (let round = 0; round < ROUNDS; round += 1) {
    [left, right] = [right, (left + roundValue(mac, deviceId, round, right)) % HALF];
  }
  const pin = Pin.parse(halfText(left) + halfText(right));
  if (pin === undefined) throw new Error('Ten digits are a PIN.');
  return pin;
}

/** What ten digits say on a door under a secret. `null`: nothing. Most digits say a window far from now. */
export function readHubCode(digits: string, deviceId: string, mac: KeyedMac): HubGrant | null {
  let [left, right] = [Number(digits.slice(0, HALF_DIGITS)), Number(digits.slice(HALF_DIGITS))];
  for (let round = ROUNDS - 1; round >= 0; round -= 1) {
    [left, right] = [(right - roundValue(mac, deviceId, round, left) + HALF) % HALF, left];
  }
  const value = left * HALF + right;
  const hour = Math.floor(value / KINDS);
  return hour < HOURS_MAX ? grantOf((hour + FIRST_HOUR) * HOUR_MS, value % KINDS) : null;
}

function kindIndex({ kind, startsAt, endsAt }: OfflineWindow, number: number): number {
  const lengthMs = endsAt - startsAt;
  const index = {
    hourly: lengthMs / HOUR_MS - 1,
    daily: HOURLY + lengthMs / DAY_MS - HUB_RULES.daysMin,
    one_time: HOURLY + DAILY + number - 1,
  }[kind];
  const said = Number.isInteger(index) && index >= 0 && index < KINDS ? grantOf(startsAt, index) : undefined;
  if (said?.window.kind !== kind || said.window.endsAt !== endsAt || said.number !== number) {
    throw new RangeError('No window of a hub code.');
  }
  return index;
}

function grantOf(startsAt: Instant, index: number): HubGrant {
  if (index < HOURLY) return granted('hourly', startsAt, (index + 1) * HOUR_MS);
  if (index < HOURLY + DAILY)
    return granted('daily', startsAt, (index - HOURLY + HUB_RULES.daysMin) * DAY_MS);
  return granted('one_time', startsAt, DAY_MS, index - HOURLY - DAILY + 1);
}

function granted(kind: OfflineWindow['kind'], startsAt: Instant, lengthMs: number, number = 1): HubGrant {
  return { window: { kind, startsAt, endsAt: startsAt + lengthMs, levelId: null }, number };
}

/** The dynamic truncation of RFC 4226 (section 5.3) to five digits. */
function roundValue(mac: KeyedMac, deviceId: string, round: number, half: number): number {
  const bytes = mac(`lockhub offline code 1 ${deviceId} ${round} ${halfText(half)}`);
  const offset = (bytes.at(-1) ?? 0) & 0x0f;
  const [first = 0, ...rest] = bytes.subarray(offset, offset + 4);
  return rest.reduce((number, byte) => number * 256 + byte, first & 0x7f) % HALF;
}

function halfText(half: number): string {
  return String(half).padStart(HALF_DIGITS, '0');
}
