import type { DomainEvent } from '../core/event.ts';
import type { LockState } from '../core/lock.ts';
import type { Operation } from '../core/operation.ts';
import type { Pin } from '../core/pin.ts';
import type { Tenant } from '../core/observe/tenure.ts';
import type { Instant } from '../core/time.ts';
import type { LockIdentity, RadioStorage } from '../lock-driver.ts';
import type { CommandTable } from './command-table.ts';
import type { CodeTable } from './code-table.ts';
import type { Connection } from './connection.ts';
import type { HistoryTable } from './history-table.ts';
import type { IdentityTable } from './identity-table.ts';
import type { Journal } from './journal.ts';
import type { LockTable } from './lock-table.ts';
import type { Meta } from './meta.ts';
import type { OutboxTable } from './outbox-table.ts';
import type { Retention } from './retention.ts';
import type { Seal } from './seal.ts';
import type { SlotTable } from './slot-table.ts';
import { StateCache } from './state-cache.ts';
import type {
  AllSecrets,
  ApiKeys,
  CommandLog,
  EventLog,
  History,
  LoginCodes,
  OpenOperation,
  OperationCount,
  Outbox,
  Store,
  Webhooks,
} from './store.ts';
import type { TenureTable } from './tenure-table.ts';
import type { WebhookTable } from './webhook-table.ts';
import { writeState } from './write-state.ts';

/** The parts of one open database. */
export interface Tables {
  readonly connection: Connection;
  readonly meta: Meta;
  readonly seal: Seal;
  readonly retention: Retention;
  readonly locks: LockTable;
  readonly codes: CodeTable;
  readonly slots: SlotTable;
  readonly tenures: TenureTable;
  readonly commands: (onChange: (events: readonly DomainEvent[]) => void) => CommandTable;
  readonly journal: Journal;
  readonly history: HistoryTable;
  readonly identities: IdentityTable;
  readonly outbox: OutboxTable;
  readonly events: EventLog;
  readonly webhooks: (onChange: () => void) => WebhookTable;
  readonly radioStorage: RadioStorage;
  readonly secrets: AllSecrets;
  readonly apiKeys: ApiKeys;
  readonly loginCodes: LoginCodes;
  readonly close: () => void;
}

type CommitListener = Parameters<Store['onCommit']>[0];

/** The store over one SQLite database. */
export class SqliteStore implements Store {
  readonly outbox: Outbox;
  readonly events: EventLog;
  readonly history: History;
  readonly webhooks: Webhooks;
  readonly commands: CommandLog;
  readonly radioStorage: RadioStorage;
  readonly secrets: AllSecrets;
  readonly apiKeys: ApiKeys;
  readonly loginCodes: LoginCodes;
  readonly keyNumber: number;
  readonly #tables: Tables;
  readonly #listeners: CommitListener[] = [];
  readonly #cache = new StateCache();
  /** What the running transaction has changed. */
  #changedIds = new Set<string>();
  #appended = false;
  #commanded = false;
  #hooked = false;

  constructor(tables: Tables) {
    this.#tables = tables;
    this.keyNumber = tables.seal.keyNumber;
    this.outbox = tables.outbox;
    this.events = tables.events;
    this.history = tables.history;
    this.webhooks = tables.webhooks(() => (this.#hooked = true));
    this.commands = tables.commands((events) => {
      this.#commanded = true;
      this.append(events);
    });
    this.radioStorage = tables.radioStorage;
    this.secrets = tables.secrets;
    this.apiKeys = tables.apiKeys;
    this.loginCodes = tables.loginCodes;
  }

  transaction<T>(work: () => T): T {
    const { connection } = this.#tables;
    if (connection.inTransaction) return this.#attempt(work);
    this.#changedIds = new Set();
    this.#appended = false;
    this.#commanded = false;
    this.#hooked = false;
    const result = this.#attempt(work);
    this.#tellListeners();
    return result;
  }

  deviceIds(): readonly string[] {
    return this.#tables.locks.ids();
  }

  lockState(deviceId: string): LockState | undefined {
    const known = this.#cache.get(deviceId);
    if (known !== undefined) return known;
    const { locks, codes, slots } = this.#tables;
    const lock = locks.get(deviceId);
    if (lock === undefined) return undefined;
    const state = { lock, codes: codes.of(deviceId), slots: slots.of(deviceId) };
    this.#cache.set(deviceId, state);
    return state;
  }

  tenantAt(deviceId: string, slot: number, at: Instant): Tenant | undefined {
    return this.#tables.tenures.at(deviceId, slot, at);
  }

  commit(before: LockState | undefined, after: LockState, events: readonly DomainEvent[]): void {
    const { deviceId } = after.lock;
    if (before !== undefined && before.lock.deviceId !== deviceId) {
      throw new Error(`states of two locks in one commit: ${before.lock.deviceId} and ${deviceId}`);
    }
    this.transaction(() => {
      if (writeState(this.#tables, before, after, events)) this.#changedIds.add(deviceId);
      this.#tables.tenures.follow(before, after);
      this.append(events);
      this.#cache.set(deviceId, after);
    });
  }

  forget(deviceId: string): void {
    this.transaction(() => {
      const state = this.lockState(deviceId);
      if (state === undefined) return;
      this.commit(state, { ...state, codes: [], slots: [] }, []);
      this.#tables.tenures.forget(deviceId);
      this.#tables.history.forget(deviceId);
      this.#tables.locks.delete(deviceId);
      this.#cache.delete(deviceId);
      this.#changedIds.add(deviceId);
    });
  }

  append(events: readonly DomainEvent[]): void {
    if (events.length === 0) return;
    this.transaction(() => {
      this.#tables.outbox.append(events);
      this.#appended = true;
    });
  }

  begin(deviceId: string, operation: Operation, accessCodeId: string | null, at: Instant): number {
    return this.transaction(() => this.#tables.journal.begin(deviceId, operation, accessCodeId, at));
  }

  settled(operationId: number, outcome: string, at: Instant): void {
    this.transaction(() => this.#tables.journal.settle(operationId, outcome, at));
  }

  openOperations(): readonly OpenOperation[] {
    return this.#tables.journal.open();
  }

  operationCounts(): readonly OperationCount[] {
    return this.#tables.journal.counts();
  }

  deviceIdOf(identity: LockIdentity): string {
    return this.#tables.identities.deviceIdOf(identity);
  }

  onCommit(listener: CommitListener): void {
    this.#listeners.push(listener);
  }

  fingerprint(pin: Pin): string {
    return this.#tables.seal.fingerprint(pin);
  }

  tryWrite(): void {
    const { connection, meta, outbox } = this.#tables;
    connection.rehearse(() => meta.set('epoch', outbox.epoch));
  }

  floor(): Instant | null {
    return this.#tables.meta.count('floor') || null;
  }

  beat(floor: Instant): void {
    const { connection, meta } = this.#tables;
    connection.unsynced(() => meta.set('floor', Math.floor(floor)));
  }

  sizeBytes(): number {
    return this.#tables.connection.sizeBytes();
  }

  isRefused(): boolean {
    const { connection, meta } = this.#tables;
    return connection.isRefused(() => meta.set('probes', meta.count('probes') + 1));
  }

  tidy(now: Instant, isShort: boolean): void {
    this.#tables.retention.tidy(now, isShort);
  }

  close(): void {
    this.#tables.close();
  }

  #attempt<T>(work: () => T): T {
    try {
      return this.#tables.connection.transaction(work);
    } catch (error) {
      this.#cache.clear();
      throw error;
    }
  }

  #tellListeners(): void {
    const change = {
      deviceIds: [...this.#changedIds],
      events: this.#appended,
      commands: this.#commanded,
      webhooks: this.#hooked,
    };
    const { deviceIds, events, commands, webhooks } = change;
    if (deviceIds.length === 0 && !events && !commands && !webhooks) return;
    for (const listener of this.#listeners) listener(change);
  }
}
