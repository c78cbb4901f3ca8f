import type { AccessCode } from '../core/access-code.ts';
import type { DeviceProblems } from '../core/problems/device-problems.ts';
import { detailFields, type CodeError, type Problem } from '../core/problem.ts';
import type { ErrorObject, WarningObject } from './access-code.ts';
import { notedText } from './instant-text.ts';

/**
 * What is wrong with a code: its own errors, and those of its lock that concern it. One that was rejected because its
 * lock was offline says so once, in its own words.
 */
export function codeErrors(code: AccessCode, device: readonly ErrorObject[]): ErrorObject[] {
  const own = code.errors.map(ownError);
  const { rejected } = code;
  // A rejected request shows its reason, whether or not the planner has raised it as an error by now.
  if (rejected !== null && !code.errors.some((error) => error.code === rejected.code)) {
    own.push(ownError({ ...rejected, createdAt: code.createdAt }));
  }
  const said = new Set(own.map((error) => error.error_code));
  return [...own, ...device.filter((error) => concerns(error, code) && !said.has(error.error_code))];
}

export function codeWarnings(code: AccessCode): WarningObject[] {
  return code.warnings.map(warningOf);
}

/** The errors of a lock. `isRadioUp` is false while the hub can't reach any lock of its radio. */
export function deviceErrors(problems: DeviceProblems, isRadioUp: boolean): ErrorObject[] {
  const errors = problems.errors.map(deviceError);
  if (isRadioUp) return errors;
  const message = 'The radio of the hub does not answer, so nobody knows what the lock does.';
  // A radio that goes takes its locks with it. One that was never there since the start has no such date.
  const lost = errors.find((error) => error.error_code === 'device_offline')?.created_at;
  const since = lost === undefined ? {} : { created_at: lost };
  return [...errors, { error_code: 'hub_disconnected', message, ...since, is_device_error: true }];
}

export function deviceWarnings(problems: DeviceProblems): WarningObject[] {
  return problems.warnings.map(warningOf);
}

/** A missing backup code is only the business of codes that ask for the pool. */
function concerns(error: ErrorObject, code: AccessCode): boolean {
  return error.error_code !== 'empty_backup_access_code_pool' || code.useBackupPool;
}

function ownError(error: CodeError): ErrorObject {
  return { error_code: error.code, ...shape(error), is_access_code_error: true };
}

function deviceError(error: Problem<string>): ErrorObject {
  return { error_code: error.code, ...shape(error), is_device_error: true };
}

function warningOf(warning: Problem<string>): WarningObject {
  return { warning_code: warning.code, ...shape(warning) };
}

function shape({ message, createdAt, details }: Problem<string>) {
  return { message, created_at: notedText(createdAt), ...detailFields(details) };
}
