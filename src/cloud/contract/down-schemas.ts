import { z } from 'zod';
import type { CommandType } from '../../core/command.ts';
import { writtenParameters } from '../../wire/request.ts';
import { certificateSchema, claimGrantSchema, claimRefusalSchema } from '../messages/claim.ts';
import { commandParams } from '../messages/command-params.ts';
import { commandSchema } from '../messages/command.ts';
import { ackSchema, syncSchema } from '../messages/control.ts';
import { CODES_MAX, documentSchema } from '../messages/desired.ts';
import { codeIdSchema } from '../messages/entry.ts';
import { sealedCodeSchema } from '../messages/sealed.ts';
import { deviceIdSchema } from '../messages/topics.ts';
import { oneOf } from './one-of.ts';

// What a cloud is to write, whole. The hub reads the same messages in steps, so that one wrong entry or parameter does
// not cost the rest; a test holds the two together.

/** What the envelope takes (`messages/payload.ts`). */
const v = z
  .number()
  .min(1)
  .lt(2)
  .describe(
    'Major version of the contract: 1. Another one is refused with the event `hub.message_rejected`.',
  );

/** In JSON Schema: an object that has these fields, and so. */
function having(properties: Readonly<Record<string, object>>): object {
  return { type: 'object', properties, required: Object.keys(properties) };
}

function modification(allow: boolean, allowed: boolean): object {
  return having({
    allow_external_modification: { const: allow },
    is_external_modification_allowed: { const: allowed },
  });
}

const ONE_TIME = having({ is_one_time_use: { const: true } });

function offlineNames(name: boolean, oldName: boolean): object {
  return having({ is_offline_access_code: { const: name }, use_offline_access_code: { const: oldName } });
}

/** What several fields of an entry say together, in JSON Schema, for zod has it only as code. */
const ENTRY_RULES = [
  { not: having({ code: { type: 'string' }, sealed_code: { type: 'object' } }) },
  { not: { anyOf: [modification(true, false), modification(false, true)] } },
  {
    anyOf: [
      { not: having({ type: { const: 'time_bound' } }) },
      having({ starts_at: { type: 'string' }, ends_at: { type: 'string' } }),
      { allOf: [ONE_TIME, having({ starts_at: { type: 'string' } })] },
    ],
  },
  { not: { anyOf: [offlineNames(true, false), offlineNames(false, true)] } },
  {
    anyOf: [
      { not: ONE_TIME },
      having({ is_offline_access_code: { const: true } }),
      having({ use_offline_access_code: { const: true } }),
    ],
  },
];

const entrySchema = z
  .object({
    access_code_id: codeIdSchema,
    device_id: deviceIdSchema
      .nullish()
      .describe('May be left out; if it is there it names the lock of the document.'),
    ...writtenParameters,
    sealed_code: sealedCodeSchema.nullish(),
  })
  .meta({
    id: 'AccessCodeEntry',
    description:
      'One code that the cloud wants on the lock. Only `access_code_id` is mandatory; `null` means the same as leaving a field out. An entry with a mistake is reported in `up/reported` with its error and does not cost the others; what was accepted of it before stays in force.',
    allOf: ENTRY_RULES,
  });

export const desiredMessage = z.object({
  v,
  device_id: deviceIdSchema.nullish().describe('The same as in the topic.'),
  generation: documentSchema.shape.generation.describe(
    'A cloud that lost count of its versions begins a new generation. Normally 1.',
  ),
  version: documentSchema.shape.version.describe(
    'Grows with each change of the document. Taken if the generation is newer, or equal with a higher version.',
  ),
  codes: z
    .array(entrySchema)
    .max(CODES_MAX)
    .describe(
      'All codes that the cloud wants on the lock, each `access_code_id` once. One that is missing goes away.',
    ),
  tombstones: z
    .array(codeIdSchema)
    .max(CODES_MAX)
    .nullish()
    .describe(
      'Ids of codes that are to go although they are not of the cloud: such as the hub found on the lock.',
    ),
});

export const claimAnswerMessage = z.union([
  claimGrantSchema.extend({ v }).meta({ id: 'ClaimGrant', description: 'This hub is yours.' }),
  claimRefusalSchema
    .extend({ v })
    .meta({ id: 'ClaimRefusal', description: 'The code is right, and still it can not be claimed.' }),
]);

export const certificateMessage = z.object({ v, ...certificateSchema.shape });
export const syncMessage = z.object({ v, ...syncSchema.shape });
export const ackMessage = z.object({ v, ...ackSchema.shape });

const COMMANDS: Readonly<Record<CommandType, string>> = {
  lock_door: 'Locks. Succeeds only when the lock itself says that the bolt is out.',
  unlock_door:
    'Unlocks. Refused with `clock_uncertain` while the hub does not know the time well enough to say that it is still wanted.',
  identify: 'The lock beeps or blinks.',
  reinterview: 'Everything that is known of the abilities of the lock is asked again.',
  ping: 'Asks whether the lock answers; without `device_id`, whether the hub does.',
  audit: 'Compares the slot table with the lock; without `device_id`, with all locks.',
  pull_backup_access_code:
    'A waiting backup code stands in for a time-bound code that could not be put on the lock. Doing it again gives the same one.',
  reveal_code: 'Tells the PIN of a code, sealed to `reply_key`.',
  generate_code: 'Makes up a PIN that the lock takes and nobody has, sealed to `reply_key`. It is not set.',
  diagnostics: 'What the hub knows of itself.',
  make_backup:
    'Makes a backup now, and puts it where `upload_url` says. It is sealed: only the hub itself and a recovery key open it.',
  rotate_key:
    'Seals everything secret in the database of the hub by a new key and destroys the old one; the hub starts anew for that. Every `pin_fingerprint` is another one afterwards, and so is the `sealing_key`. Refused with `unsupported` where the key is a credential of systemd.',
  update:
    'Another version of the hub itself. It is told as `accepted` until it has ended: the hub waits for a time in which no code begins or ends within 90 minutes, and a version that does not prove itself within five minutes is given up for the old one (`update_failed`). A newer such command takes the place of one that waits.',
  resend_events:
    'Events that the cloud has not acknowledged are sent once more. With `after_seq` 0, from a cloud that has nothing of this hub yet, `up/hello` and all reports come again, too.',
  set_keypad:
    'Has the codes that are typed at a keypad open a lock of the hub. One keypad opens one lock; it is kept when either is replaced.',
  set_offline_secret:
    'Gives the hub the secret of its own offline codes. The one before it is accepted for 31 days more. One that is known already changes nothing; another one under a known id is refused.',
  self_test:
    'Puts a code that nobody has into a free slot of the lock, reads it back, removes it and proves the slot empty. Refused with `busy` while a change is due within 2 minutes.',
  check_link: 'Sends some rounds of frames to the lock and back.',
  start_pairing: 'Lets one lock into the radio network. Runs until one has joined, or its time is over.',
  stop_pairing: 'Ends a pairing; without `radio`, on every radio.',
  remove_device: 'Takes a lock out of the radio network.',
  replace_device:
    'Lets one lock into the network in the place of one that no longer answers. It keeps `device_id`, and all codes are written to it. Refused with `device_online` while the old one answers.',
  enter_pairing_pin:
    'The five digits that a pairing which was begun at the hub waits for. No pairing of the cloud waits: its digits come with it.',
  wipe: 'For a hub that was stolen. It takes off the locks what has ended, makes its sticks forget their networks, then destroys its keys, its database and its backups, and says so with its last message. Refused without TLS or a signature, for another `epoch`, and with `clock_uncertain` as `unlock_door` is.',
};

const types = Object.keys(commandParams) as CommandType[];

/** Every type of command, with the parameters that it needs; those that need none may leave `params` out. */
export const commandMessage = oneOf('type', types.map(commandOf));

function commandOf(type: CommandType) {
  const params: z.ZodObject = commandParams[type];
  const isOptional = params.safeParse({}).success;
  return z
    .object({
      v,
      command_id: commandSchema.shape.command_id,
      type: z.literal(type),
      expires_at: commandSchema.shape.expires_at,
      params: isOptional ? params.nullish() : params,
    })
    .meta({ id: `command.${type}`, description: COMMANDS[type] });
}
