import { z } from 'zod';
import type { CloudDatabase } from './database.ts';
import type { CloudEvent } from './up-message.ts';

/** Acknowledged events that are kept, to compare one that comes again with. */
const ACKNOWLEDGED_KEPT_MAX = 100_000;

const eventSchema = z.looseObject({
  seq: z.int(),
  event_id: z.string(),
  event_type: z.string(),
  occurred_at: z.string(),
});
const lossSchema = z.object({ last_seq: z.int() });

/** One log of events: of one hub, and one database of that hub (`epoch`). Call inside a transaction. */
export class EventLog {
  readonly epoch: string;
  readonly #key: readonly [hubId: string, epoch: string];
  readonly #received;
  readonly #setReceived;
  readonly #body;
  readonly #range;
  readonly #next;
  readonly #highest;
  readonly #seqOf;
  readonly #keep;
  readonly #lose;
  readonly #loss;
  readonly #prune;

  constructor(database: CloudDatabase, hubId: string, epoch: string) {
    this.epoch = epoch;
    this.#key = [hubId, epoch];
    const own = 'hub_id = ? AND epoch = ?';
    this.#received = database.prepare(`SELECT received FROM logs WHERE ${own}`).pluck();
    this.#setReceived = database.prepare('INSERT OR REPLACE INTO logs VALUES (?, ?, ?)');
    this.#body = database.prepare(`SELECT body FROM events WHERE ${own} AND seq = ?`).pluck();
    this.#range = database
      .prepare(`SELECT body FROM events WHERE ${own} AND seq > ? AND seq <= ? ORDER BY seq`)
      .pluck();
    this.#next = database.prepare(`SELECT min(seq) FROM events WHERE ${own} AND seq > ?`).pluck();
    this.#highest = database.prepare(`SELECT max(seq) FROM events WHERE ${own}`).pluck();
    this.#seqOf = database.prepare('SELECT seq FROM events WHERE hub_id = ? AND event_id = ?').pluck();
    this.#keep = database.prepare('INSERT INTO events VALUES (?, ?, ?, ?, ?)');
    this.#lose = database.prepare('INSERT INTO losses VALUES (?, ?, ?, ?)');
    this.#loss = database.prepare(
      `SELECT max(last_seq) AS last_seq FROM losses WHERE ${own} AND first_seq <= ? AND last_seq >= ?
       HAVING max(last_seq) IS NOT NULL`,
    );
    this.#prune = database.prepare(`DELETE FROM events WHERE ${own} AND seq <= ?`);
  }

  /** Highest seq below which nothing is missing that can still come. */
  received(): number {
    return countOf(this.#received.get(...this.#key));
  }

  /** Everything up to `seq` counts as received from now on. */
  setReceived(seq: number): void {
    this.#setReceived.run(...this.#key, seq);
  }

  /** Highest seq that has arrived. */
  highest(): number {
    return Math.max(this.received(), countOf(this.#highest.get(...this.#key)));
  }

  /** The event as text; `undefined`: it never came, or so long ago that it is no longer kept. */
  textOf(seq: number): string | undefined {
    const body = this.#body.get(...this.#key, seq);
    return typeof body === 'string' ? body : undefined;
  }

  /** The seq of the event with this id. */
  seqOf(eventId: string): number | undefined {
    const seq = this.#seqOf.get(this.#key[0], eventId);
    return typeof seq === 'number' ? seq : undefined;
  }

  keep(event: CloudEvent, text: string): void {
    this.#keep.run(...this.#key, event.seq, event.event_id, text);
  }

  /** The hub gave these up, so they will never come. */
  lose(firstSeq: number, lastSeq: number): void {
    this.#lose.run(...this.#key, firstSeq, lastSeq);
  }

  /** Goes on as far as nothing is missing, and answers the events of that way. */
  advance(): readonly CloudEvent[] {
    const before = this.received();
    let through = before;
    for (;;) {
      const next = this.#nextAfter(through);
      if (next === undefined) break;
      through = next;
    }
    if (through === before) return [];
    this.setReceived(through);
    const events = this.after(before, through);
    this.#prune.run(...this.#key, through - ACKNOWLEDGED_KEPT_MAX);
    return events;
  }

  /** Events above `seq` and up to `through`. */
  after(seq: number, through: number): readonly CloudEvent[] {
    const bodies = this.#range.all(...this.#key, seq, through);
    return bodies.map((body) => eventSchema.parse(JSON.parse(String(body))));
  }

  /** The next seq that is there or lost; `undefined` where one is missing, or none has come. */
  #nextAfter(seq: number): number | undefined {
    const next = this.#next.get(...this.#key, seq);
    if (next === seq + 1) return seq + 1;
    const loss = this.#loss.get(...this.#key, seq + 1, seq + 1);
    if (loss === undefined) return undefined;
    const { last_seq: lastSeq } = lossSchema.parse(loss);
    return typeof next === 'number' ? Math.min(next - 1, lastSeq) : lastSeq;
  }
}

function countOf(value: unknown): number {
  return typeof value === 'number' ? value : 0;
}
