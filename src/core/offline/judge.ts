import { lockedUntil, withGuess } from './guess-limit.ts';
import { HUB_CODE_DIGITS, type HubGrant, type KeyedMac, readHubCode } from './hub-code.ts';
import { DAY_MS, HOUR_MS, type Instant, type TimeReading } from '../time.ts';
import type { OfflineWindow } from './window.ts';

/** How far beyond its window a code may open where the clock does not know better. */
const GRANULE_MS = HOUR_MS;

/** A wrong code that says a window so near is told as early or ended: chance seldom says one. */
const NEAR_MS = 7 * DAY_MS;

/** A door trusts the newest secret, and the one before for a while. */
const SECRETS_MAX = 2;

/** How long codes of a secret that was replaced go on opening. */
const OLD_SECRET_MS = 31 * DAY_MS;

interface Accepted {
  /** `null`: the newest one. */
  readonly acceptedUntil: Instant | null;
}

/** A secret that the hub shares with the cloud. Its bytes stay with whoever made `mac`. */
export interface OfflineSecret extends Accepted {
  readonly secretId: string;
  readonly mac: KeyedMac;
}

/** A one-time code that was used. It can be forgotten once `endsAt` has certainly passed. */
interface BurntCode {
  readonly secretId: string;
  readonly startsAt: Instant;
  readonly number: number;
  readonly endsAt: Instant;
}

/** What a door remembers of the codes typed at it. To be stored before the lock is opened. */
export interface DoorMemory {
  readonly burnt: readonly BurntCode[];
  /** When wrong codes were typed, the newest last. */
  readonly guesses: readonly Instant[];
}

export type OfflineVerdict =
  | { readonly kind: 'opened'; readonly window: OfflineWindow; readonly secretId: string }
  | { readonly kind: 'refused'; readonly reason: 'not_an_offline_code' | 'wrong' | 'burnt' }
  | {
      readonly kind: 'refused';
      readonly reason: 'early' | 'ended' | 'clock_uncertain';
      readonly window: OfflineWindow;
    }
  | { readonly kind: 'refused'; readonly reason: 'locked_out'; readonly until: Instant };

/** What somebody typed at a door. */
export interface TypedCode {
  readonly digits: string;
  readonly deviceId: string;
}

type Read = HubGrant & { readonly secretId: string };

/**
 * Whether digits open a door, by nothing but the clock, and what the door remembers then. Where the clock's uncertainty
 * straddles a boundary the guest gets the benefit of the doubt, as long as the true time can't be further than a granule
 * beyond the window.
 */
export function judge(
  { digits, deviceId }: TypedCode,
  secrets: readonly OfflineSecret[],
  memory: DoorMemory,
  now: TimeReading,
): { readonly verdict: OfflineVerdict; readonly memory: DoorMemory } {
  if (secrets.length > SECRETS_MAX)
    throw new RangeError('More secrets make guessing easier than is promised.');
  if (digits.length !== HUB_CODE_DIGITS || !/^[0-9]+$/.test(digits)) {
    return { verdict: { kind: 'refused', reason: 'not_an_offline_code' }, memory };
  }
  const until = lockedUntil(memory.guesses, now.earliest);
  // What is typed now is not even looked at, so it is no guess and lengthens nothing.
  if (until !== null) return { verdict: { kind: 'refused', reason: 'locked_out', until }, memory };
  const read = secrets
    .filter(({ acceptedUntil }) => acceptedUntil === null || now.earliest < acceptedUntil)
    .flatMap(({ secretId, mac }): readonly Read[] => {
      const grant = readHubCode(digits, deviceId, mac);
      return grant === null ? [] : [{ ...grant, secretId }];
    });
  const open = read.find(({ window }) => mayBeOpen(window, now));
  if (open !== undefined) return openVerdict(open, memory, now);
  const guessed = { ...memory, guesses: withGuess(memory.guesses, now.earliest) };
  return { verdict: closedVerdict(read, now), memory: guessed };
}

/** The secrets of a door once a new one has come: the one before stays for a while, and no third. */
export function rotated<Secret extends object>(
  secrets: readonly (Secret & Accepted)[],
  next: Secret,
  now: TimeReading,
): readonly (Secret & Accepted)[] {
  const previous = secrets.find(({ acceptedUntil }) => acceptedUntil === null);
  const newest = { ...next, acceptedUntil: null };
  return previous === undefined
    ? [newest]
    : [newest, { ...previous, acceptedUntil: endOf(now) + OLD_SECRET_MS }];
}

/** Of a clock that knows no end the beginning: no secret may stay for ever. */
function endOf({ earliest, latest }: TimeReading): Instant {
  return Number.isFinite(latest) ? latest : earliest;
}

function openVerdict(
  { window, number, secretId }: Read,
  memory: DoorMemory,
  now: TimeReading,
): { readonly verdict: OfflineVerdict; readonly memory: DoorMemory } {
  const { startsAt, endsAt } = window;
  if (now.earliest < startsAt - GRANULE_MS || now.latest >= endsAt + GRANULE_MS) {
    return { verdict: { kind: 'refused', reason: 'clock_uncertain', window }, memory };
  }
  const opened = { kind: 'opened', window, secretId } as const;
  if (window.kind !== 'one_time') return { verdict: opened, memory };
  const isBurnt = memory.burnt.some(
    (burnt) => burnt.secretId === secretId && burnt.startsAt === startsAt && burnt.number === number,
  );
  if (isBurnt) return { verdict: { kind: 'refused', reason: 'burnt' }, memory };
  const kept = memory.burnt.filter((burnt) => now.earliest < burnt.endsAt);
  return {
    verdict: opened,
    memory: { ...memory, burnt: [...kept, { secretId, startsAt, number, endsAt }] },
  };
}

function closedVerdict(read: readonly Read[], now: TimeReading): OfflineVerdict {
  const early = read.find(
    ({ window }) => window.startsAt > now.latest && window.startsAt < now.latest + NEAR_MS,
  );
  if (early !== undefined) return { kind: 'refused', reason: 'early', window: early.window };
  const ended = read.find(
    ({ window }) => window.endsAt <= now.earliest && window.endsAt > now.earliest - NEAR_MS,
  );
  if (ended !== undefined) return { kind: 'refused', reason: 'ended', window: ended.window };
  return { kind: 'refused', reason: 'wrong' };
}

/** Some instant that the clock allows lies in the window. */
function mayBeOpen({ startsAt, endsAt }: OfflineWindow, { earliest, latest }: TimeReading): boolean {
  return startsAt <= latest && earliest < endsAt;
}
