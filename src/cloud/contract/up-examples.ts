import type { CommandError, CommandType } from '../../core/command.ts';
import type { Health } from '../messages/health.ts';
import type { Result } from '../messages/command.ts';
import type { Hello, Status } from '../messages/up.ts';
import {
  AT,
  BACKUP,
  BOOT,
  COMMAND,
  DIGEST,
  EPOCH,
  HUB,
  LOCK,
  OTHER_LOCK,
  PROGRAM,
  SEALED_REPLY,
  SEALING_KEY,
  type Example,
} from './example.ts';

const connection = { boot_id: BOOT, connection_seq: 3 };
const clock = {
  earliest: AT,
  latest: '2026-11-22T14:03:07.031Z',
  trusted: true,
  from: 'system',
  till: 'system',
  disputed: false,
} as const;

const online: Status = { v: 1, state: 'online', ...connection, version: PROGRAM, at: AT };
const offline: Status = { ...online, state: 'offline' };

export const STATUS_EXAMPLES: readonly Example[] = [
  { name: 'status', summary: 'The hub is connected.', payload: online },
  {
    name: 'status-offline',
    summary: 'It said goodbye, or the broker tells its last will.',
    payload: offline,
  },
];

const hello: Hello = {
  v: 1,
  hub_id: HUB,
  ...connection,
  hello_seq: 4,
  version: PROGRAM,
  at: AT,
  clock,
  outbox: { epoch: EPOCH, head: 61, published: 58, acked: 41, depth: 20 },
  devices: [
    { device_id: LOCK, generation: 1, version_received: 7, version_applied: 6, digest: DIGEST },
    { device_id: OTHER_LOCK, generation: 0, version_received: 0, version_applied: 0, digest: DIGEST },
  ],
  sealing_key: SEALING_KEY,
};

export const HELLO_EXAMPLES: readonly Example[] = [
  {
    name: 'hello',
    summary: 'One lock has version 7 and still works on it, the other one never got a document.',
    payload: hello,
  },
];

const health: Health = {
  v: 1,
  at: AT,
  ...connection,
  version: PROGRAM,
  uptime_seconds: 401_220,
  clock,
  radios: [{ radio: 'zwave', state: 'ready', message: 'The radio is ready.' }],
  devices: { known: 2, online: 1 },
  codes: { managed: 2, with_errors: 0, unmanaged: 1 },
  queues: { events: 20, commands: 0, operations_open: 1 },
  events: { head: 61, acked: 41, oldest_at: '2026-11-22T13:40:12.007Z' },
  disk: { free_bytes: 9_120_000_000, total_bytes: 15_700_000_000, database_bytes: 4_210_688, room: 'ample' },
  memory_bytes: 142_606_336,
  rejected: { not_json: 3 },
  sealing_key: SEALING_KEY,
};

export const HEALTH_EXAMPLES: readonly Example[] = [
  { name: 'health', summary: 'All is well.', payload: health },
];

const fingerprint = { pin_fingerprint: '5b0c6f1d2e3a49587162534435261708' };

const RESULTS: Readonly<Record<CommandType, NonNullable<Result['result']>>> = {
  lock_door: { locked: true },
  unlock_door: { locked: false },
  identify: {},
  reinterview: {},
  ping: {},
  audit: { device_ids: [LOCK] },
  pull_backup_access_code: { backup_access_code_id: BACKUP, ...fingerprint, sealed_code: SEALED_REPLY },
  reveal_code: { ...fingerprint, sealed_code: SEALED_REPLY },
  set_keypad: { device_id: LOCK, keypad_device_id: OTHER_LOCK },
  set_offline_secret: {
    accepted: [
      { secret_id: 'autumn', accepted_until: null },
      { secret_id: 'summer', accepted_until: '2026-12-23T14:03:07.412Z' },
    ],
  },
  generate_code: { ...fingerprint, sealed_code: SEALED_REPLY },
  diagnostics: {
    health,
    link: { status: 'online', protocol_version: 5, last_failure: null },
    devices: [{ device_id: LOCK, online: true, failures: 0, codes: 2, operations_open: 1 }],
    findings: [
      {
        id: 'disk_nearly_full',
        severity: 'warning',
        subject: null,
        what: 'The disk with the data of the hub is nearly full.',
        fix: 'Delete what is not needed on it (journalctl --vacuum-size=50M, apt-get clean).',
        seen: '61 MB of 15000 MB free',
      },
    ],
  },
  make_backup: {
    name: 'hub-7-20261122T140307Z.lockhub-backup',
    size_bytes: 214_016,
    sha256: 'c0ffee'.repeat(10) + 'c0ff',
    uploaded: true,
  },
  rotate_key: { key_number: 2 },
  update: { from: PROGRAM, version: '0.2.0' },
  resend_events: { after_seq: 41, through_seq: 61, acked_seq: 41 },
  self_test: {
    steps: [
      { step: 'reach', ok: true, took_ms: 61, message: 'The lock answers.' },
      { step: 'find_slot', ok: true, took_ms: 0, message: 'Slot 7 is free.' },
      { step: 'write', ok: true, took_ms: 142, message: 'The lock took a test code.' },
      { step: 'read_back', ok: true, took_ms: 96, message: 'The lock has the test code.' },
      { step: 'remove', ok: true, took_ms: 133, message: 'The lock removed the test code.' },
      { step: 'prove_empty', ok: true, took_ms: 92, message: 'The slot is empty again.' },
    ],
  },
  check_link: { rating: 9, rounds: [{ round_trip_ms: 63, rssi_dbm: -71, failed_pings: 0 }] },
  start_pairing: { device_ids: [OTHER_LOCK] },
  stop_pairing: {},
  remove_device: { device_ids: [OTHER_LOCK] },
  replace_device: { device_ids: [OTHER_LOCK] },
  enter_pairing_pin: {},
  wipe: { wiped_at: AT, unreached: [OTHER_LOCK], codes_left: 1, sticks_reset: ['zwave'], left: [] },
};

const FAILURES: readonly (readonly [type: string, code: CommandError, message: string])[] = [
  ['unlock_door', 'jammed', 'The bolt is stuck.'],
  ['pull_backup_access_code', 'backup_access_code_not_found', 'No backup code is ready on this lock.'],
  ['open_sesame', 'invalid_input', 'type: no such command.'],
];

function result(type: string, state: Result['state'], more: Pick<Result, 'result' | 'error'> = {}): Example {
  const payload: Result = { v: 1, command_id: COMMAND, type, state, at: AT, ...more };
  return { name: `result-${type}-${state}`, summary: `\`${type}\`: ${state}.`, payload };
}

export const RESULT_EXAMPLES: readonly Example[] = [
  result('unlock_door', 'accepted'),
  result('unlock_door', 'running'),
  result('unlock_door', 'expired'),
  ...FAILURES.map(([type, code, message]) => result(type, 'failed', { error: { code, message } })),
  ...(Object.keys(RESULTS) as CommandType[]).map((type) =>
    result(type, 'succeeded', { result: RESULTS[type] }),
  ),
];
