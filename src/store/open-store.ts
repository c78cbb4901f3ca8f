import { v4 } from 'uuid';

import type { Instant } from '../core/time.ts';
import { ApiKeyTable } from './api-key-table.ts';
import { CodeTable } from './code-table.ts';
import { CommandTable } from './command-table.ts';
import { Connection } from './connection.ts';
import { StoreError, unopened } from './errors.ts';
import { EventLogTable } from './event-log-table.ts';
import { hashKeyOf } from './hash-keys.ts';
import { HistoryTable } from './history-table.ts';
import { IdentityTable } from './identity-table.ts';
import { Journal } from './journal.ts';
import { keyringOf } from './key-change.ts';
import { systemRandom, type HubKey, type RandomBytes } from './key.ts';
import { LockTable } from './lock-table.ts';
import { LoginCodeTable } from './login-code-table.ts';
import { Meta } from './meta.ts';
import { OutboxTable, type OutboxBounds } from './outbox-table.ts';
import { RadioStorageTable } from './radio-storage-table.ts';
import { Retention } from './retention.ts';
import { keyCheckOf, Seal } from './seal.ts';
import { SecretTable } from './secret-table.ts';
import { SlotTable } from './slot-table.ts';
import { SqliteStore } from './sqlite-store.ts';
import type { Store } from './store.ts';
import { TenureTable } from './tenure-table.ts';
import { WebhookTable } from './webhook-table.ts';

interface StoreBounds extends OutboxBounds {
  /** Events that stay to be read on the hub. */
  readonly eventLogRowsMax: number;
  /** Operations kept in the journal; those not settled are kept beyond it. */
  readonly journalRowsMax: number;
  /** Deleted codes that are remembered, over all locks. */
  readonly tombstonesMax: number;
  /** Codes that are remembered as having been in one slot, the present one among them. */
  readonly tenuresPerSlotMax: number;
  /** Measurements of one lock. */
  readonly measurementsPerLockMax: number;
  /** Commands that are remembered, the open ones among them. */
  readonly commandsMax: number;
  /** The database file; a commit that would make it larger fails as on a full disk. */
  readonly fileBytesMax: number;
}

const DEFAULT_BOUNDS: StoreBounds = {
  outboxRowsMax: 1_000_000,
  outboxBytesMax: 256 * 1024 * 1024,
  eventLogRowsMax: 100_000,
  journalRowsMax: 10_000,
  tombstonesMax: 100_000,
  tenuresPerSlotMax: 100,
  measurementsPerLockMax: 1000,
  commandsMax: 50_000,
  fileBytesMax: 1024 * 1024 * 1024,
};

export interface StoreOptions {
  /** Path of the database; made, with mode 0600, when it is not there. Its directory must exist. */
  readonly file: string;
  readonly key: HubKey;
  /** The key that is to follow, or takes its place already; without it a change of keys that was begun does not open. */
  readonly nextKey?: HubKey | undefined;
  /** Source of the database's identity and of nonces. A seeded one is for tests only: nonces must never repeat. */
  readonly random?: RandomBytes;
  readonly bounds?: Partial<StoreBounds>;
  /** Says when an event is written down. Without it: when it occurred. */
  readonly now?: () => Instant;
  /** Told what is wrong with the radio library's state, which stops nothing. Never holds a secret. */
  readonly onWarning?: (message: string) => void;
  /** Told each time that SQLite finds damage while the database is open. */
  readonly onDamage?: (error: StoreError) => void;
  /** Called before and after the database is closed. */
  readonly closing?: () => void;
  readonly closed?: () => void;
}

/**
 * Opens the hub's database or makes it. Throws `StoreError` of kind `not_a_database`, `newer`, `damaged`,
 * `wrong_key`, `busy` or `disk`; a database that it refuses keeps all that it holds.
 */
export function openStore(options: StoreOptions): Store {
  const bounds = { ...DEFAULT_BOUNDS, ...options.bounds };
  const random = options.random ?? systemRandom;
  const onWarning = options.onWarning ?? (() => undefined);
  const onDamage = options.onDamage ?? (() => undefined);
  const connection = new Connection(options.file, bounds.fileBytesMax, onDamage);
  try {
    const meta = new Meta(connection);
    const { newest, older } = keyringOf(meta, options.key, options.nextKey, options.file);
    const seal = new Seal(newest, random, older);
    const epoch = epochOf(connection, meta, newest.key, random);
    const secrets = new SecretTable(connection, seal);
    const events = new EventLogTable(connection, bounds.eventLogRowsMax, options.now);
    const outbox = new OutboxTable(connection, meta, epoch, bounds, events);
    const radioStorage = new RadioStorageTable(connection, seal, onWarning);
    return new SqliteStore({
      connection,
      meta,
      seal,
      retention: new Retention(connection, bounds),
      locks: new LockTable(connection),
      codes: new CodeTable(connection, seal, bounds.tombstonesMax),
      slots: new SlotTable(connection, seal),
      tenures: new TenureTable(connection, bounds.tenuresPerSlotMax),
      commands: (onChange) => new CommandTable(connection, bounds.commandsMax, onChange),
      journal: new Journal(connection, bounds.journalRowsMax),
      history: new HistoryTable(connection, bounds.measurementsPerLockMax),
      identities: new IdentityTable(connection),
      outbox,
      events,
      webhooks: (onChange) => new WebhookTable(connection, seal, { events, outbox }, onChange),
      radioStorage,
      secrets,
      apiKeys: new ApiKeyTable(connection, hashKeyOf(secrets, newest.key, 'api keys'), random),
      loginCodes: new LoginCodeTable(connection, hashKeyOf(secrets, newest.key, 'login codes'), random),
      close: () => {
        try {
          radioStorage.flush();
        } finally {
          options.closing?.();
          connection.close();
          options.closed?.();
        }
      },
    });
  } catch (error) {
    connection.close();
    throw unopened(error, options.file);
  }
}

/** The identity of this database, made together with the check of its key. */
function epochOf(connection: Connection, meta: Meta, key: HubKey, random: RandomBytes): string {
  return connection.transaction(() => {
    const known = meta.text('epoch');
    if (meta.text('key_check') !== undefined && known !== undefined) return known;
    const epoch = v4({ random: random(16) });
    meta.set('key_check', keyCheckOf(key));
    meta.set('epoch', epoch);
    return epoch;
  });
}
