import { isPoolCode, isTimeBound, newCode, plainRequest, type AccessCode } from '../access-code.ts';
import { slotOf } from '../plan/assign.ts';
import { userSlotCount } from '../capability.ts';
import { capacityOf } from './capacity.ts';
import { TakenPins } from './clash.ts';
import type { Draw } from '../draw.ts';
import type { DomainEvent, Step } from '../event.ts';
import { drawPin } from './generate.ts';
import { identifierOf } from '../identifier.ts';
import type { Lock, LockState, Policy } from '../lock.ts';
import { holdsPin } from '../plan/slot-steps.ts';
import { isInDoubt } from '../slot.ts';
import { HOUR_MS, type TimeReading } from '../time.ts';
import { withCode } from '../with.ts';

/** A pool takes at most this part of a lock's slots (decision 17). */
const POOL_SHARE = 10;

/** A pool code that the lock refused is replaced at once, so many times an hour. */
const REPLACED_AN_HOUR = 10;

/** Makes ids differ that are made in the same millisecond. */
const SALT_BELOW = 2 ** 32;

/** How many backup codes a lock is to have in its pool; 0 for one that is too small or was never met. */
export function poolSize(lock: Lock, policy: Policy): number {
  if (lock.capabilities === null) return 0;
  return Math.min(policy.backupPoolSize, Math.floor(userSlotCount(lock.capabilities) / POOL_SHARE));
}

/** How the pool of a lock is. */
export interface PoolStatus {
  /** A code of this lock asked for it. */
  readonly enabled: boolean;
  /** Codes it should hold. */
  readonly size: number;
  /** Codes that can be pulled now: proven on the lock. */
  readonly ready: number;
  /** Codes that were pulled and have not ended. */
  readonly activePulled: number;
}

export function poolStatus(state: LockState, policy: Policy): PoolStatus {
  const { lock, codes } = state;
  return {
    enabled: lock.poolEnabled,
    size: poolSize(lock, policy),
    ready: codes.filter((code) => isReady(state, code)).length,
    activePulled: codes.filter((code) => code.backupOf !== null && code.removingSince === null).length,
  };
}

/** A pool code can be pulled for this code now (`is_backup_access_code_available`). */
export function isBackupAvailable(state: LockState, code: AccessCode): boolean {
  return refusalToPull(code) === null && code.pulledBackupId === null && readyCode(state) !== undefined;
}

/** It waits in the pool, and the lock is proven to open to it. */
function isReady(state: LockState, code: AccessCode): boolean {
  if (!isPoolCode(code) || code.removingSince !== null || code.slot === null) return false;
  const row = slotOf(state, code.slot);
  return row.pending === null && !isInDoubt(row) && holdsPin(code, row);
}

function readyCode(state: LockState): AccessCode | undefined {
  return state.codes.find((code) => isReady(state, code));
}

/** The lock does not take its PIN. It is remembered for an hour, so that neither is drawn again without end. */
function isRefused({ refused }: AccessCode): boolean {
  return refused !== null && refused.reason !== 'unsupported';
}

/**
 * Fills the pool of a lock where a code asked for one, and takes its newest codes back where others need their slots,
 * now or at any time that is known of. Nobody is told: the pool is the hub's own stock until a code is pulled, and
 * how it is shows in the problems of its lock.
 */
export function replenish(state: LockState, policy: Policy, draw: Draw, now: TimeReading): Step<LockState> {
  const { lock } = state;
  const all = state.codes.filter((code) => isPoolCode(code) && code.removingSince === null);
  const isOfUse = lock.poolEnabled || all.length > 0;
  if (policy.safeMode || lock.capabilities === null || !isOfUse) return { state, events: [] };
  // What is on the lock already stays before what has yet to find its place there.
  const pool = all
    .filter((code) => !isRefused(code))
    .toSorted((a, b) => Number(a.slot === null) - Number(b.slot === null));
  const refused = all.filter(isRefused);
  const wanted = lock.poolEnabled ? Math.min(poolSize(lock, policy), spareSlots(state, policy, now)) : 0;
  let next = state;
  const isOld = ({ createdAt }: AccessCode): boolean => now.earliest - createdAt >= HOUR_MS;
  for (const code of [...pool.slice(wanted), ...(lock.poolEnabled ? refused.filter(isOld) : refused)]) {
    next = withCode(next, code.accessCodeId, (last) => ({ ...last, ...leaving(now) }));
  }
  const missing = refused.length < REPLACED_AN_HOUR ? wanted - pool.length : 0;
  for (let count = 0; count < missing; count += 1) {
    const code = newPoolCode(next, draw, now);
    if (code === null) break;
    next = { ...next, codes: [...next.codes, code] };
  }
  return { state: next, events: [] };
}

/** Room for a pool: slots that no other code will take, as far as anybody knows. */
function spareSlots(state: LockState, policy: Policy, now: TimeReading): number {
  return Math.max(0, capacityOf(state, policy, now).spareSlots);
}

/** `null`: the lock allows no further PIN. */
function newPoolCode(state: LockState, draw: Draw, now: TimeReading): AccessCode | null {
  const { lock } = state;
  const taken = new TakenPins([state]);
  const pin = drawPin([lock], { preferredLength: null }, (drawn) => taken.has(drawn), draw);
  if (pin === null) return null;
  const accessCodeId = identifierOf(`${lock.deviceId} backup ${now.earliest} ${draw(SALT_BELOW)}`);
  const request = { ...plainRequest(accessCodeId), name: `Backup ${accessCodeId}`, pin };
  return { ...newCode(request, 'local', now.earliest), isPinDrawn: true, isBackup: true };
}

function leaving(now: TimeReading): Partial<AccessCode> {
  return { removingSince: now.earliest, failures: 0, retryAt: null };
}

/** What came of pulling a backup code. */
export type Pull =
  | { readonly kind: 'pulled'; readonly backupAccessCodeId: string; readonly step: Step<LockState> }
  | { readonly kind: 'refused'; readonly reason: PullRefusal; readonly message: string };

/** Error types of the request (spec section b). */
type PullRefusal = 'access_code_not_found' | 'access_code_not_time_bound' | 'backup_access_code_not_found';

/**
 * Takes a code out of the pool to stand in for a time-bound one: from now on and until that one ends, moves or is
 * deleted. It is on the lock already, so this works while the lock can't be reached. Pulling again answers the same
 * one for as long as it is there.
 */
export function pullBackup(state: LockState, accessCodeId: string, now: TimeReading): Pull {
  const original = state.codes.find((code) => code.accessCodeId === accessCodeId);
  const refusal = refusalToPull(original);
  if (original === undefined || refusal !== null) {
    return { kind: 'refused', ...(refusal ?? NOT_FOUND) };
  }
  const { pulledBackupId } = original;
  if (pulledBackupId !== null) {
    return { kind: 'pulled', backupAccessCodeId: pulledBackupId, step: { state, events: [] } };
  }
  const backup = readyCode(state);
  if (backup === undefined) return { kind: 'refused', ...POOL_EMPTY };
  const backupAccessCodeId = backup.accessCodeId;
  const event: DomainEvent = {
    event_type: 'access_code.backup_access_code_pulled',
    occurredAt: now.earliest,
    device_id: state.lock.deviceId,
    access_code_id: accessCodeId,
    details: { backup_access_code_id: backupAccessCodeId },
  };
  const linked = withCode(state, accessCodeId, (code) => ({ ...code, pulledBackupId: backupAccessCodeId }));
  const pulled = withCode(linked, backupAccessCodeId, (code) => ({
    ...code,
    ...windowOf(original),
    startsAt: now.earliest,
    backupOf: accessCodeId,
    revision: code.revision + 1,
  }));
  return { kind: 'pulled', backupAccessCodeId, step: { state: pulled, events: [event] } };
}

type Refused = { readonly reason: PullRefusal; readonly message: string };

const NOT_FOUND: Refused = {
  reason: 'access_code_not_found',
  message: 'The lock has no access code with this id.',
};
const NOT_TIME_BOUND: Refused = {
  reason: 'access_code_not_time_bound',
  message: 'Only a time-bound access code can have a backup access code.',
};
const POOL_EMPTY: Refused = {
  reason: 'backup_access_code_not_found',
  message: 'The lock has no backup access code that is proven to be on it.',
};

function refusalToPull(code: AccessCode | undefined): Refused | null {
  // What waits in the pool is in no list, a backup has no backup, and what has to go needs none.
  if (code === undefined || code.isBackup || code.removingSince !== null || code.pin === null)
    return NOT_FOUND;
  return isTimeBound(code) ? null : NOT_TIME_BOUND;
}

/** What a backup code shares with the code it stands in for. */
function windowOf({ endsAt, weeklyWindows }: AccessCode): Pick<AccessCode, 'endsAt' | 'weeklyWindows'> {
  return { endsAt, weeklyWindows };
}

function sameWeek(a: AccessCode, b: AccessCode): boolean {
  return JSON.stringify(a.weeklyWindows) === JSON.stringify(b.weeklyWindows);
}

/**
 * A pulled backup code stands in for another for as long as that one names it: it is extended and shortened with it, goes
 * when that one goes or names it no more, and comes back with it. What is gone from the lock is named no more.
 */
export function followOriginals(state: LockState, now: TimeReading): LockState {
  let next = state;
  for (const code of state.codes) {
    if (code.pulledBackupId === null && code.backupOf === null) continue;
    next = withCode(next, code.accessCodeId, () => following(code, state.codes, now));
  }
  return next;
}

function following(code: AccessCode, codes: readonly AccessCode[], now: TimeReading): AccessCode {
  const linkedId = code.backupOf ?? code.pulledBackupId;
  const linked = codes.find((other) => other.accessCodeId === linkedId);
  if (code.backupOf === null) return linked === undefined ? { ...code, pulledBackupId: null } : code;
  if (linked?.pulledBackupId === code.accessCodeId && linked.removingSince === null) {
    return standingIn(code, linked);
  }
  return code.removingSince === null ? { ...code, ...leaving(now) } : code;
}

function standingIn(backup: AccessCode, original: AccessCode): AccessCode {
  const isThere = backup.removingSince === null;
  if (isThere && backup.endsAt === original.endsAt && sameWeek(backup, original)) return backup;
  const change = { ...windowOf(original), revision: backup.revision + 1 };
  return isThere ? { ...backup, ...change } : { ...backup, ...change, ...BACK };
}

const BACK = { removingSince: null, failures: 0, retryAt: null } as const;
