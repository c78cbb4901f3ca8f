import type { AccessCode } from '../access-code.ts';
import type { Capabilities } from '../capability.ts';
import type { IssueRefusalReason, OfflineIssue } from '../offline/issue.ts';
import type { ErrorCode, Problem, WarningCode } from '../problem.ts';
import { DAY_MS } from '../time.ts';

/** A problem that holds now, whenever it began. */
type Found<Code extends string> = Omit<Problem<Code>, 'createdAt'>;

/** Failures in a row after which one is no hiccup: half a minute. */
const FAILURES_TILL_ERROR = 6;

/** What is wrong with the issuing of an offline code; `null`: nothing, or nothing that is not just a moment's. */
export function issueError(code: AccessCode): Found<ErrorCode> | null {
  const { issue, failures } = code;
  if (issue === null || issue.trouble === null) return null;
  const { reason, message } = issue.trouble;
  // Without internet a code waits for it, and is late only when its start is near, which is a warning.
  if (issue.state !== 'refused' && (failures < FAILURES_TILL_ERROR || reason === 'no_internet')) return null;
  return { code: issue.state === 'refused' ? errorCodeOf(issue) : 'failed_to_set_on_device', message };
}

function errorCodeOf({ trouble }: OfflineIssue): ErrorCode {
  const reason = trouble?.reason as IssueRefusalReason | undefined;
  if (reason === 'quota_reached') return 'no_space_for_access_code_on_device';
  return reason === 'duplicate_pin' ? 'duplicate_code_on_device' : 'failed_to_set_on_device';
}

/** `isOverdue`: its window is open. */
export function issueWarnings(
  code: AccessCode,
  capabilities: Capabilities | null,
  isOverdue: boolean,
): readonly Found<WarningCode>[] {
  const { issue, status, failures } = code;
  if (issue === null) return [];
  if (issue.state === 'issued') {
    const { kind, startsAt, endsAt } = issue.window;
    const isLong = kind !== 'one_time' && endsAt - startsAt > DAY_MS;
    if (!isLong || capabilities?.offline?.vendor !== 'igloohome') return [];
    const message = 'The code must first be used within 24 hours of its start, or it never opens.';
    return [{ code: 'igloo_algopin_must_be_used_within_24_hours', message }];
  }
  if (status !== 'setting') return [];
  const found: Found<WarningCode>[] = [];
  if (failures > 0 || issue.state === 'refused' || isOverdue) {
    const message = 'The start of the code is near, and it has no digits yet.';
    found.push({ code: 'delay_in_issuing', message });
  }
  if (isOverdue) {
    const message = 'The window of the code is open, and it has no digits yet.';
    found.push({ code: 'delay_in_setting_on_device', message });
  }
  return found;
}
