import type { Command, CommandOutcome } from '../core/command.ts';
import type { DomainEvent } from '../core/event.ts';
import type { LockState } from '../core/lock.ts';
import type { Measured } from '../core/measured.ts';
import type { Operation } from '../core/operation.ts';
import type { Pin } from '../core/pin.ts';
import type { Scope } from '../core/scope.ts';
import type { Tenant } from '../core/observe/tenure.ts';
import type { Instant } from '../core/time.ts';
import type { LockIdentity, RadioStorage } from '../lock-driver.ts';

/** One row of the outbox, to be looked into. */
export interface OutboxRow {
  readonly seq: number;
  /** `event_id`, `event_type`, `occurred_at` (ISO 8601), ids and details at top level. */
  readonly event: Readonly<Record<string, unknown>>;
}

/** Some rows of the outbox, ready to be sent. */
export interface OutboxBatch {
  /** The events as JSON in UTF-8, each with its `seq`, in order and with commas between them. */
  readonly json: Uint8Array;
  readonly throughSeq: number;
}

/** The durable log of events towards the cloud (rule 4 of the MQTT contract). */
export interface Outbox {
  /** Identity of this database: a UUID made with it. */
  readonly epoch: string;
  /** Highest seq written, 0 before the first. */
  head(): number;
  /** Highest seq the cloud has acknowledged; rows up to it are deleted. */
  acked(): number;
  /** Highest seq that a broker has taken (PUBACK); kept over restarts. */
  published(): number;
  /** Rows above `afterSeq`, ascending, at most `limit`. */
  after(afterSeq: number, limit: number): readonly OutboxRow[];
  /**
   * At most `rowsMax` rows above `afterSeq` and up to `throughSeq`; `undefined` where there are none. They are not
   * looked into, which is a fraction of the work: thousands of them leave in a row.
   */
  batch(afterSeq: number, throughSeq: number, rowsMax: number): OutboxBatch | undefined;
  /**
   * Deletes rows up to `seq`, never above the head. Returns the new acknowledged seq. Unsynced: a power cut may bring
   * the rows back, and then they are sent and acknowledged once more.
   */
  ack(seq: number): number;
  /** Unsynced: after a power cut some rows may be sent once more, marked as such. */
  setPublished(seq: number): void;
  /** Rows that wait to be acknowledged. */
  depth(): number;
}

/** An event as it was written down. */
export interface LoggedEvent {
  /** The same as in the outbox. */
  readonly seq: number;
  /** When the hub wrote it down; what a lock tells late occurred earlier. */
  readonly createdAt: Instant;
  /** As in the outbox. */
  readonly event: Readonly<Record<string, unknown>>;
}

/** Which events: all that is given must hold. A list asks for one of its values. */
export interface EventFilter {
  /** Written down then or later. */
  readonly since?: Instant | undefined;
  /** Written down before. */
  readonly before?: Instant | undefined;
  readonly deviceIds?: readonly string[] | undefined;
  readonly accessCodeIds?: readonly string[] | undefined;
  readonly eventTypes?: readonly string[] | undefined;
}

/** Where a list of events goes on: after this one. */
export type EventCursor = Pick<LoggedEvent, 'createdAt' | 'seq'>;

/**
 * Events to be read on the hub itself, whatever of them the cloud has acknowledged or a full outbox has given up: the
 * newest 100,000.
 */
export interface EventLog {
  get(eventId: string): LoggedEvent | undefined;
  /** In the order in which they were written down, by the clock of the hub; at most `limit` after `cursor`. */
  list(filter: EventFilter, cursor: EventCursor | null, limit: number): readonly LoggedEvent[];
  /** The newest first. */
  newest(filter: EventFilter, limit: number): readonly LoggedEvent[];
  /** The first event above `seq` of one of these types (`null`: of any), whatever clocks did. */
  next(seq: number, eventTypes: readonly string[] | null): LoggedEvent | undefined;
}

/** Where events are sent on the local network, and how far that has come. */
export interface Webhook {
  readonly webhookId: string;
  readonly url: string;
  /** `null`: all. */
  readonly eventTypes: readonly string[] | null;
  /** `whsec_` and the key in base64. Sealed in the database. */
  readonly secret: string;
  readonly createdAt: Instant;
  /** Events up to this seq are done with: taken, given up, or not asked for. */
  readonly throughSeq: number;
  /** What was tried last and not taken; `null`: nothing waits to be tried again. */
  readonly retry: WebhookRetry | null;
  /** An event was given up, and none was taken since. */
  readonly isFailing: boolean;
}

/** An event that a receiver has not taken yet. */
export interface WebhookRetry {
  readonly seq: number;
  /** How often it was tried, at least 1. */
  readonly attempts: number;
  /** When it is tried again, by the clock of the hub. */
  readonly at: Instant;
}

/** How far a webhook has come. */
export type WebhookProgress = Pick<Webhook, 'throughSeq' | 'retry' | 'isFailing'>;

/** The webhooks of this hub. Call `add`, `change` and `delete` inside a transaction. */
export interface Webhooks {
  ids(): readonly string[];
  /** Oldest first. */
  list(): readonly Webhook[];
  get(webhookId: string): Webhook | undefined;
  /** A new one, for the events from now on. Its id must not be known. */
  add(webhook: Pick<Webhook, 'webhookId' | 'url' | 'eventTypes' | 'secret' | 'createdAt'>): void;
  /**
   * Other receiver or types, and what waits to be tried again is tried at once. Types that are
   * new begin with what has not been sent yet. False: there is no such webhook.
   */
  change(webhookId: string, to: Partial<Pick<Webhook, 'url' | 'eventTypes'>>): boolean;
  /** False: there is none. */
  delete(webhookId: string): boolean;
  /** Unsynced: after a power cut an event may be sent once more. Nothing happens to one that is gone. */
  advance(webhookId: string, progress: WebhookProgress): void;
}

/** An operation that was begun and whose result was never settled: the hub died in between. */
export interface OpenOperation {
  readonly operationId: number;
  readonly deviceId: string;
  readonly kind: Operation['kind'];
  readonly slot: number | null;
}

/** An operation as it was begun and settled. */
export interface PastOperation {
  readonly operationId: number;
  readonly kind: Operation['kind'];
  readonly slot: number | null;
  readonly accessCodeId: string | null;
  readonly begunAt: Instant;
  /** Kind of its outcome, and when it came; both `null` while it is under way. */
  readonly outcome: string | null;
  readonly settledAt: Instant | null;
}

/** A time in which a slot held one code. */
export interface Tenure extends Tenant {
  readonly slot: number;
  readonly from: Instant;
  /** `null`: it does still. */
  readonly till: Instant | null;
}

/** What was known of a code that is deleted. */
export interface FormerCode {
  readonly name: string | null;
  readonly startsAt: Instant | null;
  readonly endsAt: Instant | null;
  readonly createdAt: Instant;
  /** `null`: nobody knows. */
  readonly deletedAt: Instant | null;
}

/** What one lock has been through, as far back as it is kept. */
export interface History {
  /** The newest first. */
  operations(deviceId: string, limit: number): readonly PastOperation[];
  /** Which codes were in its slots at some time between these two; the newest `limit`, ascending. */
  tenures(deviceId: string, from: Instant, to: Instant, limit: number): readonly Tenure[];
  /** The last one that had this id. */
  formerCode(deviceId: string, accessCodeId: string): FormerCode | undefined;
  /** Ascending; the newest 1000 are kept. */
  measurements(deviceId: string): readonly Measured[];
  lastMeasured(deviceId: string): Measured | undefined;
  /** Keeps a measurement. Unsynced: a power cut may lose it. */
  measure(deviceId: string, measured: Measured): void;
}

/** One-shot wishes and what came of them (rule 5 of the MQTT contract). */
export interface CommandLog {
  get(commandId: string): Command | undefined;
  /** A new one; its id must not be known. Call inside a transaction, like `settle` and `tellAgain`. */
  add(command: Command): void;
  /** Changes the outcome of one that is open, and has it told. A settled one stays what it is. */
  settle(commandId: string, to: CommandOutcome, at: Instant): void;
  /** Open ones that this lock has to be spoken to for (`null`: no lock alone), oldest first. */
  open(deviceId: string | null, limit: number): readonly Command[];
  openCount(): number;
  /** Those for this lock (`null`: all), open or not, newest first; at most `limit` before the one with this id. */
  newest(deviceId: string | null, beforeId: string | null, limit: number): readonly Command[];
  /** Those whose outcome no broker has yet, oldest outcome first. */
  untold(limit: number): readonly Command[];
  /** A broker has this outcome. If it has changed since, it is still to be told. Unsynced: it may be told twice. */
  told(command: Command): void;
  /** Its outcome is to be told once more. */
  tellAgain(commandId: string): void;
  /** Drops settled ones that were received before then, oldest first and a few at a time. */
  forgetBefore(at: Instant): void;
}

/** The hub's own secrets, sealed by the key file. */
export interface Secrets {
  get(name: string): string | undefined;
  set(name: string, value: string): void;
}

/** All of them. */
export interface AllSecrets extends Secrets {
  /** Throws `StoreError` where one of them does not open. */
  prove(): void;
}

/** A key of the local API, without its text: that is shown once, when it is made. */
export interface ApiKey {
  readonly keyId: string;
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly createdAt: Instant;
  /** To the minute; `null` until it is first used. */
  readonly lastUsedAt: Instant | null;
}

/** Who may use the local API. Another process may make and revoke keys at any time; that counts at once. */
export interface ApiKeys {
  /** A new key and its text, which nobody can read again. `undefined`: the name is taken, or there are too many. */
  create(
    name: string,
    scopes: readonly Scope[],
    at: Instant,
  ): { readonly key: ApiKey; readonly text: string } | undefined;
  /** The key with this text, unless it was never made or is revoked. */
  find(text: string): ApiKey | undefined;
  list(): readonly ApiKey[];
  /** False when there is no key of this name. */
  revoke(name: string): boolean;
  /** Notes that a key was used. Unsynced: a power cut may forget it. */
  used(key: ApiKey, at: Instant): void;
}

/** Codes that let a person log in at the page once, within minutes. */
export interface LoginCodes {
  create(at: Instant): string;
  /** True for a code that is open, which it is not any more. */
  redeem(code: string, at: Instant): boolean;
}

/** How often an operation of one kind ended in one way since the store was opened. */
export interface OperationCount {
  readonly kind: Operation['kind'];
  readonly outcome: string;
  readonly count: number;
}

/** What a commit changed. */
export interface Change {
  readonly deviceIds: readonly string[];
  readonly events: boolean;
  /** The outcome of a command. */
  readonly commands: boolean;
  /** A webhook is new, gone, or another than before. */
  readonly webhooks: boolean;
}

/**
 * Everything durable. All calls are synchronous and committed with `synchronous=FULL` when they return, unless
 * they run inside `transaction`, which commits them together. The few that say `unsynced` are on the disk with the next
 * one that is not: a process that dies loses none of them, a power cut may lose the last.
 */
export interface Store {
  transaction<T>(work: () => T): T;
  deviceIds(): readonly string[];
  /** One lock with its codes and slots; reads no other lock's rows. `undefined` for an unknown device. */
  lockState(deviceId: string): LockState | undefined;
  /**
   * Whose code a slot held at `at`, for what a lock tells late; `undefined` when it held none or nobody knows. Follows
   * from the slots and codes that were committed.
   */
  tenantAt(deviceId: string, slot: number, at: Instant): Tenant | undefined;
  /**
   * Writes what differs between two states of one lock (rows are compared by reference) and appends the events to
   * the outbox, in one transaction. `before` is `undefined` for a new lock. A code that is in `before` and not in
   * `after` becomes a tombstone.
   */
  commit(before: LockState | undefined, after: LockState, events: readonly DomainEvent[]): void;
  /** Drops a lock with its codes and slots. Only its identity stays, so that it would get the same `device_id` again. */
  forget(deviceId: string): void;
  /** Appends events that belong to no lock. */
  append(events: readonly DomainEvent[]): void;
  /** Journals an operation before the radio is touched. Call inside the transaction that commits its slot. */
  begin(deviceId: string, operation: Operation, accessCodeId: string | null, at: Instant): number;
  /** Marks it settled. Call inside the transaction that commits its outcome. */
  settled(operationId: number, outcome: string, at: Instant): void;
  /** Operations begun and never settled, oldest first. */
  openOperations(): readonly OpenOperation[];
  /** What became of operations, for whoever watches the hub. */
  operationCounts(): readonly OperationCount[];
  /** The `device_id` of a lock: the stored one for this radio, network and address, or a new one made from its serial. */
  deviceIdOf(identity: LockIdentity): string;
  /** Called after each commit that changed a lock, a command or a webhook or appended events, once, outside the transaction. */
  onCommit(listener: (change: Change) => void): void;
  /** Which key of the hub seals what is secret: 1 is its first, and each that follows has the next number. */
  readonly keyNumber: number;
  /** Keyed fingerprint of a PIN (HMAC with a hub key), safe to publish. */
  fingerprint(pin: Pin): string;
  /** Proves that the database takes a write, and keeps nothing of it. Throws `StoreError` where it does not. */
  tryWrite(): void;
  /** The latest instant that the hub knew to have passed when it last said so; `null` before the first. */
  floor(): Instant | null;
  /**
   * The hub lives and can write, and it is at least so late: every five minutes, one small commit. Unsynced: a power cut
   * may take back the last one, and then the floor is five minutes lower.
   */
  beat(floor: Instant): void;
  /** What the database takes on the disk, its write-ahead log not counted. */
  sizeBytes(): number;
  /** The disk takes nothing: the last commit failed for that reason, and so does a small one that is tried now. */
  isRefused(): boolean;
  /**
   * Deletes what is older than it is kept, and gives room back to the disk; where that is short, most of the history.
   * `now` is the earliest that it can be.
   */
  tidy(now: Instant, isShort: boolean): void;
  readonly outbox: Outbox;
  readonly events: EventLog;
  readonly history: History;
  readonly webhooks: Webhooks;
  readonly commands: CommandLog;
  readonly radioStorage: RadioStorage;
  readonly secrets: AllSecrets;
  readonly apiKeys: ApiKeys;
  readonly loginCodes: LoginCodes;
  close(): void;
}
