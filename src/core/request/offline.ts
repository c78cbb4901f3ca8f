import type { AccessCode, AccessCodeRequest } from '../access-code.ts';
import { userSlotCount } from '../capability.ts';
import { instantText } from '../instant-text.ts';
import type { Lock } from '../lock.ts';
import { fixedRefusal } from '../offline/fixed.ts';
import { roundedWindow } from '../offline/round.ts';
import type { OfflineAnswer, OfflineRules, OfflineWindow } from '../offline/window.ts';
import type { Refusal } from './request.ts';
import type { TimeReading } from '../time.ts';

/** The window that an issuer takes for an offline code, or why it takes none. */
function offlineAnswer(
  { startsAt, endsAt, offline }: Pick<AccessCodeRequest, 'startsAt' | 'endsAt' | 'offline'>,
  rules: OfflineRules,
): OfflineAnswer {
  if (offline === null) throw new Error('Only offline codes are issued.');
  return roundedWindow({ startsAt, endsAt, ...offline, rounding: 'nearest' }, rules);
}

/** Why an offline code is not taken, or an ordinary one by a lock that takes none. */
export function offlineRefusal(request: AccessCodeRequest, lock: Lock, now: TimeReading): Refusal | null {
  const { capabilities } = lock;
  if (capabilities?.isKeypad === true) return invalid(OF_KEYPAD);
  if (request.offline === null) {
    const takesNoOther =
      capabilities !== null && capabilities.offline !== null && userSlotCount(capabilities) === 0;
    return takesNoOther ? invalid('is_offline_access_code: this lock takes offline codes only.') : null;
  }
  const strange = strangeField(request);
  if (strange !== null) return invalid(strange);
  // Before the lock was met nobody knows its rules: the window is judged then.
  if (capabilities === null) return null;
  if (capabilities.offline === null) {
    return invalid('is_offline_access_code: this lock takes no offline codes. Ask for a code without it.');
  }
  const answer = offlineAnswer(request, capabilities.offline.rules);
  if (!answer.ok) return invalid(answer.refusal.message);
  const { endsAt } = answer.window;
  return endsAt > now.earliest ? null : invalid(`ends_at: is in the past, ${instantText(endsAt)}.`);
}

/** Where nothing but the window of an offline code is refused: the nearest that the lock takes. `null`: there is none. */
export function nearestWindow(request: AccessCodeRequest, { capabilities }: Lock): OfflineWindow | null {
  if (request.offline === null || capabilities?.offline == null || strangeField(request) !== null)
    return null;
  const answer = offlineAnswer(request, capabilities.offline.rules);
  return answer.ok ? null : answer.refusal.nearest;
}

const OF_KEYPAD = 'device_id: is a keypad, which keeps no codes. Ask for them at the lock that it opens.';

/** A field that has no meaning where nothing is sent to the lock. */
function strangeField(request: AccessCodeRequest): string | null {
  if (request.pin !== null) return fixedRefusal({ kind: 'choose_pin' });
  if (request.commonCodeKey !== null) return ofOthers('common_code_key');
  if (request.useBackupPool) return ofOthers('use_backup_access_code_pool');
  if (request.weeklyWindows !== null) return ofOthers('weekly_windows');
  return request.maxUses === null ? null : `${ofOthers('max_uses')} Ask for is_one_time_use instead.`;
}

function ofOthers(field: string): string {
  return `${field}: must be left out, offline codes have none.`;
}

/**
 * The code with the window that it is issued for, once its lock was met, or rejected where there is none. The same code
 * where that is settled already.
 */
export function withWindow(code: AccessCode, lock: Lock, now: TimeReading): AccessCode {
  const { startsAt, endsAt } = code;
  if (code.offline === null || code.issue !== null || !isTaken(code)) return code;
  if (lock.capabilities === null || code.removingSince !== null) return code;
  const rejected = offlineRefusal(code, lock, now);
  if (rejected !== null) return { ...code, rejected, isPinDrawn: false };
  const answer = lock.capabilities.offline && offlineAnswer(code, lock.capabilities.offline.rules);
  if (answer?.ok !== true || startsAt === null) throw new Error('What was not refused has a window.');
  const { window } = answer;
  return {
    ...code,
    startsAt: window.startsAt,
    endsAt: window.endsAt,
    issue: { window, asked: { startsAt, endsAt }, state: 'waiting', trouble: null, reference: null },
  };
}

/** An offline code that has no digits yet and is to get some. */
export function awaitsIssue(code: AccessCode): boolean {
  const { offline, pin, issue, removingSince } = code;
  if (offline === null || pin !== null || removingSince !== null) return false;
  return isTaken(code) && issue?.state !== 'refused';
}

/** It was accepted, whatever became of later requests for it. */
function isTaken({ isPinDrawn, rejected }: AccessCode): boolean {
  return isPinDrawn || rejected === null;
}

/** Its digits may be out, so that it opens until its end, whatever anybody asks for. */
function isFixed({ offline, issue }: AccessCode): boolean {
  return offline !== null && (issue?.state === 'asked' || issue?.state === 'issued');
}

/** Why a change to a code is not taken that is an offline one, or is to become one; `null`: neither. */
export function changeRefusal(
  code: Pick<AccessCode, 'offline'>,
  request: Pick<AccessCodeRequest, 'offline'>,
): Refusal | null {
  return code.offline === null && request.offline === null ? null : invalid(fixedRefusal({ kind: 'update' }));
}

/** Why a code can't be deleted now; `null`: it can. */
export function deletionRefusal(code: AccessCode): Refusal | null {
  const { endsAt, removingSince } = code;
  if (!isFixed(code) || endsAt === null || removingSince !== null) return null;
  return invalid(fixedRefusal({ kind: 'delete', endsAt }));
}

function invalid(message: string): Refusal {
  return { code: 'invalid_input', message };
}
