import { z } from 'zod';

import type { DomainEvent } from '../core/event.ts';
import type { Connection, Statement } from './connection.ts';
import type { EventLogTable } from './event-log-table.ts';
import { WORTH, worthOf, type Worth } from './event-worth.ts';
import type { Meta } from './meta.ts';
import { json, jsonOf, parseRow } from './rows.ts';
import type { Outbox, OutboxBatch, OutboxRow } from './store.ts';

const TABLE = 'outbox';
/** A full outbox gives up this part of its rows at once, so that it isn't searched at every event. */
const SACRIFICE_FRACTION = 1 / 100;

const outboxRow = z.object({ body: json(z.looseObject({ seq: z.int() })) });
const totalRow = z.object({ rows: z.int(), bytes: z.int() });
const seqRow = z.object({ seq: z.int() });
const nextRow = z.object({ seq: z.int().nullable() });
const batchRow = z.object({ json: z.instanceof(Buffer), throughSeq: z.int() });
const lossRow = z.object({
  seq: z.int(),
  body: json(z.object({ count: z.int(), first_seq: z.int(), last_seq: z.int() })),
});

export interface OutboxBounds {
  readonly outboxRowsMax: number;
  /** Of the events' JSON text. */
  readonly outboxBytesMax: number;
}

/** What a full outbox gave up: `count` events between two seqs, both included. */
interface Loss {
  readonly count: number;
  readonly firstSeq: number;
  readonly lastSeq: number;
}

/**
 * The log of events towards the cloud; each event also goes into the one that stays. `AUTOINCREMENT` gives a seq once and never again, and a rollback gives it back, so seqs have
 * no gaps but those that a `hub.events_lost` tells. When nothing but security events is left, the outbox grows past
 * its bounds rather than lose one; the bound of the database file is then the last one.
 */
export class OutboxTable implements Outbox {
  readonly epoch: string;
  readonly #connection: Connection;
  readonly #meta: Meta;
  readonly #bounds: OutboxBounds;
  readonly #log: EventLogTable;
  readonly #insert: Statement;
  readonly #after: Statement;
  readonly #next: Statement;
  readonly #batch: Statement;
  readonly #head: Statement;
  readonly #total: Statement;
  readonly #ack: Statement;
  readonly #sacrifice: Statement;
  readonly #takeLoss: Statement;

  constructor(connection: Connection, meta: Meta, epoch: string, bounds: OutboxBounds, log: EventLogTable) {
    this.epoch = epoch;
    this.#connection = connection;
    this.#meta = meta;
    this.#bounds = bounds;
    this.#log = log;
    this.#insert = connection.prepare(`INSERT INTO ${TABLE} (seq, worth, body) VALUES (?, ?, ?)`);
    this.#after = connection.prepare(`SELECT body FROM ${TABLE} WHERE seq > ? ORDER BY seq LIMIT ?`);
    this.#next = connection.prepare(`SELECT min(seq) AS seq FROM ${TABLE} WHERE seq > ?`);
    // Rows come out of the inner query in order, and are put together as they come.
    this.#batch = connection.prepare(`
      SELECT CAST(group_concat(body, ',') AS BLOB) AS json, max(seq) AS throughSeq
      FROM (SELECT seq, body FROM ${TABLE} WHERE seq BETWEEN ? AND ? ORDER BY seq)`);
    this.#head = connection.prepare(`SELECT seq FROM sqlite_sequence WHERE name = '${TABLE}'`);
    this.#total = connection.prepare('SELECT rows, bytes FROM outbox_total');
    this.#ack = connection.prepare(`DELETE FROM ${TABLE} WHERE seq <= ?`);
    this.#sacrifice = connection.prepare(`
      DELETE FROM ${TABLE} WHERE seq IN (
        SELECT seq FROM ${TABLE} WHERE worth < ${WORTH.security} ORDER BY worth, seq LIMIT ?
      ) RETURNING seq`);
    this.#takeLoss = connection.prepare(
      `DELETE FROM ${TABLE} WHERE worth = ${WORTH.loss} RETURNING seq, body`,
    );
  }

  /** Call inside the transaction of what the events tell. */
  append(events: readonly DomainEvent[]): void {
    for (const event of events) this.#add(worthOf(event.event_type), event);
    const newest = events.at(-1);
    if (newest !== undefined) this.#keepWithinBounds(newest);
  }

  head(): number {
    const row = this.#head.get();
    return row === undefined ? 0 : parseRow(seqRow, row, 'sqlite_sequence', []).seq;
  }

  acked(): number {
    return this.#meta.count('outbox_acked');
  }

  published(): number {
    return this.#meta.count('outbox_published');
  }

  after(afterSeq: number, limit: number): readonly OutboxRow[] {
    return this.#after.all(afterSeq, limit).map((row) => {
      const { seq, ...event } = parseRow(outboxRow, row, TABLE, []).body;
      return { seq, event };
    });
  }

  batch(afterSeq: number, throughSeq: number, rowsMax: number): OutboxBatch | undefined {
    const { seq: first } = parseRow(nextRow, this.#next.get(afterSeq), TABLE, []);
    if (first === null || first > throughSeq) return undefined;
    const row = this.#batch.get(first, Math.min(throughSeq, first + rowsMax - 1));
    return parseRow(batchRow, row, TABLE, []);
  }

  ack(seq: number): number {
    return this.#connection.unsynced(() => {
      const acked = this.acked();
      const upTo = Math.min(seq, this.head());
      if (upTo <= acked) return acked;
      this.#ack.run(upTo);
      this.#meta.set('outbox_acked', upTo);
      return upTo;
    });
  }

  setPublished(seq: number): void {
    this.#connection.unsynced(() => this.#meta.set('outbox_published', seq));
  }

  depth(): number {
    return this.#size().rows;
  }

  #size(): z.output<typeof totalRow> {
    return parseRow(totalRow, this.#total.get(), 'outbox_total', []);
  }

  #keepWithinBounds(newest: DomainEvent): void {
    const { outboxRowsMax, outboxBytesMax } = this.#bounds;
    const size = this.#size();
    if (size.rows <= outboxRowsMax && size.bytes <= outboxBytesMax) return;
    const lostSeqs = this.#sacrificeUntilWithinBounds();
    if (lostSeqs.length === 0) return;
    const loss = this.#mergedWithEarlierLoss({
      count: lostSeqs.length,
      firstSeq: lostSeqs.reduce((least, seq) => Math.min(least, seq)),
      lastSeq: lostSeqs.reduce((most, seq) => Math.max(most, seq)),
    });
    this.#add(WORTH.loss, {
      event_type: 'hub.events_lost',
      occurredAt: newest.occurredAt,
      details: { count: loss.count, first_seq: loss.firstSeq, last_seq: loss.lastSeq },
    });
  }

  #add(worth: Worth, event: DomainEvent): void {
    const seq = this.head() + 1;
    const body = bodyOf(event, seq, this.epoch);
    this.#insert.run(seq, worth, body);
    this.#log.add(seq, event, body);
  }

  /** Ends because each turn deletes a row or is the last. Leaves room for the row that tells the loss. */
  #sacrificeUntilWithinBounds(): readonly number[] {
    const { outboxRowsMax, outboxBytesMax } = this.#bounds;
    const lost: number[] = [];
    for (;;) {
      const { rows, bytes } = this.#size();
      if (rows < outboxRowsMax && bytes <= outboxBytesMax) return lost;
      const batch = this.#sacrifice.all(Math.max(1, Math.floor(rows * SACRIFICE_FRACTION)));
      if (batch.length === 0) return lost;
      for (const row of batch) lost.push(parseRow(seqRow, row, TABLE, ['seq']).seq);
    }
  }

  /** Every loss that the cloud has not acknowledged is told by one event, or these would fill the outbox in turn. */
  #mergedWithEarlierLoss(loss: Loss): Loss {
    let merged = loss;
    for (const row of this.#takeLoss.all()) {
      const { seq, body } = parseRow(lossRow, row, TABLE, ['seq']);
      merged = {
        count: merged.count + body.count,
        firstSeq: Math.min(merged.firstSeq, body.first_seq),
        lastSeq: Math.max(merged.lastSeq, body.last_seq, seq),
      };
    }
    return merged;
  }
}

/** The event as it goes out. */
function bodyOf(event: DomainEvent, seq: number, epoch: string): string {
  return jsonOf({
    seq,
    event_id: eventIdOf(epoch, seq),
    event_type: event.event_type,
    occurred_at: new Date(event.occurredAt).toISOString(),
    device_id: event.device_id,
    access_code_id: event.access_code_id,
    ...event.details,
  });
}

/** A UUID of version 8 (RFC 9562): most of the random digits of the epoch, then the seq. */
function eventIdOf(epoch: string, seq: number): string {
  return `${epoch.slice(0, 14)}8${epoch.slice(15, 24)}${seq.toString(16).padStart(12, '0')}`;
}
