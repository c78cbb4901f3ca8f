import type { Clock } from '../clock.ts';
import { HOUR_MS, MINUTE_MS } from '../core/time.ts';
import type { Outbox, OutboxBatch } from '../store/store.ts';
import { MAJOR_VERSION } from './messages/payload.ts';

/** Rows looked at for one batch. */
const BATCH_ROWS_MAX = 100;
/** Largest batch, in bytes of JSON; one row alone may be larger. */
const BATCH_BYTES_MAX = 90_000;
/** A cloud that acknowledges, but not this, gets the unacknowledged rows once more. Doubles up to the bound. */
const RESEND_AFTER_MS = MINUTE_MS;
const RESEND_AFTER_MAX_MS = HOUR_MS;
/** While rows are on their way, what became of those before them is written down only once in so many. */
const UNKEPT_ROWS_MAX = 1000;

const TAIL = Buffer.from(']}');

/** Rows on their way to the broker, in one message. */
export interface Batch {
  /** An `EventBatch` as JSON. */
  readonly payload: Buffer;
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
  /** The broker has all rows up to here. */
  #takenThrough: number;
  /** Highest seq that ever left this hub, as far as it knows. */
  #sentThrough: number;
  /** Rows up to here may have reached a broker before, in this process or the one that died. */
  #mayRepeatThrough: number;
  #onTheirWay: Sent[] = [];
  /** The cloud has all rows up to here. */
  #ackedThrough: number;
  #seenAcked: number;
  #ackedAtMs: number;
  #resends = 0;
  /** The cloud has acknowledged something, were it that it has nothing. */
  #isAcknowledging: boolean;

  constructor(outbox: Outbox, clock: Clock) {
    this.#outbox = outbox;
    this.#clock = clock;
    this.#takenThrough = outbox.published();
    this.#ackedThrough = outbox.acked();
    this.#cursor = Math.max(this.#takenThrough, this.#ackedThrough);
    this.#sentThrough = this.#cursor;
    this.#mayRepeatThrough = outbox.head();
    this.#seenAcked = this.#ackedThrough;
    this.#ackedAtMs = clock.monotonicMs();
    this.#isAcknowledging = this.#ackedThrough > 0;
  }

  /**
   * The cloud has all up to this seq, were it 0, so it will be held to it. Rows that never left the hub can't have
   * arrived: a wrong acknowledgement must not delete them.
   */
  acknowledged(seq: number): void {
    this.#isAcknowledging = true;
    this.#ackedThrough = Math.max(this.#ackedThrough, Math.min(seq, this.#sentThrough));
    this.#keepWhereDue();
  }

  /** On a new connection: goes on above what a broker has confirmed. */
  restart(): void {
    this.#onTheirWay = [];
    this.#keepWhereDue();
    this.#cursor = Math.max(this.#takenThrough, this.#ackedThrough);
    this.#mayRepeatThrough = Math.max(this.#mayRepeatThrough, this.#sentThrough);
    this.#ackedAtMs = this.#clock.monotonicMs();
  }

  /** Sends what is above this seq once more, as far as it is still there. */
  resend(afterSeq: number): void {
    this.#mayRepeatThrough = Math.max(this.#mayRepeatThrough, this.#sentThrough);
    this.#cursor = Math.min(this.#cursor, Math.max(afterSeq, this.#ackedThrough));
  }

  /** The next rows to send, which count as sent from now on; `undefined` when all are. */
  next(): Batch | undefined {
    const { epoch } = this.#outbox;
    // A batch is wholly new, or wholly perhaps repeated.
    const repeated = this.#cursor < this.#mayRepeatThrough ? this.#read(this.#mayRepeatThrough) : undefined;
    const rows = repeated ?? this.#read(Number.MAX_SAFE_INTEGER);
    if (rows === undefined) return undefined;
    const { throughSeq, json } = rows;
    this.#cursor = throughSeq;
    this.#sentThrough = Math.max(this.#sentThrough, throughSeq);
    this.#onTheirWay.push({ throughSeq, taken: false });
    const mark = repeated ? '"may_repeat":true,' : '';
    const head = `{"v":${MAJOR_VERSION},"epoch":"${epoch}",${mark}"events":[`;
    return { payload: Buffer.concat([Buffer.from(head), json, TAIL]), throughSeq };
  }

  /** So many rows that they are below the bound: half as many, until they are. */
  #read(throughSeq: number): OutboxBatch | undefined {
    for (let rowsMax = BATCH_ROWS_MAX; ; rowsMax = Math.ceil(rowsMax / 2)) {
      const rows = this.#outbox.batch(this.#cursor, throughSeq, rowsMax);
      if (rows === undefined || rowsMax === 1 || rows.json.byteLength <= BATCH_BYTES_MAX) return rows;
    }
  }

  /** The broker has this batch. What is published is remembered in order, so that a gap is never passed over. */
  taken(batch: Batch): void {
    const sent = this.#onTheirWay.find((one) => one.throughSeq === batch.throughSeq && !one.taken);
    if (sent) sent.taken = true;
    let through = 0;
    while (this.#onTheirWay[0]?.taken) through = this.#onTheirWay.shift()?.throughSeq ?? through;
    this.#takenThrough = Math.max(this.#takenThrough, through);
    this.#keepWhereDue();
  }

  /** A hub that dies before sends some rows again, marked as such, and is told again that they have arrived. */
  #keepWhereDue(): void {
    const outbox = this.#outbox;
    const unkeptRowsMax = this.#onTheirWay.length > 0 ? UNKEPT_ROWS_MAX : 0;
    if (this.#takenThrough - outbox.published() > unkeptRowsMax) outbox.setPublished(this.#takenThrough);
    if (this.#ackedThrough - outbox.acked() > unkeptRowsMax) outbox.ack(this.#ackedThrough);
  }

  /**
   * True when the cloud, which has acknowledged before, has been silent for too long about what the broker took:
   * then the stream has been set back to what it did acknowledge. A cloud that never acknowledges gets all once.
   */
  resendWhereDue(): boolean {
    const nowMs = this.#clock.monotonicMs();
    const acked = this.#ackedThrough;
    if (acked !== this.#seenAcked || !this.#isAcknowledging || acked >= this.#takenThrough) {
      this.#seenAcked = acked;
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
