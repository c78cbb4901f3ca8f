import { isPoolCode, isTimeBound, newCode, plainRequest, type AccessCode } from './access-code.ts';
import { slotOf } from './assign.ts';
import { userSlotCount } from './capability.ts';
import { capacityOf } from './capacity.ts';
import { TakenPins } from './clash.ts';
import type { Draw } from './draw.ts';
import type { DomainEvent, Step } from './event.ts';
import { drawPin } from './generate.ts';
import { identifierOf } from './identifier.ts';
import type { Lock, LockState, Policy } from './lock.ts';
import { holdsPin } from './slot-steps.ts';
import type { TimeReading } from './time.ts';
import { withCode } from './with.ts';

/** A pool takes at most this part of a lock's slots (decision 17). */
const POOL_SHARE = 10;

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
  return row.pending === null && row.recheck !== 'edited' && holdsPin(code, row);
}

function readyCode(state: LockState): AccessCode | undefined {
  return state.codes.find((code) => isReady(state, code));
}

/**
 * Fills the pool of a lock where a code asked for one, and takes its newest codes back where others need their slots,
 * now or at any time that is known of. Nobody is told: the pool is the hub's own stock until a code is pulled, and
 * how it is shows in the problems of its lock.
 */
export function replenish(state: LockState, policy: Policy, draw: Draw, now: TimeReading): Step<LockState> {
  const { lock } = state;
  const pool = state.codes.filter((code) => isPoolCode(code) && code.removingSince === null);
  if (lock.capabilities === null || (!lock.poolEnabled && pool.length === 0)) return { state, events: [] };
  const wanted = lock.poolEnabled ? Math.min(poolSize(lock, policy), spareSlots(state, policy, now)) : 0;
  let next = state;
  for (const code of pool.slice(wanted)) {
    next = withCode(next, code.accessCodeId, (last) => ({ ...last, ...leaving(now) }));
  }
  for (let missing = wanted - pool.length; missing > 0; missing -= 1) {
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
 * deleted. It is on the lock already, so this works while the lock can't be reached. A code has one backup in its
 * life: pulling again answers the same one, and none once that has been deleted by itself.
 */
export function pullBackup(state: LockState, accessCodeId: string, now: TimeReading): Pull {
  const original = state.codes.find((code) => code.accessCodeId === accessCodeId);
  const refusal = refusalToPull(original);
  if (original === undefined || refusal !== null) {
    return { kind: 'refused', ...(refusal ?? NOT_FOUND) };
  }
  const { pulledBackupId } = original;
  if (pulledBackupId !== null) {
    const pulled = state.codes.find((code) => code.accessCodeId === pulledBackupId);
    if (pulled === undefined || pulled.removingSince !== null) return { kind: 'refused', ...BACKUP_GONE };
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
const BACKUP_GONE: Refused = {
  reason: 'backup_access_code_not_found',
  message: 'The backup access code of this access code has been deleted, and it gets no second one.',
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
 * A pulled backup code stands in for another: it is extended and shortened with it, and goes when that one goes,
 * before its end as well.
 */
export function followOriginals(state: LockState, now: TimeReading): LockState {
  let next = state;
  for (const code of state.codes) {
    if (code.backupOf === null || code.removingSince !== null) continue;
    const original = state.codes.find((other) => other.accessCodeId === code.backupOf);
    if (original === undefined || original.removingSince !== null) {
      next = withCode(next, code.accessCodeId, (backup) => ({ ...backup, ...leaving(now) }));
      continue;
    }
    if (code.endsAt === original.endsAt && sameWeek(code, original)) continue;
    next = withCode(next, code.accessCodeId, (backup) => ({
      ...backup,
      ...windowOf(original),
      revision: backup.revision + 1,
    }));
  }
  return next;
}
