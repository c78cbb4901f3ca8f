import { isTimeBound, type AccessCode, type AccessCodeStatus } from '../core/access-code.ts';
import { slotOf } from '../core/plan/assign.ts';
import { deviceProblemsOf } from '../core/problems/device-problems.ts';
import type { LockState, Policy } from '../core/lock.ts';
import {
  displayStatus,
  pendingMutations,
  type PendingMutation,
  type TimeFrame,
} from '../core/problems/mutations.ts';
import type { Pin } from '../core/pin.ts';
import { isBackupAvailable, poolStatus, type PoolStatus } from '../core/request/pool.ts';
import { wasAccepted } from '../core/request/request.ts';
import type { Instant, TimeReading } from '../core/time.ts';
import type { UnmanagedAccessCode } from '../core/request/unmanaged.ts';
import type {
  AccessCodeObject,
  ErrorObject,
  PublicAccessCode,
  PublicUnmanagedCode,
  UnmanagedCodeObject,
  WarningObject,
} from './access-code.ts';
import { instantText, notedText } from './instant-text.ts';
import { codeErrors, codeWarnings, deviceErrors, deviceWarnings } from './problems.ts';

/** What is shown of a lock depends on more than its state. */
export interface ViewContext {
  readonly policy: Policy;
  readonly now: TimeReading;
  /** The radio of this lock answers. The core knows locks and no radios, so whoever shows a lock says it. */
  readonly isRadioUp: boolean;
}

/** One lock as it is shown: what all its codes share is worked out once. */
export interface View extends ViewContext {
  readonly state: LockState;
  readonly errors: readonly ErrorObject[];
  readonly warnings: readonly WarningObject[];
  readonly pool: PoolStatus;
}

export function viewOf(state: LockState, context: ViewContext): View {
  const problems = deviceProblemsOf(state, context.policy, context.now);
  return {
    ...context,
    state,
    errors: deviceErrors(problems, context.isRadioUp),
    warnings: deviceWarnings(problems),
    pool: poolStatus(state, context.policy),
  };
}

/** A managed code without its PIN: what may leave the building. */
export function publicAccessCodeOf(code: AccessCode, view: View): PublicAccessCode {
  const { state, policy, now, pool } = view;
  const status = shownStatus(code, view);
  return {
    access_code_id: code.accessCodeId,
    device_id: state.lock.deviceId,
    type: isTimeBound(code) ? 'time_bound' : 'ongoing',
    created_at: notedText(code.createdAt),
    errors: codeErrors(code, view.errors),
    warnings: codeWarnings(code),
    starts_at: instantText(code.startsAt),
    ends_at: instantText(shownEnd(code)),
    name: code.name,
    status,
    display_status: displayStatus(code, status, now),
    common_code_key: code.commonCodeKey,
    is_managed: true,
    is_waiting_for_code_assignment: code.pin === null && wasAccepted(code) ? true : null,
    is_scheduled_on_device: isTimeBound(code) && !code.isBackup ? code.isScheduledOnDevice : null,
    pulled_backup_access_code_id: code.pulledBackupId,
    is_backup_access_code_available: pool.ready > 0 && isBackupAvailable(state, code),
    is_backup: code.isBackup ? true : null,
    // No lock that this hub drives keeps a name beside a PIN.
    appearance: null,
    is_external_modification_allowed: code.allowExternalModification,
    is_offline_access_code: code.offline !== null,
    is_one_time_use: code.offline?.isOneTimeUse ?? false,
    pending_mutations: pendingMutations(code, state, policy, now).map(mutationOf),
    origin: code.origin,
    strict_start: code.strictStart,
    weekly_windows:
      code.weeklyWindows?.map(({ days, start, stop }) => ({ days: [...days], start, end: stop })) ?? null,
    max_uses: code.maxUses,
    uses: code.uses,
  };
}

/** The page that this hub follows shows no end of a one-time code for which none was asked. */
function shownEnd({ endsAt, issue }: AccessCode): Instant | null {
  return issue?.window.kind === 'one_time' && issue.asked.endsAt === null ? null : endsAt;
}

/** The same with its PINs, for the local API only: never to be logged or sent to the cloud. */
export function accessCodeOf(code: AccessCode, view: View): AccessCodeObject {
  const { pending_mutations, ...shown } = publicAccessCodeOf(code, view);
  const held = code.slot === null ? undefined : slotOf(view.state, code.slot).content;
  const from = { code: digitsOf(held?.kind === 'pin' ? held.pin : null) };
  const to = { code: digitsOf(code.pin) };
  return {
    ...shown,
    code: to.code,
    pending_mutations: pending_mutations.map((mutation) =>
      mutation.mutation_code === 'updating_code' ? { ...mutation, from, to } : mutation,
    ),
  };
}

/** A code that the hub did not put on the lock, without its PIN. */
export function publicUnmanagedCodeOf(
  code: UnmanagedAccessCode,
  { state, errors }: View,
): PublicUnmanagedCode {
  const removal = state.codes.find((other) => other.accessCodeId === code.accessCodeId);
  return {
    access_code_id: code.accessCodeId,
    device_id: state.lock.deviceId,
    type: 'ongoing',
    created_at: notedText(code.since),
    errors: removal === undefined ? [...errors] : codeErrors(removal, errors),
    warnings: removal === undefined ? [] : codeWarnings(removal),
    starts_at: null,
    ends_at: null,
    name: null,
    status: code.status,
    display_status: code.removingSince === null ? 'Not managed' : 'Removing',
    is_managed: false,
    ...(code.cannotBeManaged ? { cannot_be_managed: true } : {}),
  };
}

/** The same with its PIN, where the lock shows it; for the local API only. */
export function unmanagedCodeOf(code: UnmanagedAccessCode, view: View): UnmanagedCodeObject {
  return { ...publicUnmanagedCodeOf(code, view), code: digitsOf(code.pin) };
}

/**
 * While the radio is gone nobody can tell what a lock does with a code that is on it or on its way (decision 9). The
 * stored status stays what it was, so that nothing has to be found out again when the radio is back.
 */
function shownStatus(code: AccessCode, { isRadioUp }: View): AccessCodeStatus {
  const isOnItsWay = code.status === 'setting' || code.status === 'removing' || code.slot !== null;
  return isRadioUp || !isOnItsWay ? code.status : 'unknown';
}

function mutationOf(mutation: PendingMutation): PublicAccessCode['pending_mutations'][number] {
  const shown = { created_at: notedText(mutation.since), message: mutation.message };
  switch (mutation.kind) {
    case 'creating':
    case 'deleting':
    case 'updating_code':
      return { mutation_code: mutation.kind, ...shown };
    case 'deferring_creation':
      return { mutation_code: mutation.kind, ...shown, scheduled_at: notedText(mutation.scheduledAt) };
    case 'updating_name':
      return {
        mutation_code: mutation.kind,
        ...shown,
        from: { name: mutation.from },
        to: { name: mutation.to },
      };
    case 'updating_time_frame':
      return {
        mutation_code: mutation.kind,
        ...shown,
        from: frameOf(mutation.from),
        to: frameOf(mutation.to),
      };
  }
}

function frameOf({ startsAt, endsAt }: TimeFrame): { starts_at: string | null; ends_at: string | null } {
  return { starts_at: instantText(startsAt), ends_at: instantText(endsAt) };
}

function digitsOf(pin: Pin | null): string | null {
  return pin === null ? null : pin.reveal();
}
