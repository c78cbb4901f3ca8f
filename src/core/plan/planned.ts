import type { Operation } from '../operation.ts';
import type { Instant } from '../time.ts';

/** Why an operation is planned; data first, sentences elsewhere. */
export type Reason =
  | 'window_ended_or_deleted'
  | 'not_yet_due'
  | 'should_be_on_lock'
  | 'armed_ahead'
  | 'edited_at_the_lock'
  | 'content_unknown'
  | 'lock_clock_not_set'
  | 'lock_clock_check'
  | 'gives_way_to_another_code'
  | 'audit'
  | 'self_test';

/** Order of work on one lock: what must go, goes first (decision 16). */
export type Priority = 'remove' | 'set' | 'preload' | 'look';

export interface PlannedOperation {
  readonly operation: Operation;
  /** The code it serves; `null` when it only looks. A slot that is written is kept for the code from then on. */
  readonly accessCodeId: string | null;
  /** The wish it serves: the same text for every write that the same wish of the same code asks for. */
  readonly wish: string;
  readonly priority: Priority;
  readonly reason: Reason;
}

/** An operation that only asks, as one text: what failed last is told from the others by it. `null` for one that writes. */
export function lookOf(operation: Operation): string | null {
  switch (operation.kind) {
    case 'read_slot':
      return `${operation.kind} ${operation.slot}`;
    case 'set_clock':
    case 'read_clock':
    case 'compare_checksum':
      return operation.kind;
    case 'set_pin':
    case 'clear_slot':
    case 'set_schedule':
    case 'clear_schedule':
      return null;
  }
}

/** Why a code that should be on the lock gets no operation. */
export interface Blocked {
  readonly accessCodeId: string;
  readonly because:
    | 'retry_later'
    | 'refused_by_lock'
    | 'no_space'
    | 'duplicate_on_lock'
    | 'hub_clock_uncertain'
    | 'write_budget_spent';
  /** The slot that holds the same PIN, where that is the reason. */
  readonly slot: number | null;
  /** When it is tried again, where the hub waits for a time. */
  readonly until: Instant | null;
}
