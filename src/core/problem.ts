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
  | 'duplicate_access_code';

export type WarningCode =
  | 'delay_in_setting_on_device'
  | 'delay_in_removing_from_device'
  | 'code_modified_external_to_seam'
  | 'being_deleted'
  | 'access_code_inactive'
  | 'using_backup_access_code'
  | 'native_scheduling_refused';

/** One error or warning: raised once, kept with its first date until its condition ends. Never holds a PIN. */
export interface Problem<Code extends string> {
  readonly code: Code;
  readonly message: string;
  readonly createdAt: Instant;
}

export type CodeError = Problem<ErrorCode>;
export type CodeWarning = Problem<WarningCode>;
