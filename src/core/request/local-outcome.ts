import type { Step } from '../event.ts';
import type { LockState } from '../lock.ts';
import type { Refusal } from './request.ts';

/** Error types of a request (spec section b), with two of this hub: `cloud_owned` and `device_offline`. */
export type LocalRefusalType =
  | 'invalid_input'
  | 'duplicate_access_code'
  | 'access_code_not_found'
  | 'device_offline'
  | 'cloud_owned';

/** Messages of `invalid_input` begin with the name of the parameter, and none has a PIN in it. */
export type LocalRefusal = {
  readonly kind: 'refused';
  readonly type: LocalRefusalType;
  readonly message: string;
};

/** What came of a local request. */
export type LocalOutcome =
  | { readonly kind: 'taken'; readonly accessCodeId: string; readonly step: Step<LockState> }
  | LocalRefusal;

export function refused(type: LocalRefusalType, message: string): LocalRefusal {
  return { kind: 'refused', type, message };
}

/** What is refused to a document is refused here, in the words of the API. */
export function refusedBy({ code, message }: Refusal): LocalRefusal {
  const isKnown = code === 'duplicate_access_code' || code === 'device_offline';
  return refused(isKnown ? code : 'invalid_input', message);
}
