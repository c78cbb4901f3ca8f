import { isTimeBound, type AccessCode, type AccessCodeRequest, type WeeklyWindow } from '../access-code.ts';
import { pinViolations, requestViolations } from './constraints.ts';
import type { Lock, Policy } from '../lock.ts';
import { offlineRefusal } from './offline.ts';
import type { Pin } from '../pin.ts';
import type { ErrorCode } from '../problem.ts';
import type { TimeReading } from '../time.ts';
import { windowAt } from '../timing/weekly.ts';

/** Most uses a limit may allow. */
const USES_MAX = 1000;

/** Why a request is not taken. */
export interface Refusal {
  readonly code: ErrorCode;
  readonly message: string;
}

/**
 * What is wrong with a request by itself: its times (decision 6), its limits, or a PIN or name this lock does not
 * take. `previous` is the code as it was accepted before; what it has already is not held against it.
 */
export function refusalOf(
  request: AccessCodeRequest,
  previous: AccessCode | undefined,
  lock: Lock,
  policy: Policy,
  now: TimeReading,
): Refusal | null {
  return (
    offlineRefusal(request, lock, now) ??
    timeRefusal(request, policy, now) ??
    limitRefusal(request) ??
    constraintRefusal(request, previous, lock, now)
  );
}

/** The rules of this lock that a PIN breaks, as one message for people; never shows its digits. */
export function pinRefusal(pin: Pin, lock: Lock): Refusal | null {
  const violations = pinViolations(pin.reveal(), lock);
  if (violations.length === 0) return null;
  return { code: 'code_constraints_violated', message: `code: ${violations.join(', and ')}.` };
}

/** Something of it was taken at some time; a code that was refused from the start has neither PIN nor hope of one. */
export function wasAccepted(code: Pick<AccessCode, 'pin' | 'isPinDrawn' | 'rejected'>): boolean {
  return code.pin !== null || code.isPinDrawn || code.rejected === null;
}

/** The request asks for nothing that the code is not already. One without a PIN is content with the PIN there is. */
export function sameRequest(code: AccessCode, request: AccessCodeRequest): boolean {
  return (
    wasAccepted(code) &&
    (request.pin === null || code.pin?.equals(request.pin) === true) &&
    code.name === request.name &&
    code.preferredCodeLength === request.preferredCodeLength &&
    code.commonCodeKey === request.commonCodeKey &&
    sameTimes(code, request) &&
    sameOffline(code, request) &&
    code.preferNativeScheduling === request.preferNativeScheduling &&
    code.allowExternalModification === request.allowExternalModification &&
    code.strictStart === request.strictStart &&
    code.useBackupPool === request.useBackupPool &&
    code.maxUses === request.maxUses &&
    sameWindows(code.weeklyWindows, request.weeklyWindows)
  );
}

/** The times that were asked for, which of an offline code are not always those that it has. */
function sameTimes(code: AccessCode, { startsAt, endsAt }: AccessCodeRequest): boolean {
  const asked = code.issue?.asked ?? code;
  return asked.startsAt === startsAt && asked.endsAt === endsAt;
}

function sameOffline({ offline: a }: AccessCode, { offline: b }: AccessCodeRequest): boolean {
  if (a === null || b === null) return a === b;
  return a.isOneTimeUse === b.isOneTimeUse && a.maxRoundingMs === b.maxRoundingMs;
}

/** The same windows in the same order, or none on both sides. */
export function sameWindows(a: readonly WeeklyWindow[] | null, b: readonly WeeklyWindow[] | null): boolean {
  if (a === null || b === null) return a === b;
  return (
    a.length === b.length &&
    a.every(({ days, start, stop }, index) => {
      const other = b[index];
      return other?.start === start && other.stop === stop && other.days.join() === days.join();
    })
  );
}

function timeRefusal(request: AccessCodeRequest, policy: Policy, now: TimeReading): Refusal | null {
  const { startsAt, endsAt, weeklyWindows } = request;
  if (endsAt !== null && startsAt === null) return invalid('ends_at: needs starts_at as well.');
  if (endsAt !== null && startsAt !== null && endsAt <= startsAt) {
    return invalid('ends_at: must be after starts_at.');
  }
  if (endsAt !== null && endsAt <= now.earliest) return invalid('ends_at: is in the past.');
  if (weeklyWindows === null) return null;
  if (weeklyWindows.length === 0 || weeklyWindows.some(({ days }) => days.length === 0)) {
    return invalid('weekly_windows: each needs a day, and at least one window is needed.');
  }
  const first = windowAt(request, policy.timezone, startsAt ?? now.earliest);
  if (endsAt !== null && (first.startsAt ?? endsAt) >= endsAt) {
    return invalid('weekly_windows: none of them opens between starts_at and ends_at.');
  }
  return null;
}

function limitRefusal(request: AccessCodeRequest): Refusal | null {
  const { maxUses } = request;
  if (maxUses !== null && !(Number.isInteger(maxUses) && maxUses >= 1 && maxUses <= USES_MAX)) {
    return invalid(`max_uses: must be a whole number from 1 to ${USES_MAX}.`);
  }
  if (request.useBackupPool && !isTimeBound(request)) {
    return invalid('use_backup_access_code_pool: is for codes with starts_at and ends_at.');
  }
  return null;
}

function constraintRefusal(
  request: AccessCodeRequest,
  previous: AccessCode | undefined,
  lock: Lock,
  now: TimeReading,
): Refusal | null {
  const { pin, name } = request;
  const choosesPin = pin !== null && previous?.pin?.equals(pin) !== true;
  const isNewStart = isTimeBound(request) && request.startsAt !== previous?.startsAt;
  const newStart = isNewStart ? request.startsAt : null;
  const [violation] = requestViolations({ name, newStart, choosesPin }, lock, now.earliest);
  if (violation !== undefined) return { code: 'code_constraints_violated', message: violation };
  return choosesPin ? pinRefusal(pin, lock) : null;
}

function invalid(message: string): Refusal {
  return { code: 'invalid_input', message };
}
