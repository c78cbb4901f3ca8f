import { z } from 'zod';

import type { DomainEvent } from '../core/event.ts';
import type { Instant } from '../core/time.ts';
import type { Connection, Statement } from './connection.ts';
import { json, jsonOf, parseRow } from './rows.ts';
import type { EventCursor, EventFilter, EventLog, LoggedEvent } from './store.ts';

const TABLE = 'event_log';
const SELECT = `SELECT seq, created_at, body FROM ${TABLE}`;
/** An event id ends with its seq in so many hexadecimal digits. */
const SEQ_DIGITS = 12;

const eventRow = z.object({
  seq: z.int(),
  created_at: z.number(),
  body: json(z.looseObject({ seq: z.int(), event_id: z.string() })),
});

/** What a filter asks for, as conditions in SQL and the values in them. */
interface Conditions {
  readonly texts: readonly string[];
  readonly values: readonly (string | number)[];
}

/** The newest events, each as it stands in the outbox. Seqs have no gaps, so their distance counts the rows. */
export class EventLogTable implements EventLog {
  readonly #connection: Connection;
  readonly #rowsMax: number;
  readonly #now: (() => Instant) | undefined;
  readonly #insert: Statement;
  readonly #prune: Statement;
  readonly #get: Statement;
  readonly #next: Statement;

  /** Without a clock an event counts as written down when it occurred. */
  constructor(connection: Connection, rowsMax: number, now: (() => Instant) | undefined) {
    this.#connection = connection;
    this.#rowsMax = rowsMax;
    this.#now = now;
    this.#insert = connection.prepare(
      `INSERT INTO ${TABLE} (seq, created_at, event_type, device_id, access_code_id, body) VALUES (?, ?, ?, ?, ?, ?)`,
    );
    this.#prune = connection.prepare(`DELETE FROM ${TABLE} WHERE seq <= ?`);
    this.#get = connection.prepare(`${SELECT} WHERE seq = ?`);
    this.#next = connection.prepare(`
      ${SELECT} WHERE seq > @seq AND (@types IS NULL OR event_type IN (SELECT value FROM json_each(@types)))
      ORDER BY seq LIMIT 1`);
  }

  /** Call inside the transaction that writes it to the outbox, with the same text. */
  add(seq: number, event: DomainEvent, body: string): void {
    const createdAt = this.#now?.() ?? event.occurredAt;
    this.#insert.run(
      seq,
      createdAt,
      event.event_type,
      event.device_id ?? null,
      event.access_code_id ?? null,
      body,
    );
    this.#prune.run(seq - this.#rowsMax);
  }

  get(eventId: string): LoggedEvent | undefined {
    const seq = Number.parseInt(eventId.slice(-SEQ_DIGITS), 16);
    const row = Number.isSafeInteger(seq) ? this.#get.get(seq) : undefined;
    const logged = row === undefined ? undefined : loggedOf(row);
    return logged?.event['event_id'] === eventId ? logged : undefined;
  }

  list(filter: EventFilter, cursor: EventCursor | null, limit: number): readonly LoggedEvent[] {
    const { texts, values } = conditionsOf(filter);
    const isAfter = cursor === null ? [] : ['(created_at, seq) > (?, ?)'];
    const after = cursor === null ? [] : [cursor.createdAt, cursor.seq];
    return this.#select([...texts, ...isAfter], 'created_at, seq', [...values, ...after, limit]);
  }

  newest(filter: EventFilter, limit: number): readonly LoggedEvent[] {
    const { texts, values } = conditionsOf(filter);
    return this.#select(texts, 'created_at DESC, seq DESC', [...values, limit]);
  }

  next(seq: number, eventTypes: readonly string[] | null): LoggedEvent | undefined {
    const row = this.#next.get({ seq, types: eventTypes === null ? null : jsonOf(eventTypes) });
    return row === undefined ? undefined : loggedOf(row);
  }

  #select(
    texts: readonly string[],
    order: string,
    values: readonly (string | number)[],
  ): readonly LoggedEvent[] {
    const where = texts.length === 0 ? '' : `WHERE ${texts.join(' AND ')}`;
    const statement = this.#connection.prepare(`${SELECT} ${where} ORDER BY ${order} LIMIT ?`);
    return statement.all(...values).map(loggedOf);
  }
}

function conditionsOf(filter: EventFilter): Conditions {
  const { since, before, deviceIds, accessCodeIds, eventTypes } = filter;
  const given: readonly (readonly [condition: string, value: string | number | undefined])[] = [
    ['created_at >= ?', since],
    ['created_at < ?', before],
    [isOneOf('device_id'), deviceIds && jsonOf(deviceIds)],
    [isOneOf('access_code_id'), accessCodeIds && jsonOf(accessCodeIds)],
    [isOneOf('event_type'), eventTypes && jsonOf(eventTypes)],
  ];
  const asked = given.flatMap(([text, value]) => (value === undefined ? [] : [{ text, value }]));
  return { texts: asked.map(({ text }) => text), values: asked.map(({ value }) => value) };
}

function isOneOf(column: string): string {
  return `${column} IN (SELECT value FROM json_each(?))`;
}

function loggedOf(row: unknown): LoggedEvent {
  const { seq, created_at, body } = parseRow(eventRow, row, TABLE, ['seq']);
  const { seq: _, ...event } = body;
  return { seq, createdAt: created_at, event };
}
