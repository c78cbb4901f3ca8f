/** The tables of version 1. What came later is in the migrations after it. */
export const FIRST_SCHEMA = `
  CREATE TABLE meta (name TEXT PRIMARY KEY, value ANY NOT NULL) STRICT, WITHOUT ROWID;

  CREATE TABLE secrets (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;

  CREATE TABLE locks (
    device_id TEXT PRIMARY KEY,
    radio TEXT,
    address ANY,
    model TEXT,
    capabilities TEXT,
    secure INTEGER NOT NULL,
    online INTEGER NOT NULL,
    battery_level REAL,
    locked INTEGER,
    jammed INTEGER NOT NULL,
    tampered INTEGER NOT NULL,
    battery_low INTEGER NOT NULL,
    masks_pins INTEGER NOT NULL,
    native_refused INTEGER NOT NULL,
    clock_set TEXT,
    generation INTEGER NOT NULL,
    version_received INTEGER NOT NULL,
    version_applied INTEGER NOT NULL,
    failures INTEGER NOT NULL,
    retry_at REAL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE lock_identities (
    device_id TEXT PRIMARY KEY,
    radio TEXT NOT NULL,
    network TEXT,
    address TEXT,
    serial TEXT,
    UNIQUE (radio, network, address),
    UNIQUE (radio, serial)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE access_codes (
    code_number INTEGER PRIMARY KEY,
    device_id TEXT NOT NULL REFERENCES locks (device_id),
    access_code_id TEXT NOT NULL,
    name TEXT,
    pin BLOB,
    starts_at REAL,
    ends_at REAL,
    prefer_native_scheduling INTEGER NOT NULL,
    allow_external_modification INTEGER NOT NULL,
    strict_start INTEGER NOT NULL,
    origin TEXT NOT NULL,
    created_at REAL NOT NULL,
    removing_since REAL,
    rejected TEXT,
    refused TEXT,
    slot INTEGER,
    status TEXT NOT NULL,
    status_since REAL NOT NULL,
    is_scheduled_on_device INTEGER NOT NULL,
    ever_on_device INTEGER NOT NULL,
    externally_modified INTEGER NOT NULL,
    failures INTEGER NOT NULL,
    retry_at REAL,
    errors TEXT NOT NULL,
    warnings TEXT NOT NULL,
    UNIQUE (device_id, access_code_id)
  ) STRICT;

  CREATE TABLE tombstones (
    tombstone_id INTEGER PRIMARY KEY,
    device_id TEXT NOT NULL,
    access_code_id TEXT NOT NULL,
    name TEXT,
    starts_at REAL,
    ends_at REAL,
    created_at REAL NOT NULL,
    slot INTEGER,
    deleted_at REAL
  ) STRICT;
  CREATE INDEX tombstones_of_code ON tombstones (device_id, access_code_id);

  CREATE TABLE slots (
    device_id TEXT NOT NULL REFERENCES locks (device_id),
    slot INTEGER NOT NULL,
    owner TEXT,
    content TEXT NOT NULL,
    pin BLOB,
    enabled INTEGER,
    recheck TEXT NOT NULL,
    pending_pin BLOB,
    pending_over_empty INTEGER,
    schedule TEXT NOT NULL,
    proof TEXT,
    proven_at REAL,
    written_at REAL,
    PRIMARY KEY (device_id, slot)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE operations (
    operation_id INTEGER PRIMARY KEY AUTOINCREMENT,
    device_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    slot INTEGER,
    access_code_id TEXT,
    begun_at REAL NOT NULL,
    outcome TEXT,
    settled_at REAL
  ) STRICT;
  CREATE INDEX operations_open ON operations (operation_id) WHERE outcome IS NULL;

  CREATE TABLE outbox (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    worth INTEGER NOT NULL,
    body TEXT NOT NULL
  ) STRICT;
  CREATE INDEX outbox_by_worth ON outbox (worth, seq);

  -- Counting a million rows at each append would take longer than writing them.
  CREATE TABLE outbox_total (rows INTEGER NOT NULL, bytes INTEGER NOT NULL) STRICT;
  INSERT INTO outbox_total VALUES (0, 0);
  CREATE TRIGGER outbox_added AFTER INSERT ON outbox BEGIN
    UPDATE outbox_total SET rows = rows + 1, bytes = bytes + octet_length(new.body);
  END;
  CREATE TRIGGER outbox_deleted AFTER DELETE ON outbox BEGIN
    UPDATE outbox_total SET rows = rows - 1, bytes = bytes - octet_length(old.body);
  END;

  CREATE TABLE radio_storage (
    file TEXT NOT NULL,
    key TEXT NOT NULL,
    value BLOB NOT NULL,
    PRIMARY KEY (file, key)
  ) STRICT;
`;
