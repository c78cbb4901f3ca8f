import type { Clock } from '../clock.ts';
import { HOUR_MS, MINUTE_MS } from '../core/time.ts';
import type { Outbox, OutboxRow } from '../store/store.ts';
import { MAJOR_VERSION } from './messages/payload.ts';
import type { EventBatch } from './messages/up.ts';

/** Rows looked at for one batch. */
const BATCH_ROWS_MAX = 100;
/** Largest batch, in bytes of JSON; one row alone may be larger. */
const BATCH_BYTES_MAX = 90_000;
/** A cloud that acknowledges, but not this, gets the unacknowledged rows once more. Doubles up to the bound. */
const RESEND_AFTER_MS = MINUTE_MS;
const RESEND_AFTER_MAX_MS = HOUR_MS;

/** Rows on their way to the broker, in one message. */
export interface Batch {
  readonly payload: string;
  readonly throughSeq: number;
}

interface Sent {
  readonly throughSeq: number;
  taken: boolean;
}

/** Reads the outbox in order, and knows what of it has left the hub. */
export class EventStream {
  readonly #outbox: Outbox;
  readonly #clock: Clock;
  #cursor: number;
  #sentThrough: number;
  /** Rows up to here may have reached a broker before, in this process or the one that died. */
  #mayRepeatThrough: number;
  #onTheirWay: Sent[] = [];
  #acked: number;
  #ackedAtMs: number;
  #resends = 0;
  /** The cloud has acknowledged something, were it that it has nothing. */
  #isAcknowledging: boolean;

  constructor(outbox: Outbox, clock: Clock) {
    this.#outbox = outbox;
    this.#clock = clock;
    this.#cursor = Math.max(outbox.published(), outbox.acked());
    this.#sentThrough = this.#cursor;
    this.#mayRepeatThrough = outbox.head();
    this.#acked = outbox.acked();
    this.#ackedAtMs = clock.monotonicMs();
    this.#isAcknowledging = this.#acked > 0;
  }

  /** The cloud has sent an acknowledgement, so it will be held to it. */
  acknowledged(): void {
    this.#isAcknowledging = true;
  }

  /** Highest seq that ever left this hub, as far as it knows. */
  sentThrough(): number {
    return Math.max(this.#sentThrough, this.#outbox.published());
  }

  /** On a new connection: goes on above what a broker has confirmed. */
  restart(): void {
    this.#onTheirWay = [];
    this.#cursor = Math.max(this.#outbox.published(), this.#outbox.acked());
    this.#mayRepeatThrough = Math.max(this.#mayRepeatThrough, this.#sentThrough);
    this.#ackedAtMs = this.#clock.monotonicMs();
  }

  /** Sends what is above this seq once more, as far as it is still there. */
  resend(afterSeq: number): void {
    this.#mayRepeatThrough = Math.max(this.#mayRepeatThrough, this.#sentThrough);
    this.#cursor = Math.min(this.#cursor, Math.max(afterSeq, this.#outbox.acked()));
  }

  /** The next rows to send, which count as sent from now on; `undefined` when all are. */
  next(): Batch | undefined {
    const rows = this.#outbox.after(this.#cursor, BATCH_ROWS_MAX);
    const batch = batchOf(rows, this.#mayRepeatThrough, this.#outbox.epoch);
    if (batch === undefined) return undefined;
    this.#cursor = batch.throughSeq;
    this.#sentThrough = Math.max(this.#sentThrough, batch.throughSeq);
    this.#onTheirWay.push({ throughSeq: batch.throughSeq, taken: false });
    return batch;
  }

  /** The broker has this batch. What is published is remembered in order, so that a gap is never passed over. */
  taken(batch: Batch): void {
    const sent = this.#onTheirWay.find((one) => one.throughSeq === batch.throughSeq && !one.taken);
    if (sent) sent.taken = true;
    let through = 0;
    while (this.#onTheirWay[0]?.taken) through = this.#onTheirWay.shift()?.throughSeq ?? through;
    if (through > this.#outbox.published()) this.#outbox.setPublished(through);
  }

  /**
   * True when the cloud, which has acknowledged before, has been silent for too long about what the broker took:
   * then the stream has been set back to what it did acknowledge. A cloud that never acknowledges gets all once.
   */
  resendWhereDue(): boolean {
    const nowMs = this.#clock.monotonicMs();
    const acked = this.#outbox.acked();
    if (acked > 0) this.#isAcknowledging = true;
    if (acked !== this.#acked || !this.#isAcknowledging || acked >= this.#outbox.published()) {
      this.#acked = acked;
      this.#ackedAtMs = nowMs;
      this.#resends = 0;
      return false;
    }
    const waitMs = Math.min(RESEND_AFTER_MAX_MS, RESEND_AFTER_MS * 2 ** this.#resends);
    if (nowMs - this.#ackedAtMs < waitMs) return false;
    this.#resends += 1;
    this.#ackedAtMs = nowMs;
    this.#cursor = acked;
    this.#mayRepeatThrough = Math.max(this.#mayRepeatThrough, this.#sentThrough);
    return true;
  }
}

/** The longest batch from the first row on that is below the bound and wholly new, or wholly perhaps repeated. */
function batchOf(rows: readonly OutboxRow[], mayRepeatThrough: number, epoch: string): Batch | undefined {
  const first = rows[0];
  if (first === undefined) return undefined;
  const mayRepeat = first.seq <= mayRepeatThrough;
  const events: EventBatch['events'] = [];
  let throughSeq = first.seq;
  let bytes = 0;
  for (const row of rows) {
    const event = { ...row.event, event_id: row.eventId, seq: row.seq };
    bytes += Buffer.byteLength(JSON.stringify(event)) + 1;
    if (events.length > 0 && (bytes > BATCH_BYTES_MAX || row.seq <= mayRepeatThrough !== mayRepeat)) break;
    events.push(event as unknown as EventBatch['events'][number]);
    throughSeq = row.seq;
  }
  const batch: EventBatch = { v: MAJOR_VERSION, epoch, ...(mayRepeat && { may_repeat: true }), events };
  return { payload: JSON.stringify(batch), throughSeq };
}
