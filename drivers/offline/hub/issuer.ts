import { hubCode, ONE_TIME_CODES_MAX } from '../../../src/core/offline/hub-code.ts';
import type { OfflineIssueOutcome } from '../../../src/core/offline/issue.ts';
import type { OfflineSecret } from '../../../src/core/offline/judge.ts';
import type { Pin } from '../../../src/core/pin.ts';
import type { OfflineCodeIssuer, OfflineIssueRequest } from '../../../src/offline-issuer.ts';

/** What the hub's own codes are computed from. */
export interface Doors {
  /** The newest one; `undefined`: the cloud has sent none yet. */
  readonly secret: () => OfflineSecret | undefined;
  /** Of the codes that the hub has of a lock, whatever becomes of them. */
  readonly pins: (deviceId: string) => readonly Pin[];
}

/** The hub itself, for locks that a keypad opens: it needs nobody to compute a code. */
export function hubIssuer({ secret, pins }: Doors): OfflineCodeIssuer {
  return {
    vendor: 'lockhub',
    // Which locks these are follows from the keypads that they were given.
    devices: () => Promise.resolve([]),
    issue: (request) => Promise.resolve(issued(request, secret(), pins(request.address))),
    stop: () => Promise.resolve(),
  };
}

/**
 * Of one-time codes of one start the hub takes the highest number that is free: a cloud that makes such codes without
 * the hub begins at the lowest.
 */
function issued(
  { window, address }: OfflineIssueRequest,
  secret: OfflineSecret | undefined,
  taken: readonly Pin[],
): OfflineIssueOutcome {
  if (secret === undefined) return NO_SECRET;
  const isOneTime = window.kind === 'one_time';
  for (let number = isOneTime ? ONE_TIME_CODES_MAX : 1; number >= 1; number -= 1) {
    const pin = hubCode({ window, number }, address, secret.mac);
    // Codes for more than one use are the same for everybody who has the same window.
    if (!isOneTime || !taken.some((other) => other.equals(pin)))
      return { kind: 'issued', pin, reference: null };
  }
  return NONE_LEFT;
}

const NO_SECRET: OfflineIssueOutcome = {
  kind: 'refused',
  reason: 'unauthorized',
  message: 'The hub has no secret for offline codes yet; the cloud sends one.',
};

const NONE_LEFT: OfflineIssueOutcome = {
  kind: 'refused',
  reason: 'quota_reached',
  message: `All ${ONE_TIME_CODES_MAX} one-time codes of this door that begin in that hour are taken.`,
};
