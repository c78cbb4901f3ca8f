import type { Instant } from './time.ts';

/** Codes of errors and warnings, in the words of the access codes documentation (spec section d). */
export type ErrorCode =
  | 'failed_to_set_on_device'
  | 'failed_to_remove_from_device'
  | 'duplicate_code_on_device'
  | 'no_space_for_access_code_on_device'
  | 'code_modified_external_to_seam'
  | 'code_constraints_violated'
  | 'access_code_state_unconfirmed'
  /** The request itself was refused; `message` says why. Never retried until the document changes. */
  | 'invalid_input'
  | 'duplicate_access_code'
  /** The lock was offline when a code was asked for that was not to wait for it. */
  | 'device_offline';

export type WarningCode =
  /** An offline code has no digits, although its start is near. */
  | 'delay_in_issuing'
  | 'igloo_algopin_must_be_used_within_24_hours'
  | 'delay_in_setting_on_device'
  | 'delay_in_removing_from_device'
  | 'code_modified_external_to_seam'
  | 'being_deleted'
  | 'access_code_inactive'
  | 'using_backup_access_code'
  | 'native_scheduling_refused';

/** What is wrong with a lock as a whole; its codes show it too. */
export type DeviceErrorCode =
  | 'device_offline'
  | 'device_removed'
  | 'missing_device_credentials'
  | 'access_codes_not_supported'
  | 'empty_backup_access_code_pool';

export type DeviceWarningCode =
  | 'partial_backup_access_code_pool'
  | 'many_active_backup_codes'
  | 'max_access_codes_reached'
  | 'low_battery'
  | 'lock_clock_wrong'
  | 'write_budget_exhausted'
  | 'low_security'
  /** Of a keypad that asks the hub: no offline code of the hub's own can be typed there. */
  | 'keypad_sends_few_digits';

export type DeviceProblemCode = DeviceErrorCode | DeviceWarningCode;

/** What some problems tell beside their message. */
export interface ProblemDetails {
  /** Of `duplicate_code_on_device`: the access code that has the same PIN. */
  readonly managedAccessCodeId?: string;
  /** The same, where it is a code that the hub did not put there. */
  readonly unmanagedAccessCodeId?: string;
  /** Of `code_modified_external_to_seam`: what somebody did to the code. */
  readonly changeType?: 'modified' | 'removed';
  /** Of `max_access_codes_reached`: slots in use, and slots there are. */
  readonly activeAccessCodeCount?: number;
  readonly maxActiveAccessCodeCount?: number;
}

/** One error or warning: raised once, kept with its first date until its condition ends. Never holds a PIN. */
export interface Problem<Code extends string> {
  readonly code: Code;
  readonly message: string;
  readonly createdAt: Instant;
  readonly details?: ProblemDetails;
}

export type CodeError = Problem<ErrorCode>;
export type CodeWarning = Problem<WarningCode>;

/** The details in the words of the wire, for messages and events. */
export function detailFields(details: ProblemDetails = {}): Readonly<Record<string, string | number>> {
  const { managedAccessCodeId, unmanagedAccessCodeId, changeType } = details;
  const { activeAccessCodeCount, maxActiveAccessCodeCount } = details;
  return {
    ...(managedAccessCodeId === undefined ? {} : { managed_access_code_id: managedAccessCodeId }),
    ...(unmanagedAccessCodeId === undefined ? {} : { unmanaged_access_code_id: unmanagedAccessCodeId }),
    ...(changeType === undefined ? {} : { change_type: changeType }),
    ...(activeAccessCodeCount === undefined ? {} : { active_access_code_count: activeAccessCodeCount }),
    ...(maxActiveAccessCodeCount === undefined
      ? {}
      : { max_active_access_code_count: maxActiveAccessCodeCount }),
  };
}
