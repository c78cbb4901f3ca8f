import { z } from 'zod';

import type { Connection, Statement } from './connection.ts';
import { blob, flag, flagOf, json, jsonOf, jsonOrNull, parseRow } from './rows.ts';
import { unreadable, type Place, type Seal } from './seal.ts';
import type { EventLog, Outbox, Webhook, WebhookProgress, Webhooks } from './store.ts';

const TABLE = 'webhooks';

const idRow = z.object({ webhook_id: z.string() });
const webhookRow = z.object({
  webhook_id: z.string(),
  url: z.string(),
  event_types: json(z.array(z.string()).nullable()),
  secret: blob,
  created_at: z.number(),
  through_seq: z.int(),
  retry: json(z.object({ seq: z.int(), attempts: z.int(), at: z.number() })).nullable(),
  is_failing: flag,
});

/** What a webhook's place in the events is found by. */
interface Logs {
  readonly events: Pick<EventLog, 'next'>;
  readonly outbox: Pick<Outbox, 'head'>;
}

/** Webhooks by their id, their secrets sealed. */
export class WebhookTable implements Webhooks {
  readonly #connection: Connection;
  readonly #seal: Seal;
  readonly #logs: Logs;
  readonly #onChange: () => void;
  readonly #ids: Statement;
  readonly #list: Statement;
  readonly #get: Statement;
  readonly #insert: Statement;
  readonly #change: Statement;
  readonly #delete: Statement;
  readonly #advance: Statement;

  /** `onChange` is called when there are others than before, or with another receiver or other types. */
  constructor(connection: Connection, seal: Seal, logs: Logs, onChange: () => void) {
    this.#connection = connection;
    this.#seal = seal;
    this.#logs = logs;
    this.#onChange = onChange;
    this.#ids = connection.prepare(`SELECT webhook_id FROM ${TABLE} ORDER BY created_at, webhook_id`);
    this.#list = connection.prepare(`SELECT * FROM ${TABLE} ORDER BY created_at, webhook_id`);
    this.#get = connection.prepare(`SELECT * FROM ${TABLE} WHERE webhook_id = ?`);
    this.#insert = connection.prepare(`
      INSERT INTO ${TABLE} (webhook_id, url, event_types, secret, created_at, through_seq)
      VALUES (?, ?, ?, ?, ?, ?)`);
    this.#change = connection.prepare(`
      UPDATE ${TABLE} SET url = ?, event_types = ?, through_seq = ?, retry = NULL, is_failing = 0
      WHERE webhook_id = ?`);
    this.#delete = connection.prepare(`DELETE FROM ${TABLE} WHERE webhook_id = ?`);
    this.#advance = connection.prepare(
      `UPDATE ${TABLE} SET through_seq = ?, retry = ?, is_failing = ? WHERE webhook_id = ?`,
    );
  }

  ids(): readonly string[] {
    return this.#ids.all().map((row) => parseRow(idRow, row, TABLE, []).webhook_id);
  }

  list(): readonly Webhook[] {
    return this.#list.all().map((row) => this.#webhookOf(row));
  }

  get(webhookId: string): Webhook | undefined {
    const row = this.#get.get(webhookId);
    return row === undefined ? undefined : this.#webhookOf(row);
  }

  add({ webhookId, url, eventTypes, secret, createdAt }: Parameters<Webhooks['add']>[0]): void {
    const sealed = this.#seal.seal(secret, placeOf(webhookId));
    this.#insert.run(webhookId, url, jsonOf(eventTypes), sealed, createdAt, this.#logs.outbox.head());
    this.#onChange();
  }

  change(webhookId: string, to: Parameters<Webhooks['change']>[1]): boolean {
    const webhook = this.get(webhookId);
    if (webhook === undefined) return false;
    const { url, eventTypes } = { ...webhook, ...to };
    this.#change.run(url, jsonOf(eventTypes), this.#doneThrough(webhook), webhookId);
    this.#onChange();
    return true;
  }

  delete(webhookId: string): boolean {
    const isGone = this.#delete.run(webhookId).changes > 0;
    if (isGone) this.#onChange();
    return isGone;
  }

  advance(webhookId: string, { throughSeq, retry, isFailing }: WebhookProgress): void {
    this.#connection.unsynced(() =>
      this.#advance.run(throughSeq, jsonOrNull(retry), flagOf(isFailing), webhookId),
    );
  }

  /** What was not asked for so far is done with, although it is written down only when something is sent. */
  #doneThrough({ throughSeq, eventTypes }: Webhook): number {
    const next = this.#logs.events.next(throughSeq, eventTypes);
    return next === undefined ? this.#logs.outbox.head() : next.seq - 1;
  }

  #webhookOf(row: unknown): Webhook {
    const parsed = parseRow(webhookRow, row, TABLE, ['webhook_id']);
    const place = placeOf(parsed.webhook_id);
    const secret = this.#seal.open(parsed.secret, place);
    if (secret === undefined) throw unreadable(place, 'secret does not open');
    return {
      webhookId: parsed.webhook_id,
      url: parsed.url,
      eventTypes: parsed.event_types,
      secret,
      createdAt: parsed.created_at,
      throughSeq: parsed.through_seq,
      retry: parsed.retry,
      isFailing: parsed.is_failing,
    };
  }
}

function placeOf(webhookId: string): Place {
  return { table: TABLE, column: 'secret', id: [webhookId] };
}
