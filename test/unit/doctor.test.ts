import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { FINDING_IDS, type FindingId } from '../../src/core/finding.ts';
import type { RepairView } from '../../src/core/repair-view.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/core/time.ts';
import { diagnose } from '../../src/doctor/diagnose.ts';
import type {
  BackupsSeen,
  DatabaseContent,
  DatabaseSeen,
  FilesSeen,
  HubWords,
  InstalledSeen,
  LockSeen,
  MachineSeen,
  Observations,
  StickSeen,
} from '../../src/doctor/observations.ts';
import { reportOf } from '../../src/doctor/report.ts';

const AT = Date.parse('2026-11-22T14:00:00Z');
const MB = 1024 * 1024;

const STICK: StickSeen = {
  key: 'radios[0]',
  radio: 'zwave',
  port: '/dev/ttyUSB0',
  device: 'present',
  isPermitted: true,
  owner: 'of user 0 and group 20, mode 660',
  holders: [],
  answer: 'well',
};
const LOCK: LockSeen = {
  deviceId: 'front',
  name: 'Front door',
  radio: 'zwave',
  isSecure: true,
  isOnline: true,
  batteryLevel: 0.8,
  isBatteryLow: false,
  isKeyMissing: false,
  aheadMs: 2000,
  heldBackUntil: null,
  rssiDbm: -70,
};
const CONTENT: DatabaseContent = {
  isKeyRight: true,
  secrets: ['zwave_security_keys'],
  keysFileFault: null,
  locks: [LOCK],
  eventsWaiting: 3,
  newestEventAt: AT - HOUR_MS,
  startsLately: 1,
};
const DATABASE: DatabaseSeen = { file: 'lockhub.db', state: 'sound', verdict: '', content: CONTENT };
const FILES: FilesSeen = {
  dataDir: '/var/lib/lockhub',
  mode: 0o700,
  isReadOnly: false,
  freeBytes: 9000 * MB,
  totalBytes: 15_000 * MB,
  freeFiles: 900_000,
  user: 990,
  foreign: [],
};
const MACHINE: MachineSeen = {
  zone: 'Europe/Berlin',
  isSynchronised: { seen: true },
  hasMemoryPlace: true,
  memory: { seen: { availableBytes: 500 * MB, totalBytes: 900 * MB } },
  cards: [{ name: 'mmcblk0', lifeTenths: 1, preEndOfLife: 1 }],
  undervoltage: 'none',
};
const WORDS: HubWords = {
  clock: { earliest: AT, latest: AT, followsMachine: false, isDisputed: false },
  backupFailure: null,
  radios: [
    { radio: 'zwave', state: 'ready', message: 'the radio is up', controller: 'A stick, firmware 7.18' },
  ],
  links: [{ section: 'cloud', status: 'online', lastFailure: null }],
  safeMode: null,
  pageFailure: null,
  signals: [{ deviceId: 'front', rssiDbm: -72, linkQuality: null }],
};
const BACKUPS: BackupsSeen = {
  folder: '/var/lib/lockhub/backups',
  newestAt: AT - DAY_MS,
  hubSince: AT - 30 * DAY_MS,
  hasRecipients: true,
};
const REPAIR: RepairView = {
  at: '2026-11-22T03:17:00.000Z',
  damage: 'damaged',
  seen: 'The database is damaged (page 7).',
  restoredFrom: '2026-11-21T02:17:00.000Z',
  isEmptied: false,
  folder: 'damaged/0001',
};
const INSTALLED: InstalledSeen = {
  timezone: 'Europe/Berlin',
  hub: { seen: { kind: 'running', words: WORDS } },
  sticks: [STICK],
  brokers: [
    {
      section: 'cloud',
      url: 'mqtts://broker',
      unseen: null,
      failure: null,
      certificateEndsAt: AT + 90 * DAY_MS,
    },
  ],
  page: { kind: 'well' },
  files: { seen: FILES },
  key: { seen: { file: 'hub.key', state: 'present', mode: 0o600, isFollowed: false } },
  database: { seen: DATABASE },
  backups: { seen: BACKUPS },
  repair: null,
};
const HEALTHY: Observations = {
  at: AT,
  builtAt: AT - 30 * DAY_MS,
  mistakes: [],
  machine: MACHINE,
  installed: INSTALLED,
};

const machine = (more: Partial<MachineSeen>): Observations => ({
  ...HEALTHY,
  machine: { ...MACHINE, ...more },
});
const installed = (more: Partial<InstalledSeen>): Observations => ({
  ...HEALTHY,
  installed: { ...INSTALLED, ...more },
});
const stick = (more: Partial<StickSeen>): Observations => installed({ sticks: [{ ...STICK, ...more }] });
const words = (more: Partial<HubWords>): Observations =>
  installed({ hub: { seen: { kind: 'running', words: { ...WORDS, ...more } } } });
const clock = (more: Partial<HubWords['clock']>): Observations =>
  words({ clock: { ...WORDS.clock, ...more } });
const backups = (more: Partial<BackupsSeen>): Observations =>
  installed({ backups: { seen: { ...BACKUPS, ...more } } });
const radio = (more: Partial<HubWords['radios'][number]>): Observations =>
  words({ radios: WORDS.radios.map((one) => ({ ...one, ...more })) });
const files = (more: Partial<FilesSeen>): Observations =>
  installed({ files: { seen: { ...FILES, ...more } } });
const database = (more: Partial<DatabaseSeen>): Observations =>
  installed({ database: { seen: { ...DATABASE, ...more } } });
const content = (more: Partial<DatabaseContent>): Observations =>
  database({ content: { ...CONTENT, ...more } });
const lock = (more: Partial<LockSeen>): Observations => content({ locks: [{ ...LOCK, ...more }] });
const key = (
  state: 'present' | 'absent' | 'unusable',
  mode: number | null,
  isFollowed = false,
): Observations => installed({ key: { seen: { file: 'hub.key', state, mode, isFollowed } } });
const refused = (reason: string, isRefusal = true): Observations =>
  installed({
    brokers: [
      {
        section: 'cloud',
        url: 'mqtts://broker',
        unseen: null,
        failure: { isRefusal, reason },
        certificateEndsAt: null,
      },
    ],
  });
const certificateFor = (days: number): Observations =>
  installed({
    brokers: [
      {
        section: 'cloud',
        url: 'mqtts://broker',
        unseen: null,
        failure: null,
        certificateEndsAt: AT + days * DAY_MS,
      },
    ],
  });

/** Each finding, and what it follows from. */
const CAUSES: Readonly<Record<FindingId, readonly Observations[]>> = {
  config_broken: [{ ...HEALTHY, mistakes: ['hub_id: expected one'], installed: null }],
  hub_safe_mode: [words({ safeMode: 'The hub ended five times.' })],
  hub_hangs: [installed({ hub: { seen: { kind: 'hangs', waitedMs: 5000 } } })],
  restarts_often: [content({ startsLately: 6 })],
  stick_missing: [
    stick({ device: 'absent', isPermitted: null }),
    stick({ device: 'no_device' }),
    stick({ device: 'tcp', answer: 'unreachable' }),
    installed({
      sticks: [{ ...STICK, device: 'tcp', answer: 'untried' }],
      hub: {
        seen: {
          kind: 'running',
          words: {
            ...WORDS,
            radios: [{ radio: 'zwave', state: 'down', message: 'connect ECONNREFUSED', controller: null }],
          },
        },
      },
    }),
  ],
  stick_not_permitted: [stick({ isPermitted: false, answer: 'untried' })],
  stick_shared: [
    stick({ holders: ['zigbee2mqtt (77)'], answer: 'untried' }),
    radio({ state: 'down', message: 'Error: Resource temporarily unavailable Cannot lock port' }),
  ],
  stick_silent: [stick({ answer: 'silent' }), radio({ state: 'down', message: 'the radio did not start' })],
  stick_foreign: [stick({ answer: 'nonsense' })],
  stick_firmware: [
    radio({ controller: 'A stick, firmware 7.19' }),
    radio({ controller: 'A stick, firmware 7.21.4' }),
  ],
  zone_doubtful: [
    machine({ zone: 'Europe/London' }),
    // The same in winter, and another in summer.
    machine({ zone: 'Africa/Lagos' }),
  ],
  clock_wrong: [
    { ...HEALTHY, builtAt: AT + DAY_MS },
    content({ newestEventAt: AT + DAY_MS }),
    // The hub knows better than the machine, which is slow or fast.
    clock({ earliest: AT + DAY_MS, latest: AT + DAY_MS }),
    clock({ earliest: AT - DAY_MS, latest: AT - DAY_MS }),
  ],
  clock_unsynchronised: [machine({ isSynchronised: { seen: false } })],
  clock_uncertain: [
    clock({ latest: AT + HOUR_MS }),
    clock({ latest: null }),
    clock({ latest: null, isDisputed: true }),
  ],
  backup_failed: [words({ backupFailure: 'The disk has little room left.' })],
  backup_missing: [backups({ newestAt: null }), backups({ newestAt: AT - 10 * DAY_MS })],
  backup_key_missing: [backups({ hasRecipients: false })],
  broker_unreachable: [refused('connect ECONNREFUSED', false), refused('getaddrinfo ENOTFOUND', false)],
  broker_refuses_login: [
    refused('the broker refuses the login: bad user name or password (code 134)'),
    refused('the broker refuses the client certificate: alert'),
  ],
  broker_refuses_topics: [
    refused('the broker refuses the subscription to lockhub/v1/hub-1/down/#: no reason given (code 128)'),
    refused('the broker refuses lockhub/v1/hub-1/up/status: not authorized (code 135)'),
  ],
  broker_certificate_unknown: [
    refused('self-signed certificate in certificate chain', false),
    refused('unable to verify the first certificate', false),
    refused('unable to get local issuer certificate', false),
  ],
  broker_certificate_expired: [
    refused('certificate has expired', false),
    refused('certificate is not yet valid', false),
  ],
  broker_name_mismatch: [refused("Hostname/IP does not match certificate's altnames: IP: 10.0.0.1", false)],
  login_unusable: [refused('cloud.password_file: cannot read /etc/x (ENOENT)', false)],
  client_certificate_expired: [certificateFor(-1)],
  client_certificate_expires: [certificateFor(13)],
  hub_id_shared: [refused('another client took the connection over with our client id lockhub-hub-1: is')],
  queue_growing: [content({ eventsWaiting: 10_001 })],
  disk_full: [files({ freeBytes: 3 * MB }), files({ freeFiles: 5 })],
  disk_nearly_full: [files({ freeBytes: 99 * MB, totalBytes: 1000 * MB }), files({ freeBytes: 700 * MB })],
  disk_read_only: [files({ isReadOnly: true, freeBytes: 0 })],
  card_worn: [
    machine({ cards: [{ name: 'mmcblk0', lifeTenths: 10, preEndOfLife: null }] }),
    machine({ cards: [{ name: 'mmcblk0', lifeTenths: null, preEndOfLife: 2 }] }),
  ],
  data_not_owned: [files({ foreign: ['lockhub.db'] })],
  data_exposed: [files({ mode: 0o710 })],
  key_missing: [key('absent', null)],
  key_unusable: [key('unusable', 0o600)],
  key_wrong: [content({ isKeyRight: false })],
  key_exposed: [key('present', 0o640)],
  key_change_unfinished: [key('present', 0o600, true)],
  database_damaged: [database({ state: 'damaged', content: null })],
  database_foreign: [database({ state: 'foreign', content: null })],
  database_newer: [database({ state: 'newer', content: null })],
  database_repaired: [
    installed({ repair: REPAIR }),
    installed({ repair: { ...REPAIR, restoredFrom: null } }),
  ],
  database_emptied: [installed({ repair: { ...REPAIR, restoredFrom: null, isEmptied: true } })],
  radio_keys_missing: [content({ secrets: ['zigbee_network_keys'] })],
  radio_keys_unusable: [content({ keysFileFault: 'keys.json can not be read' })],
  lock_unreachable: [lock({ isOnline: false })],
  lock_keys_missing: [lock({ isKeyMissing: true })],
  lock_low_security: [lock({ isSecure: false })],
  lock_battery_low: [lock({ isBatteryLow: true }), lock({ isBatteryLow: true, batteryLevel: null })],
  lock_signal_weak: [
    words({ signals: [{ deviceId: 'front', rssiDbm: -90, linkQuality: null }] }),
    words({ signals: [{ deviceId: 'front', rssiDbm: -60, linkQuality: 29 }] }),
    installed({
      hub: { seen: { kind: 'stopped' } },
      database: { seen: { ...DATABASE, content: { ...CONTENT, locks: [{ ...LOCK, rssiDbm: -95 }] } } },
    }),
  ],
  lock_clock_wrong: [lock({ aheadMs: 6 * MINUTE_MS }), lock({ aheadMs: -44 * MINUTE_MS })],
  lock_zone_wrong: [lock({ aheadMs: HOUR_MS + MINUTE_MS }), lock({ aheadMs: -330 * MINUTE_MS })],
  lock_fights_back: [lock({ heldBackUntil: AT + 1 })],
  page_port_taken: [
    installed({ page: { kind: 'failed', listen: '127.0.0.1:8080', reason: 'EADDRINUSE', holder: null } }),
  ],
  page_certificate_expired: [installed({ page: { kind: 'expired', file: 'page.pem', endedAt: AT - 1 } })],
  memory_short: [machine({ memory: { seen: { availableBytes: 47 * MB, totalBytes: 900 * MB } } })],
  memory_folder_missing: [machine({ hasMemoryPlace: false })],
  undervoltage: [machine({ undervoltage: 'now' }), machine({ undervoltage: 'since_boot' })],
};

/** What is nearly one of them. */
const NO_CAUSES: Readonly<Record<string, Observations>> = {
  'a healthy hub': HEALTHY,
  'a hub that is stopped': installed({ hub: { seen: { kind: 'stopped' } } }),
  'a hub that starts': installed({ hub: { seen: { kind: 'running', words: null } } }),
  'a radio that starts': radio({ state: 'starting', message: 'opening the radio' }),
  'nothing that could be seen': {
    ...HEALTHY,
    machine: {
      ...MACHINE,
      isSynchronised: { unseen: 'x' },
      memory: { unseen: 'x' },
      cards: [],
      undervoltage: null,
    },
    installed: {
      ...INSTALLED,
      hub: { unseen: 'x' },
      files: { unseen: 'x' },
      key: { unseen: 'x' },
      database: { unseen: 'x' },
    },
  },
  'a machine in no zone of its own': machine({ zone: 'Etc/UTC' }),
  'a zone by another name': machine({ zone: 'Europe/Paris' }),
  'a hub before its first start': installed({
    key: { seen: { file: 'hub.key', state: 'absent', mode: null, isFollowed: false } },
    database: { seen: { ...DATABASE, state: 'absent', content: null } },
    files: { seen: { ...FILES, mode: null } },
  }),
  'locks of a radio that is gone from the config': installed({
    sticks: [],
    database: { seen: { ...DATABASE, content: { ...CONTENT, secrets: [] } } },
  }),
  'a lock that has left': lock({ radio: null, isOnline: false }),
  'a queue without a cloud': installed({
    brokers: [],
    database: { seen: { ...DATABASE, content: { ...CONTENT, eventsWaiting: 90_000 } } },
  }),
  'a card that tells nothing': machine({
    cards: [{ name: 'mmcblk0', lifeTenths: null, preEndOfLife: null }],
  }),
  'firmware before the faulty one': radio({ controller: 'A stick, firmware 7.18.8' }),
  'firmware after the faulty one': radio({ controller: 'A stick, firmware 7.21.5' }),
  'firmware of another kind': radio({ controller: 'A stick, firmware 1.20' }),
};

describe('each cause has its finding and no other', () => {
  test.each(FINDING_IDS)('%s', (id) => {
    for (const cause of CAUSES[id]) {
      const found = diagnose(cause);
      expect(found.map((finding) => finding.id)).toEqual([id]);
      expect(found[0]?.seen).not.toBe('');
    }
  });
});

test.each(Object.entries(NO_CAUSES))('%s has nothing wrong', (_, observations) => {
  expect(diagnose(observations)).toEqual([]);
});

test('a lost stick is found, and not that its locks do not answer', () => {
  const lost = {
    ...WORDS,
    radios: [
      { radio: 'zwave', state: 'down', message: 'the radio was unplugged', controller: null } as const,
    ],
  };
  const observations = installed({
    hub: { seen: { kind: 'running', words: lost } },
    database: { seen: { ...DATABASE, content: { ...CONTENT, locks: [{ ...LOCK, isOnline: false }] } } },
  });
  expect(diagnose(observations).map(({ id }) => id)).toEqual(['stick_silent']);
});

test('errors come before warnings', () => {
  const unset = machine({ isSynchronised: { seen: false } });
  const found = diagnose({ ...unset, mistakes: ['hub_id: expected one'] });
  expect(found.map(({ severity }) => severity)).toEqual(['error', 'warning']);
});

test('a hub that is new or has its own recovery key lacks nothing, and a clock that somebody vouches for needs no server', () => {
  expect(diagnose(backups({ newestAt: null, hubSince: AT - DAY_MS }))).toEqual([]);
  const secrets = [...CONTENT.secrets, 'backup_recipients'];
  const own = { seen: { ...DATABASE, content: { ...CONTENT, secrets } } };
  const without = { seen: { ...BACKUPS, hasRecipients: false } };
  expect(diagnose(installed({ database: own, backups: without }))).toEqual([]);
  const vouched = clock({ followsMachine: true });
  expect(diagnose({ ...vouched, machine: { ...MACHINE, isSynchronised: { seen: false } } })).toEqual([]);
});

test('the report has all that a person needs, and what was not checked', () => {
  const findings = diagnose(stick({ device: 'absent' }));
  const unchecked = [{ check: 'clock', reason: 'nobody knows' }];
  const lines = reportOf({ at: '', hub: 'stopped', findings, unchecked }).join('\n');
  expect(lines).toBe(`The hub is stopped. 1 thing is wrong:

error   stick_missing (radios[0])
        The Z-Wave stick is not where the config says.
        To do: Plug it in. If it is, look for its name with "ls /dev/serial/by-id" and put that into the config.
        Seen:  /dev/ttyUSB0 is not there

not checked: clock (nobody knows)`);
});

test('the README has every finding', () => {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
  expect(FINDING_IDS.filter((id) => !readme.includes(`\`${id}\``))).toEqual([]);
});
