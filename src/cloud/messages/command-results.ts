import { z } from 'zod';
import type { CommandType } from '../../core/command.ts';
import { healthSchema } from './health.ts';
import { acceptedSecretsSchema, sealedReplySchema } from './sealed.ts';
import { deviceIdSchema } from './topics.ts';

const nothing = z.object({});
const seq = z.int().nonnegative();
const door = z.object({ locked: z.boolean().describe('As the lock itself says.') });
const pinFingerprint = z.string().describe('Of the PIN, as in `up/reported`.');
const sealedCode = sealedReplySchema.optional();
const pairing = z.object({
  device_ids: z.array(deviceIdSchema).describe('Locks that joined or left.'),
  stopped: z.literal(true).describe('`stop_pairing` ended it.').optional(),
});

const selfTest = z.object({
  steps: z
    .array(
      z.object({
        step: z.string(),
        ok: z.boolean(),
        took_ms: z.int().nonnegative(),
        message: z.string().describe('For people; its words may change.'),
      }),
    )
    .describe(
      'In the order in which they were done, up to the first that failed: `reach`, `find_slot`, `write`, `read_back`, `remove`, `prove_empty`. What was written is removed in any case.',
    ),
});
const linkCheck = z.object({
  rating: z.number().min(0).max(10).describe("0 (nothing got through) to 10, by the radio's own library."),
  rounds: z.array(
    z.object({
      round_trip_ms: z.number().nullable(),
      rssi_dbm: z.number().nullable(),
      failed_pings: z.int(),
    }),
  ),
});

/** How the hub, its link and its locks are; without PINs and names. Fields come and go with versions. */
const diagnosis = z.looseObject({
  health: healthSchema,
  link: z.looseObject({
    status: z.string(),
    protocol_version: z.int().describe('5 is MQTT 5, 4 is MQTT 3.1.1.'),
    last_failure: z.string().nullable(),
  }),
  devices: z.array(z.looseObject({ device_id: deviceIdSchema, online: z.boolean() })),
  findings: z
    .array(
      z.looseObject({
        id: z
          .string()
          .describe('What it is, for programs: the README lists them. New ones come with versions.'),
        severity: z.enum(['error', 'warning']),
        subject: z.string().nullable().describe('Which of several: a key of the config, the name of a lock.'),
        what: z.string(),
        fix: z.string().describe('What to do about it.'),
        seen: z.string(),
      }),
    )
    .describe('What a check-up of hub and machine found, errors first; the words may change.'),
});

/** What a command that succeeded tells in `result`. A PIN is only ever in it sealed to the `reply_key`. */
export const commandResults = {
  lock_door: door,
  unlock_door: door,
  identify: nothing,
  reinterview: nothing,
  ping: nothing,
  audit: z.object({ device_ids: z.array(deviceIdSchema).describe('Locks whose audit was begun.') }),
  pull_backup_access_code: z.object({
    backup_access_code_id: z.string().describe('Of the code that now stands in for the one that was named.'),
    pin_fingerprint: pinFingerprint,
    sealed_code: sealedCode,
  }),
  reveal_code: z.object({ pin_fingerprint: pinFingerprint, sealed_code: sealedCode }),
  set_keypad: z.object({ device_id: deviceIdSchema, keypad_device_id: deviceIdSchema.nullable() }),
  set_offline_secret: z.object({ accepted: acceptedSecretsSchema }),
  generate_code: z.object({ pin_fingerprint: pinFingerprint, sealed_code: sealedReplySchema }),
  diagnostics: diagnosis,
  make_backup: z.object({
    name: z.string().describe('Of the file, which the hub keeps as well.'),
    size_bytes: z.int().nonnegative(),
    sha256: z.string().regex(/^[0-9a-f]{64}$/),
    uploaded: z.boolean(),
  }),
  rotate_key: z.object({
    key_number: z.int().positive().describe('Which key of the hub this is; the first is 1.'),
  }),
  update: z.object({
    from: z.string().describe('The version before.'),
    version: z.string().describe('The one that has proved itself.'),
  }),
  resend_events: z.object({
    after_seq: seq.describe('Events above it are sent once more.'),
    through_seq: seq.describe('The newest event.'),
    acked_seq: seq.describe('What the cloud acknowledged: the hub has it no more.'),
  }),
  self_test: selfTest,
  check_link: linkCheck,
  start_pairing: pairing,
  stop_pairing: nothing,
  remove_device: pairing,
  replace_device: pairing,
  enter_pairing_pin: nothing,
  wipe: z.object({
    wiped_at: z.iso.datetime(),
    unreached: z
      .array(deviceIdSchema)
      .describe(
        'Locks that may still hold a code that has ended, or that was to go: they did not answer in time.',
      ),
    codes_left: z
      .int()
      .nonnegative()
      .describe('Codes that stay on the locks until somebody takes them off: the locks know no end of them.'),
    sticks_reset: z
      .array(z.enum(['zwave', 'zigbee']))
      .describe('Radio sticks that have forgotten their network.'),
    left: z
      .array(z.string())
      .describe('Files of the config that the hub may not delete, by the text of the config.'),
  }),
} satisfies Readonly<Record<CommandType, z.ZodObject>>;
