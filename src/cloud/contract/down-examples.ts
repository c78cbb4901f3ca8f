import type { CommandType } from '../../core/command.ts';
import {
  BOOT,
  CLEANER,
  COMMAND,
  EPOCH,
  FOUND,
  GUEST,
  HUB,
  LOCK,
  OTHER_LOCK,
  SEALED,
  SEALED_SECRET,
  SEALING_KEY,
  UPDATE_SIGNATURE,
  type Example,
} from './example.ts';

const guest = {
  access_code_id: GUEST,
  name: 'Anna Berg',
  starts_at: '2026-11-22T16:00:00+01:00',
  ends_at: '2026-11-24T11:00:00+01:00',
};

export const DESIRED_EXAMPLES: readonly Example[] = [
  {
    name: 'desired',
    summary: 'A guest for two nights, and a cleaning team that may come on two days of the week.',
    payload: {
      v: 1,
      device_id: LOCK,
      generation: 1,
      version: 7,
      codes: [
        { ...guest, code: '493817', use_backup_access_code_pool: true },
        {
          access_code_id: CLEANER,
          name: 'Cleaning',
          code: '0286',
          weekly_windows: [{ days: ['monday', 'thursday'], start: '09:00', end: '13:30' }],
        },
      ],
      tombstones: [],
    },
  },
  {
    name: 'desired-first',
    summary: 'The least that an entry needs: the hub makes a PIN up.',
    payload: { v: 1, generation: 1, version: 1, codes: [{ access_code_id: GUEST }] },
  },
  {
    name: 'desired-empty',
    summary: 'All codes of the cloud go, and one that somebody programmed at the lock goes with them.',
    payload: { v: 1, device_id: LOCK, generation: 1, version: 9, codes: [], tombstones: [FOUND] },
  },
  {
    name: 'desired-sealed',
    summary: 'The PIN of the guest, sealed to the key of the hub.',
    payload: {
      v: 1,
      device_id: LOCK,
      generation: 1,
      version: 8,
      codes: [{ ...guest, sealed_code: { key_id: SEALING_KEY.key_id, ...SEALED } }],
    },
  },
  {
    name: 'desired-offline',
    summary: 'A code whose digits an issuer computes, and one for a single use.',
    payload: {
      v: 1,
      device_id: LOCK,
      generation: 1,
      version: 8,
      codes: [
        { ...guest, is_offline_access_code: true, max_time_rounding: '1day' },
        {
          access_code_id: CLEANER,
          name: 'Parcel',
          starts_at: '2026-11-22T16:00:00+01:00',
          is_offline_access_code: true,
          is_one_time_use: true,
        },
      ],
    },
  },
  {
    name: 'desired-every-field',
    summary: 'One entry with all that can be asked for.',
    payload: {
      v: 1,
      device_id: LOCK,
      generation: 2,
      version: 1,
      codes: [
        {
          ...guest,
          device_id: LOCK,
          code: null,
          preferred_code_length: 6,
          type: 'time_bound',
          prefer_native_scheduling: true,
          allow_external_modification: false,
          use_backup_access_code_pool: true,
          common_code_key: 'booking-17',
          attempt_for_offline_device: true,
          is_offline_access_code: false,
          is_one_time_use: false,
          max_time_rounding: '1h',
          strict_start: false,
          weekly_windows: [{ days: ['saturday', 'sunday'], start: '22:00', end: '24:00' }],
          max_uses: 20,
        },
      ],
      tombstones: null,
    },
  },
];

export const SYNC_EXAMPLES: readonly Example[] = [
  {
    name: 'sync',
    summary: 'One lock is as wanted, the document of the other one is on its way.',
    payload: {
      v: 1,
      cloud_time: '2026-11-22T14:03:07.412Z',
      answers: { boot_id: BOOT, hello_seq: 4 },
      devices: [
        { device_id: LOCK, verdict: 'same' },
        { device_id: OTHER_LOCK, verdict: 'document_follows' },
      ],
    },
  },
  { name: 'sync-least', summary: 'Only a sign of life.', payload: { v: 1 } },
];

export const ACK_EXAMPLES: readonly Example[] = [
  { name: 'ack', summary: 'Events 1 to 58 are safe.', payload: { v: 1, epoch: EPOCH, seq: 58 } },
];

const PARAMS: Readonly<Record<CommandType, Example['payload'] | undefined>> = {
  lock_door: { device_id: LOCK },
  unlock_door: { device_id: LOCK },
  identify: { device_id: LOCK },
  reinterview: { device_id: LOCK },
  ping: { device_id: LOCK },
  audit: { device_id: LOCK },
  pull_backup_access_code: {
    device_id: LOCK,
    access_code_id: GUEST,
    reply_key: SEALING_KEY.public_key,
  },
  reveal_code: { device_id: LOCK, access_code_id: GUEST, reply_key: SEALING_KEY.public_key },
  set_keypad: { device_id: LOCK, keypad_device_id: OTHER_LOCK },
  set_offline_secret: {
    secret_id: 'autumn',
    sealed_secret: { key_id: SEALING_KEY.key_id, ...SEALED_SECRET },
  },
  generate_code: { device_id: LOCK, preferred_code_length: 6, reply_key: SEALING_KEY.public_key },
  diagnostics: undefined,
  make_backup: { upload_url: 'https://backups.example.com/hub-7?signature=c2lnbmVk' },
  rotate_key: undefined,
  update: { url: 'https://updates.example/lockhub_0.2.0_arm64.tar.gz', signature: UPDATE_SIGNATURE },
  resend_events: { after_seq: 41 },
  self_test: { device_id: LOCK },
  check_link: { device_id: LOCK },
  start_pairing: { radio: 'zwave', duration_seconds: 120, pin: '23117' },
  stop_pairing: { radio: 'zwave' },
  remove_device: { device_id: OTHER_LOCK },
  replace_device: { device_id: OTHER_LOCK, duration_seconds: 120, pin: '23117' },
  enter_pairing_pin: { pin: '23117' },
  wipe: { hub_id: HUB, epoch: EPOCH, codes: 'keep', reason: 'Stolen from the hall on 21 November.' },
};

export const COMMAND_EXAMPLES: readonly Example[] = (Object.keys(PARAMS) as CommandType[]).map((type) => {
  const params = PARAMS[type];
  return {
    name: `command-${type}`,
    summary: `Asks for \`${type}\`, until a minute later.`,
    payload: {
      v: 1,
      command_id: COMMAND,
      type,
      expires_at: '2026-11-22T14:04:07Z',
      ...(params === undefined ? {} : { params }),
    },
  };
});
