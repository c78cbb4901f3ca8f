import type { Reported, ReportedCode } from '../messages/up.ts';
import { CLEANER } from './example.ts';

export const OFFLINE_EXAMPLE = {
  name: 'reported-offline',
  summary: 'A lock that the hub reaches by nothing: one of its codes was issued, one waits for its issuer.',
};

const CAPABILITIES: Reported['device']['capabilities'] = {
  first_slot: 1,
  last_slot: 0,
  admin_slots: [],
  pin_length: { min: 4, max: 12 },
  native_scheduling: null,
  week_day_schedules: 0,
  disabled_codes: false,
  checksum: false,
};

const TIME_FRAMES: Reported['device']['properties']['offline_time_frame_options'] = [
  {
    display_name: 'Hourly',
    min_duration: 'PT1H',
    max_duration: 'PT672H',
    time_zone: 'Europe/Berlin',
  },
  {
    display_name: 'Daily',
    min_duration: 'P29D',
    max_duration: 'P367D',
    matching_start_end_time: true,
    time_zone: 'Europe/Berlin',
  },
];

/** The report of a lock of igloohome; `guest` and `other` are what it shares with other examples. */
export function offlineReport(guest: ReportedCode, other: Reported): Reported {
  const issued: ReportedCode = {
    ...guest,
    status: 'set',
    display_status: 'Issued',
    is_backup_access_code_available: false,
    is_offline_access_code: true,
    pending_mutations: [],
    slot: null,
    strategy: 'offline',
    explanation: {
      reason: 'issued',
      message: 'It has its digits, and opens within its window.',
      at: '2026-11-24T10:00:00.000Z',
    },
  };
  return {
    ...other,
    report_seq: 14,
    version_applied: 0,
    device: {
      ...other.device,
      radio: 'offline',
      address: 'SP1X2345',
      model: 'igloohome Keybox 3',
      online: true,
      capabilities: CAPABILITIES,
      properties: {
        ...other.device.properties,
        supported_code_lengths: [4, 5, 6, 7, 8, 9, 10, 11, 12],
        max_active_codes_supported: 0,
        code_constraints: [{ constraint_type: 'cannot_specify_pin_code' }],
        offline_time_frame_options: TIME_FRAMES,
      },
      errors: [],
    },
    codes: [issued, parcelOf(issued)],
  };
}

/** A code that waits for its issuer. */
function parcelOf(issued: ReportedCode): ReportedCode {
  return {
    ...issued,
    access_code_id: CLEANER,
    ends_at: null,
    name: 'Parcel',
    status: 'setting',
    display_status: 'Issuing',
    is_waiting_for_code_assignment: true,
    is_one_time_use: true,
    pending_mutations: [
      {
        mutation_code: 'creating',
        created_at: '2026-11-20T09:12:44.100Z',
        message: 'The digits of the code are being issued.',
      },
    ],
    pin_fingerprint: null,
    explanation: {
      reason: 'waits_for_issuer',
      message:
        'It has no digits yet: The hub has no internet. Its issuer is asked again at 2026-11-22T14:35:02.118Z.',
      at: '2026-11-22T14:35:02.118Z',
    },
  };
}
