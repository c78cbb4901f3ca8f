import type { AccessCode } from '../access-code.ts';
import type { Step } from '../event.ts';
import type { OfflineIssue, OfflineIssueOutcome } from './issue.ts';
import { issuedRetryAt, LONGEST_ISSUE_WAIT_MS } from './issue-retry.ts';
import type { LockState, Policy } from '../lock.ts';
import type { Pin } from '../pin.ts';
import { awaitsIssue } from '../request/offline.ts';
import { advance } from '../settle/advance.ts';
import type { Instant, TimeReading } from '../time.ts';
import { withCode } from '../with.ts';

/** An offline code whose issuer is to be asked, now or later. */
export type Unissued = AccessCode & { readonly issue: OfflineIssue };

/** When the issuer is to be asked for a code; `null`: never. A time too far ahead was told by a clock that was wrong. */
export function issueDueAt(code: AccessCode, now: TimeReading): Instant | null {
  if (!isUnissued(code) || code.issue.window.endsAt <= now.earliest) return null;
  const at = code.retryAt ?? now.earliest;
  return at - now.earliest > LONGEST_ISSUE_WAIT_MS ? now.earliest : at;
}

/** Its issuer has not issued it, and may yet do so. */
export function isUnissued(code: AccessCode): code is Unissued {
  if (code.issue === null || code.removingSince !== null) return false;
  // What somebody may mend at the vendor or in the config is asked for again.
  return awaitsIssue(code) || (code.issue.state === 'refused' && code.retryAt !== null);
}

/** What made the issuer of a lock refuse is mended: what it refused and may issue yet is to be asked for at once. */
export function withIssuesDue(state: LockState, now: TimeReading): LockState {
  return state.codes
    .filter((code) => isUnissued(code) && code.retryAt !== null)
    .reduce(
      (next, { accessCodeId }) =>
        withCode(next, accessCodeId, (code) => ({ ...code, retryAt: now.earliest })),
      state,
    );
}

/** Noted before the issuer is asked: from then on the digits may be out, whatever is heard of them. */
export function withIssueAsked(state: LockState, accessCodeId: string): LockState {
  return withCode(state, accessCodeId, (code) =>
    code.issue === null || code.issue.state === 'asked'
      ? code
      : { ...code, issue: { ...code.issue, state: 'asked' } },
  );
}

/** Takes in what an issuer said of a code. One that is gone meanwhile changes nothing. */
export function settleIssue(
  state: LockState,
  accessCodeId: string,
  outcome: OfflineIssueOutcome,
  policy: Policy,
  now: TimeReading,
): Step<LockState> {
  const next = withCode(state, accessCodeId, (code) =>
    isUnissued(code) ? settled(code, state, outcome, now) : code,
  );
  return advance(next, policy, now);
}

function settled(
  code: Unissued,
  state: LockState,
  outcome: OfflineIssueOutcome,
  now: TimeReading,
): AccessCode {
  const { issue, accessCodeId } = code;
  switch (outcome.kind) {
    case 'issued': {
      if (isTaken(outcome.pin, code, state)) {
        const message =
          'The issuer answered the digits of another code of this lock. Ask for another window.';
        return refused(code, { reason: 'duplicate_pin', message }, null);
      }
      const { pin, reference } = outcome;
      return {
        ...code,
        pin,
        failures: 0,
        retryAt: null,
        issue: { ...issue, state: 'issued', trouble: null, reference },
      };
    }
    case 'retry': {
      const { reason, message } = outcome;
      const failures = code.failures + 1;
      const again = issuedRetryAt(outcome, failures, accessCodeId, now.earliest);
      return { ...code, failures, retryAt: again, issue: { ...issue, trouble: { reason, message } } };
    }
    case 'refused': {
      const { reason, message } = outcome;
      const isFinal = reason === 'quota_reached' || reason === 'window_refused';
      return refused(code, { reason, message }, isFinal ? null : now.earliest + LONGEST_ISSUE_WAIT_MS);
    }
  }
}

function refused(code: Unissued, trouble: OfflineIssue['trouble'], again: Instant | null): AccessCode {
  return {
    ...code,
    failures: code.failures + 1,
    retryAt: again,
    issue: { ...code.issue, state: 'refused', trouble },
  };
}

/** Another code of the lock has these digits while this one is open. */
function isTaken(pin: Pin, { accessCodeId, issue: { window } }: Unissued, { codes }: LockState): boolean {
  return codes.some(
    (other) =>
      other.accessCodeId !== accessCodeId &&
      other.pin?.equals(pin) === true &&
      (other.startsAt ?? 0) < window.endsAt &&
      window.startsAt < (other.endsAt ?? Infinity),
  );
}
