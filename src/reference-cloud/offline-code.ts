import { createHmac, createSecretKey } from 'node:crypto';

const HOUR_MS = 3_600_000;
const FIRST_HOUR = Date.UTC(2020) / HOUR_MS;

/** A window on full hours of UTC, ISO 8601. */
export interface OfflineAccess {
  readonly deviceId: string;
  readonly startsAt: string;
  readonly endsAt: string;
  /** For a one-time code, 1 to 5: tells those of one door that begin in the same hour apart. */
  readonly oneTimeNumber?: number;
}

/**
 * The code that a hub with the same secret takes at its door, made without asking the hub. It shares
 * nothing with the hub but what README specifies, as a backend in another language would. Throws a `RangeError` for a window that no code can tell.
 */
export function offlineCode(secret: Uint8Array, access: OfflineAccess): string {
  const hour = Date.parse(access.startsAt) / HOUR_MS - FIRST_HOUR;
  if (!Number.isInteger(hour) || hour < 0) throw new RangeError('starts_at: not a full hour since 2020.');
  const key = createSecretKey(secret);
  const value = String(hour * 1016 + lengthNumber(access)).padStart(10, '0');
  let left = value.slice(0, 5);
  let right = value.slice(5);
  for (let round = 0; round < 10; round += 1) {
    const text = `lockhub offline code 1 ${access.deviceId.toLowerCase()} ${round} ${right}`;
    const mac = createHmac('sha256', key).update(text).digest();
    const truncated = mac.readUInt32BE((mac[31] ?? 0) & 15) & 0x7fffffff;
    const sum = (Number(left) + truncated) % 100_000;
    [left, right] = [right, String(sum).padStart(5, '0')];
  }
  return left + right;
}

function lengthNumber({ startsAt, endsAt, oneTimeNumber }: OfflineAccess): number {
  const hours = (Date.parse(endsAt) - Date.parse(startsAt)) / HOUR_MS;
  if (oneTimeNumber !== undefined) {
    if (hours === 24 && [1, 2, 3, 4, 5].includes(oneTimeNumber)) return 1010 + oneTimeNumber;
    throw new RangeError('A one-time code lasts 24 hours and has a number from 1 to 5.');
  }
  if (Number.isInteger(hours) && hours >= 1 && hours <= 672) return hours - 1;
  const days = hours / 24;
  if (Number.isInteger(days) && days >= 29 && days <= 367) return 643 + days;
  throw new RangeError('ends_at: 1 to 672 full hours or 29 to 367 full days after starts_at.');
}
