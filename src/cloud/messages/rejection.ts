/** Why a message, or a part of one, was not taken. The words of `reason` in the event `hub.message_rejected`. */
export type RejectReason =
  | 'unsupported_topic'
  | 'wrong_device_id'
  | 'retained'
  | 'too_large'
  | 'not_utf8'
  | 'not_json'
  | 'unknown_version'
  | 'invalid_message'
  | 'too_many_codes'
  | 'too_many_devices'
  /** One entry of a desired document names no code, so nothing can be reported about it; the rest is taken. */
  | 'entry_without_id'
  /** One entry of a desired document names a code that an earlier one named; the rest is taken. */
  | 'duplicate_entry'
  /** One tombstone of a desired document is no id; the rest is taken. */
  | 'tombstone_without_id'
  | 'stale_document'
  | 'wrong_epoch'
  /** Taking it failed again and again inside the hub. */
  | 'hub_fault';

/** A parsed value, or why there is none. */
export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly reason: RejectReason };

export function rejected(reason: RejectReason): { readonly ok: false; readonly reason: RejectReason } {
  return { ok: false, reason };
}
