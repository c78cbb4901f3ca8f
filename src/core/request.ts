import type { AccessCode, AccessCodeRequest } from './access-code.ts';
import type { LockState, Policy } from './lock.ts';
import type { ErrorCode } from './problem.ts';
import { onLockFrom } from './strategy.ts';
import type { TimeReading } from './time.ts';

/** Why a request is not taken. */
export interface Refusal {
  readonly code: ErrorCode;
  readonly message: string;
}

/** What is wrong with a request by itself: its window (decision 6), or a PIN this lock does not take. */
export function refusalOf(request: AccessCodeRequest, state: LockState, now: TimeReading): Refusal | null {
  const { startsAt, endsAt } = request;
  if (endsAt !== null && startsAt === null) return invalid('ends_at: needs starts_at as well.');
  if (endsAt !== null && startsAt !== null && endsAt <= startsAt) {
    return invalid('ends_at: must be after starts_at.');
  }
  if (endsAt !== null && endsAt <= now.earliest) return invalid('ends_at: is in the past.');
  const lengths = state.lock.capabilities?.pinLength;
  if (lengths === undefined || request.pin === null) return null;
  if (request.pin.length >= lengths.min && request.pin.length <= lengths.max) return null;
  const message = `code: this lock takes ${lengths.min} to ${lengths.max} digits.`;
  return { code: 'code_constraints_violated', message };
}

function invalid(message: string): Refusal {
  return { code: 'invalid_input', message };
}

/**
 * The same PIN may be on one lock twice only at times that do not overlap there (decision 7). A PIN in a slot that
 * is not ours is there at all times.
 */
export function duplicateRefusal(code: AccessCode, state: LockState, policy: Policy): Refusal | null {
  const { pin } = code;
  if (pin === null || code.removingSince !== null) return null;
  const asked = timesOnLock(code, state, policy);
  const rival = state.codes.find(
    (other) =>
      other.accessCodeId !== code.accessCodeId &&
      other.removingSince === null &&
      other.pin?.equals(pin) === true &&
      overlap(asked, timesOnLock(other, state, policy)),
  );
  if (rival !== undefined) {
    const label = rival.name === null ? rival.accessCodeId : `"${rival.name}" (${rival.accessCodeId})`;
    return { code: 'duplicate_access_code', message: `code: access code ${label} has the same PIN then.` };
  }
  const foreign = state.slots.find(
    (row) => row.owner === null && row.content.kind === 'pin' && row.content.pin.equals(pin),
  );
  if (foreign === undefined) return null;
  const message = `code: slot ${foreign.slot} of the lock has the same PIN and is not managed by this hub.`;
  return { code: 'duplicate_access_code', message };
}

type Times = readonly [from: number, to: number];

/** The time a code spends on the lock: its window and what it is put on ahead. */
function timesOnLock(code: AccessCode, state: LockState, policy: Policy): Times {
  return [
    onLockFrom(code, state.lock, policy) ?? Number.NEGATIVE_INFINITY,
    code.endsAt ?? Number.POSITIVE_INFINITY,
  ];
}

function overlap(a: Times, b: Times): boolean {
  return a[0] < b[1] && b[0] < a[1];
}
