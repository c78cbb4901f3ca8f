import type { Command, CommandOutcome } from '../core/command.ts';
import type { DomainEvent } from '../core/event.ts';
import type { LockState } from '../core/lock.ts';
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

/** An operation that was begun and whose result was never settled: the hub died in between. */
export interface OpenOperation {
  readonly operationId: number;
  readonly deviceId: string;
  readonly kind: Operation['kind'];
  readonly slot: number | null;
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
  /** Called after each commit that changed a lock or a command or appended events, once, outside the transaction. */
  onCommit(listener: (change: Change) => void): void;
  /** Keyed fingerprint of a PIN (HMAC with a hub key), safe to publish. */
  fingerprint(pin: Pin): string;
  /** What the database takes on the disk, its write-ahead log not counted. */
  sizeBytes(): number;
  readonly outbox: Outbox;
  readonly commands: CommandLog;
  readonly radioStorage: RadioStorage;
  readonly secrets: Secrets;
  readonly apiKeys: ApiKeys;
  readonly loginCodes: LoginCodes;
  close(): void;
}
