import { FIRST_SCHEMA } from './first-schema.ts';

/** Marks a file as ours in its header ("lock" in ASCII). */
export const APPLICATION_ID = 0x6c_6f_63_6b;

/**
 * Entry n brings the schema from version n to n + 1. Never edit one that has been released.
 * Instants are REAL because a retry with jitter falls between two milliseconds; a double holds them exactly.
 */
export const MIGRATIONS: readonly string[] = [
  FIRST_SCHEMA,
  `
  ALTER TABLE locks ADD COLUMN bolt_reports TEXT NOT NULL DEFAULT '[]';
  ALTER TABLE locks ADD COLUMN arm_refused INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE locks ADD COLUMN echo TEXT NOT NULL DEFAULT '{"streak":0,"awaited":null}';
  ALTER TABLE locks ADD COLUMN clock_read TEXT;
  ALTER TABLE locks ADD COLUMN clock_unreadable INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE locks ADD COLUMN reported_pin_lengths TEXT;
  ALTER TABLE locks ADD COLUMN credentials_missing INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE locks ADD COLUMN pool_enabled INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE locks ADD COLUMN audit TEXT NOT NULL
    DEFAULT '{"dueSince":null,"doneAt":null,"framesLeft":0,"isReading":false,"refillAt":0}';
  ALTER TABLE locks ADD COLUMN repeated_writes TEXT NOT NULL DEFAULT '[]';
  ALTER TABLE locks ADD COLUMN repeats_blocked_until REAL;
  ALTER TABLE locks ADD COLUMN failed_looks TEXT NOT NULL DEFAULT '[]';
  ALTER TABLE locks ADD COLUMN programming_ms TEXT NOT NULL DEFAULT '[]';
  ALTER TABLE locks ADD COLUMN problems TEXT NOT NULL DEFAULT '[]';
  ALTER TABLE locks ADD COLUMN spent TEXT NOT NULL DEFAULT '[]';

  ALTER TABLE access_codes ADD COLUMN preferred_code_length INTEGER;
  ALTER TABLE access_codes ADD COLUMN common_code_key TEXT;
  ALTER TABLE access_codes ADD COLUMN use_backup_pool INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE access_codes ADD COLUMN weekly_windows TEXT;
  ALTER TABLE access_codes ADD COLUMN max_uses INTEGER;
  ALTER TABLE access_codes ADD COLUMN is_pin_drawn INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE access_codes ADD COLUMN revision INTEGER NOT NULL DEFAULT 1;
  ALTER TABLE access_codes ADD COLUMN edits TEXT NOT NULL DEFAULT '{}';
  ALTER TABLE access_codes ADD COLUMN is_backup INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE access_codes ADD COLUMN backup_of TEXT;
  ALTER TABLE access_codes ADD COLUMN pulled_backup_id TEXT;
  ALTER TABLE access_codes ADD COLUMN uses INTEGER NOT NULL DEFAULT 0;

  ALTER TABLE slots ADD COLUMN tried TEXT NOT NULL DEFAULT '[]';
  ALTER TABLE slots ADD COLUMN unmanaged TEXT;

  CREATE TABLE tenures (
    device_id TEXT NOT NULL REFERENCES locks (device_id),
    slot INTEGER NOT NULL,
    from_at REAL NOT NULL,
    till_at REAL,
    access_code_id TEXT NOT NULL,
    is_managed INTEGER NOT NULL,
    PRIMARY KEY (device_id, slot, from_at)
  ) STRICT, WITHOUT ROWID;
  -- Who is in the slots now; a code that was edited at the lock is not.
  INSERT INTO tenures (device_id, slot, from_at, access_code_id, is_managed)
  SELECT device_id, slots.slot, coalesce(written_at, proven_at, 0), owner, 1
  FROM slots JOIN access_codes USING (device_id)
  WHERE access_code_id = owner
    AND (pending_pin IS NOT NULL OR (content <> 'empty' AND externally_modified = 0));
  `,
  `
  CREATE TABLE commands (
    command_number INTEGER PRIMARY KEY,
    command_id TEXT NOT NULL UNIQUE,
    type TEXT NOT NULL,
    request TEXT NOT NULL,
    device_id TEXT,
    received_at REAL NOT NULL,
    expires_at REAL NOT NULL,
    outcome TEXT NOT NULL,
    outcome_at REAL NOT NULL,
    is_open INTEGER NOT NULL,
    is_told INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX commands_open ON commands (device_id, command_number) WHERE is_open = 1;
  CREATE INDEX commands_untold ON commands (outcome_at) WHERE is_told = 0;
  `,
  // An event is stored as it goes out, with its seq and its id.
  `
  UPDATE outbox SET body = format('{"seq":%d,"event_id":"%s8%s%012x",%s',
    seq, substr(value, 1, 14), substr(value, 16, 9), seq, substr(body, 2))
  FROM meta WHERE name = 'epoch';
  UPDATE outbox_total SET bytes = (SELECT coalesce(sum(octet_length(body)), 0) FROM outbox);
  `,
  // Who may use the local API, and since when a lock is known, which that API tells.
  `
  ALTER TABLE locks ADD COLUMN met_at REAL;

  CREATE TABLE api_keys (
    key_id TEXT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    scopes TEXT NOT NULL,
    digest BLOB NOT NULL,
    created_at REAL NOT NULL,
    last_used_at REAL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE login_codes (
    digest BLOB PRIMARY KEY,
    created_at REAL NOT NULL,
    expires_at REAL NOT NULL
  ) STRICT, WITHOUT ROWID;
  `,
  // Events stay to be read on the hub when the cloud has them; what waits for the cloud is the first of it.
  `
  CREATE TABLE event_log (
    seq INTEGER PRIMARY KEY,
    created_at REAL NOT NULL,
    event_type TEXT NOT NULL,
    device_id TEXT,
    access_code_id TEXT,
    body TEXT NOT NULL
  ) STRICT;
  -- With the type, one kind of event is found without reading the others.
  CREATE INDEX event_log_by_time ON event_log (created_at, event_type);
  CREATE INDEX event_log_by_device ON event_log (device_id, created_at) WHERE device_id IS NOT NULL;
  CREATE INDEX event_log_by_code ON event_log (access_code_id, created_at) WHERE access_code_id IS NOT NULL;
  INSERT INTO event_log (seq, created_at, event_type, device_id, access_code_id, body)
  SELECT seq, round(unixepoch(body ->> 'occurred_at', 'subsec') * 1000), body ->> 'event_type',
    body ->> 'device_id', body ->> 'access_code_id', body
  FROM (SELECT seq, body FROM outbox ORDER BY seq DESC LIMIT 100000) ORDER BY seq;

  CREATE TABLE webhooks (
    webhook_id TEXT PRIMARY KEY,
    url TEXT NOT NULL,
    event_types TEXT NOT NULL,
    secret BLOB NOT NULL,
    created_at REAL NOT NULL,
    through_seq INTEGER NOT NULL,
    retry TEXT,
    is_failing INTEGER NOT NULL DEFAULT 0
  ) STRICT, WITHOUT ROWID;
  `,
  // What people call a lock, and what clients of the local API note about it.
  `
  ALTER TABLE locks ADD COLUMN nickname TEXT;
  ALTER TABLE locks ADD COLUMN custom_metadata TEXT NOT NULL DEFAULT '{}';
  `,
  // How locks were over time, for whoever looks into one.
  `
  CREATE TABLE measurements (
    device_id TEXT NOT NULL,
    at REAL NOT NULL,
    battery_level REAL,
    rssi_dbm REAL,
    round_trip_ms REAL,
    PRIMARY KEY (device_id, at)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX operations_of_lock ON operations (device_id, operation_id);
  `,
  // Some locks tell that somebody tampers with them and never that it is over: it ends by itself.
  `
  ALTER TABLE locks ADD COLUMN tamper_ends_at REAL;
  `,
  // Codes that an issuer computes and how far that is; keypads that ask the hub, and what was typed at them.
  `
  ALTER TABLE access_codes ADD COLUMN offline TEXT;
  ALTER TABLE access_codes ADD COLUMN issue TEXT;
  ALTER TABLE locks ADD COLUMN door TEXT NOT NULL
    DEFAULT '{"keypadId":null,"memory":{"burnt":[],"guesses":[]}}';
  `,
  // A hub that was restored recognises what was written by the one before it.
  `
  ALTER TABLE locks ADD COLUMN from_backup_at REAL;
  `,
  // Each sealed value says by which key, so that another one can follow. All that there are were sealed by the first.
  `
  UPDATE secrets SET value = CAST(x'00000001' || value AS BLOB);
  UPDATE access_codes SET pin = CAST(x'00000001' || pin AS BLOB) WHERE pin IS NOT NULL;
  UPDATE slots SET pin = CAST(x'00000001' || pin AS BLOB) WHERE pin IS NOT NULL;
  UPDATE slots SET pending_pin = CAST(x'00000001' || pending_pin AS BLOB) WHERE pending_pin IS NOT NULL;
  UPDATE webhooks SET secret = CAST(x'00000001' || secret AS BLOB);
  UPDATE radio_storage SET value = CAST(x'00000001' || value AS BLOB);
  `,
];

/** What this program writes; anything above it was written by a newer one. */
export const SCHEMA_VERSION = MIGRATIONS.length;
