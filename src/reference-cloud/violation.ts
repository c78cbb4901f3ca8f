/** How a hub breaks the contract. */
export type ViolationKind =
  /** No message of the contract: bytes, fields or topic. */
  | 'not_in_contract'
  /** Events between two others are missing, and nothing on the way could have lost them. */
  | 'gap'
  /** A batch does not ascend. */
  | 'events_out_of_order'
  /** A seq came again with another event. */
  | 'event_changed'
  /** A seq came again in a batch without `may_repeat`, and nothing on the way doubles. */
  | 'repeat_unmarked'
  /** Two seqs have one `event_id`. */
  | 'event_id_reused'
  /** The hub forgot events that this cloud never acknowledged. */
  | 'events_forgotten'
  /** The log ends below what was already received of it. */
  | 'log_shortened'
  /** The hub has another database than before. */
  | 'epoch_changed'
  /** Generation and version of a document that the hub says it has are lower than before. */
  | 'version_back'
  /** More is applied than was received. */
  | 'applied_too_much'
  /** The digest is not the one of the report. */
  | 'digest_wrong'
  /** A command that had come to its end has another end. */
  | 'result_changed';

export interface Violation {
  readonly kind: ViolationKind;
  /** One sentence for a person; never with a payload in it. */
  readonly message: string;
}

/**
 * What may happen to messages without the hub being at fault. The fewer of these, the stricter the check: a test whose
 * broker keeps order and loses nothing allows nothing.
 */
export interface Allowances {
  readonly loss: boolean;
  readonly doubling: boolean;
  readonly reordering: boolean;
  /** The hub's outbox may have been full, so that events are missing until `hub.events_lost` says which. */
  readonly fullOutbox: boolean;
  /** Another cloud may have acknowledged events before this one began to listen. */
  readonly lateStart: boolean;
}

/** A broker of which nothing is known, and a hub that has lived before. */
export const ANYTHING: Allowances = {
  loss: true,
  doubling: true,
  reordering: true,
  fullOutbox: true,
  lateStart: true,
};
