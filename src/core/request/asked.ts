import { newCode, plainRequest, type AccessCode, type AccessCodeRequest } from '../access-code.ts';
import type { DesiredEntry, Entries } from './accept.ts';
import type { Foreign } from './foreign.ts';
import type { Lock, LockState, Policy } from '../lock.ts';
import { changeRefusal, deletionRefusal } from './offline.ts';
import { refusalOf, sameRequest, sameWindows, wasAccepted, type Refusal } from './request.ts';
import type { TimeReading } from '../time.ts';

/** What every entry is judged by. */
export interface Context {
  readonly entries: Entries;
  readonly foreign: Foreign;
  readonly policy: Policy;
  readonly now: TimeReading;
}

const TRY_AGAIN = { refused: null, rejected: null, failures: 0, retryAt: null } as const;

const OFFLINE = {
  code: 'device_offline',
  message: 'attempt_for_offline_device: the lock is offline, and this code is not to wait for it.',
} as const;

/**
 * The codes as the document wants them, each judged by itself; new ones last. What was refused from the start is as
 * new as what was never asked for: nobody was told that it came, and no rule is softened by having broken it before.
 */
export function askedCodes({ lock, codes }: LockState, context: Context): readonly AccessCode[] {
  const usesOf = new Map(lock.spent.map(({ accessCodeId, uses }) => [accessCodeId, uses]));
  const asked = (accessCodeId: string, entry: DesiredEntry | undefined): readonly AccessCode[] => {
    const uses = usesOf.get(accessCodeId) ?? 0;
    if (entry === undefined || (usesOf.has(accessCodeId) && !allowsMore(entry, uses))) return [];
    return [{ ...created(entry, lock, context), uses }];
  };
  const kept = codes.flatMap((code) => {
    if (code.origin === 'local') return [code];
    if (wasAccepted(code)) return [updated(code, lock, context)];
    const { accessCodeId } = code;
    return asked(accessCodeId, context.entries.get(accessCodeId)).map((again) => stillDated(again, code));
  });
  const known = new Set(codes.map((code) => code.accessCodeId));
  const fresh = [...context.entries].filter(([accessCodeId]) => !known.has(accessCodeId));
  return [...kept, ...fresh.flatMap(([accessCodeId, entry]) => asked(accessCodeId, entry))];
}

/** A code that was removed because its uses were spent comes back for a limit that leaves it some. */
function allowsMore(entry: DesiredEntry, uses: number): boolean {
  return entry.kind === 'valid' && !isUsedUp({ maxUses: entry.request.maxUses, uses });
}

/** A request that is refused again has its reason since it was refused first. */
function stillDated(code: AccessCode, previous: AccessCode): AccessCode {
  if (code.rejected === null) return code;
  const { createdAt, statusSince, errors, warnings } = previous;
  return { ...code, createdAt, statusSince, errors, warnings };
}

function updated(code: AccessCode, lock: Lock, { entries, policy, now }: Context): AccessCode {
  const entry = entries.get(code.accessCodeId);
  if (entry === undefined) {
    const rejected = deletionRefusal(code);
    return rejected === null ? deleted(code, now) : { ...code, rejected };
  }
  if (entry.kind === 'invalid') return { ...code, rejected: { code: entry.code, message: entry.message } };
  return changed(code, entry.request, lock, policy, now);
}

/** A code that nobody wants any more; one that has to go already goes on as it did. */
export function deleted(code: AccessCode, now: TimeReading): AccessCode {
  // Named again it is a new code, whose uses count from nothing, also where the lock still holds the old one.
  const unused = code.uses === 0 ? code : { ...code, uses: 0 };
  return unused.removingSince === null ? { ...unused, ...TRY_AGAIN, removingSince: now.earliest } : unused;
}

/**
 * A code as it is asked for now, or with `rejected` and else as it was. Judged by itself: whether it gets on with other
 * codes is yet to be seen.
 */
export function changed(
  code: AccessCode,
  request: AccessCodeRequest,
  lock: Lock,
  policy: Policy,
  now: TimeReading,
): AccessCode {
  const isOver = isEnded(request, now) || isUsedUp({ ...request, uses: code.uses });
  if (sameRequest(code, request) && (code.removingSince === null || isOver)) {
    return code.rejected === null ? code : { ...code, rejected: null };
  }
  const fixed = changeRefusal(code, request);
  if (fixed !== null) return { ...code, rejected: fixed };
  const refusal = refusalOf(request, code, lock, policy, now);
  // A window that is moved into the past ends a code that exists; only in a new one is it a mistake.
  if (refusal !== null && !isEnded(request, now)) return { ...code, rejected: refusal };
  const isPutOff =
    request.startsAt !== code.startsAt && (request.startsAt ?? 0) - policy.jitLeadMs > now.latest;
  return {
    ...code,
    ...request,
    ...TRY_AGAIN,
    // Deleted and asked for again it is a new code in the slot of the old one: it gets a PIN of its own.
    pin: request.pin ?? (wasDeleted(code) ? null : code.pin),
    isPinDrawn: request.pin === null && code.isPinDrawn,
    // A backup code opens from when it was pulled on, so one for a stay that is put off would open until then.
    pulledBackupId: isPutOff ? null : code.pulledBackupId,
    revision: code.revision + 1,
    removingSince: isOver ? (code.removingSince ?? now.earliest) : null,
    // The lock still holds what somebody put there. Where that was left alone, another PIN or window ends it.
    externallyModified:
      code.externallyModified && !(request.allowExternalModification && asksForOther(code, request)),
  };
}

/** It is on its way off the lock, and not because its time or its uses were over. */
export function wasDeleted(code: AccessCode): boolean {
  const { endsAt, removingSince } = code;
  if (removingSince === null || isUsedUp(code)) return false;
  return endsAt === null || removingSince < endsAt;
}

/** Another PIN or another time than the code has: something that the lock itself has to take. */
function asksForOther(code: AccessCode, request: AccessCodeRequest): boolean {
  return (
    (request.pin !== null && code.pin?.equals(request.pin) !== true) ||
    code.startsAt !== request.startsAt ||
    code.endsAt !== request.endsAt ||
    !sameWindows(code.weeklyWindows, request.weeklyWindows)
  );
}

export function isEnded({ endsAt }: Pick<AccessCodeRequest, 'endsAt'>, now: TimeReading): boolean {
  return endsAt !== null && endsAt <= now.earliest;
}

export function isUsedUp({ maxUses, uses }: Pick<AccessCode, 'maxUses' | 'uses'>): boolean {
  return maxUses !== null && uses >= maxUses;
}

/** Why a new code is not taken, judged by itself. One that is not patient does not wait for a lock that is offline. */
export function refusalOfNew(
  request: AccessCodeRequest,
  isPatient: boolean,
  lock: Lock,
  policy: Policy,
  now: TimeReading,
): Refusal | null {
  return (isPatient || lock.online ? null : OFFLINE) ?? refusalOf(request, undefined, lock, policy, now);
}

/** A code that is asked for without a PIN has none yet: it gets one when the whole document has been judged. */
function created(entry: DesiredEntry, lock: Lock, { foreign, policy, now }: Context): AccessCode {
  if (entry.kind === 'invalid') {
    const { accessCodeId, name, code, message } = entry;
    const request = { ...plainRequest(accessCodeId), name };
    return { ...newCode(request, 'cloud', now.earliest), rejected: { code, message } };
  }
  const { request } = entry;
  const code = newCode(request, 'cloud', now.earliest);
  const isPatient = entry.attemptForOfflineDevice !== false;
  const rejected =
    foreign.refusals.get(request.accessCodeId) ?? refusalOfNew(request, isPatient, lock, policy, now);
  return rejected === null ? code : { ...code, pin: null, rejected };
}
