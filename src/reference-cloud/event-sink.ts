import { z } from 'zod';
import type { Result } from '../cloud/messages/command.ts';
import { commandResults } from '../cloud/messages/command-results.ts';
import type { EventBatch, Hello } from '../cloud/messages/up.ts';
import type { EventLog } from './event-log.ts';
import type { Ledger } from './ledger.ts';
import type { CloudEvent } from './up-message.ts';
import type { Allowances, ViolationKind } from './violation.ts';

const lossSchema = z.object({
  event_type: z.literal('hub.events_lost'),
  first_seq: z.int().positive(),
  last_seq: z.int().positive(),
});

type Violated = (kind: ViolationKind, message: string) => void;

/** Takes the event log of one hub: each event once and in order, whatever comes twice, late or not at all. */
export class EventSink {
  readonly #ledger: Ledger;
  readonly #allows: Allowances;
  readonly #violated: Violated;

  constructor(ledger: Ledger, allows: Allowances, violated: Violated) {
    this.#ledger = ledger;
    this.#allows = allows;
    this.#violated = violated;
  }

  /** What a new connection says of the log. Answers the events whose turn has come. */
  hello(outbox: Hello['outbox']): readonly CloudEvent[] {
    const log = this.#begin(outbox.epoch);
    // A batch of this connection may have come before its hello, but for a broker that keeps order.
    if (outbox.head < log.highest() && !this.#allows.reordering) {
      this.#violated('log_shortened', `The log ended at ${log.highest()} and now ends at ${outbox.head}.`);
    }
    return this.#forgotten(outbox.acked, log);
  }

  /** What the hub says of its log when it is asked for events. Answers the events whose turn has come. */
  resent(result: Result): readonly CloudEvent[] {
    const log = this.#ledger.log();
    const acked = commandResults.resend_events.safeParse(result.result).data?.acked_seq;
    return log === undefined || acked === undefined ? [] : this.#forgotten(acked, log);
  }

  /** Answers the events whose turn has come. */
  take(batch: EventBatch): readonly CloudEvent[] {
    const current = this.#ledger.log();
    const isLate = current !== undefined && batch.epoch !== current.epoch && this.#mayBeLate(batch);
    const log = isLate ? this.#ledger.logOf(batch.epoch) : this.#begin(batch.epoch);
    this.#checkOrder(batch, log);
    for (const event of batch.events) {
      const text = JSON.stringify(event);
      if (this.#isNew(event, text, batch, log)) this.#keep(event, text, log);
    }
    return log.advance();
  }

  /** Of the log of a database that the hub had before. */
  #mayBeLate({ epoch }: EventBatch): boolean {
    return (this.#allows.reordering || this.#allows.doubling) && this.#ledger.knowsLog(epoch);
  }

  /** What was acknowledged, the hub has forgotten: it will never come. */
  #forgotten(acked: number, log: EventLog): readonly CloudEvent[] {
    const received = log.received();
    if (acked <= received) return [];
    if (!this.#allows.lateStart || received > 0) {
      this.#violated('events_forgotten', `Events from ${received + 1} to ${acked} are gone.`);
    }
    log.setReceived(acked);
    return log.advance();
  }

  #begin(epoch: string): EventLog {
    const current = this.#ledger.log();
    if (current?.epoch === epoch) return current;
    if (current !== undefined) {
      this.#violated('epoch_changed', `The log was ${current.epoch} and is now ${epoch}.`);
    }
    return this.#ledger.beginLog(epoch);
  }

  #checkOrder({ events }: EventBatch, log: EventLog): void {
    const { loss, reordering, fullOutbox } = this.#allows;
    let before = loss || reordering ? undefined : log.highest();
    for (const { seq } of events) {
      if (before !== undefined && seq > before + 1 && !fullOutbox) {
        this.#violated('gap', `Event ${seq} follows ${before}.`);
      }
      before = seq;
    }
    const isUnordered = events.some(({ seq }, index) => seq <= (events[index - 1]?.seq ?? 0));
    if (isUnordered) this.#violated('events_out_of_order', 'The events of a batch do not ascend.');
  }

  #isNew(event: CloudEvent, text: string, batch: EventBatch, log: EventLog): boolean {
    const { seq } = event;
    const known = log.textOf(seq);
    if (known === undefined && seq > log.received()) return true;
    // Acknowledged long ago, or given up by the hub while it was under way: nothing to compare it with.
    if (known === undefined) return false;
    if (known !== text) {
      this.#violated('event_changed', `Event ${seq} came again, and different.`);
    } else if (batch.may_repeat !== true && !this.#allows.doubling) {
      this.#violated('repeat_unmarked', `Event ${seq} came again, unmarked.`);
    }
    return false;
  }

  #keep(event: CloudEvent, text: string, log: EventLog): void {
    const other = log.seqOf(event.event_id);
    if (other !== undefined) {
      this.#violated('event_id_reused', `Events ${other} and ${event.seq} have one id.`);
      // It counts as received all the same, or the log would stand still for ever.
      return log.lose(event.seq, event.seq);
    }
    log.keep(event, text);
    const loss = lossSchema.safeParse(event);
    if (loss.success) log.lose(loss.data.first_seq, loss.data.last_seq);
  }
}
