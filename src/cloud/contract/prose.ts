import { PAYLOAD_BYTES_MAX } from '../messages/payload.ts';
import { CODE_INFO, REPLY_INFO, SEALING_SUITE, codeAad, replyAad } from '../messages/sealed.ts';
import { COMMAND, HUB, SEALED_PLACE } from './example.ts';

// What a backend developer has to know beside the schemas, as Markdown in the AsyncAPI document.

const RULES: readonly (readonly [heading: string, text: string])[] = [
  [
    'Codes are state, not commands',
    'You keep one *desired document* for each lock: all codes that you want on it, with a `generation` and a `version`. To add, change or delete a code, change the document, raise `version` by one and send the whole of it. The hub takes it if its generation is newer, or equal with a higher version. An equal version is a duplicate: nothing happens, and the lock is reported again. A lower one is dropped and counted. A code that is not in the document goes away. One wrong entry is reported with its error and does not cost the others.',
  ],
  [
    'Two owners, one table',
    'A document replaces only codes that came from the cloud. Codes that were made on the hub itself survive every document and are reported with `origin: "local"`. Codes that somebody programmed at the lock are in `unmanaged_codes`: an entry with such an id adopts the code, a tombstone takes it off the lock, and otherwise it stays as it is.',
  ],
  [
    'PUBACK means stored',
    'The hub acknowledges a message below `down/` only when the message and all that follows from it are safe in its database. After a crash before that, the broker sends the message again; after a crash behind it, it is a duplicate. What became of it, `up/reported` tells, and nothing else does.',
  ],
  [
    'Events are a log',
    "`epoch` names the database of the hub and `seq` counts its events from 1 on without gaps. Count each (`hub_id`, `epoch`, `seq`) once: a batch with `may_repeat` may have come before. Store events, then send `down/ack` with the highest `seq` below which you miss nothing. The hub keeps events until then, whatever the broker has acknowledged; it sends them again to a cloud that has acknowledged before and falls silent. You see a gap? Don't acknowledge past it, and send the command `resend_events`. The log is bounded (1,000,000 events or 256 MB): then events of little worth are given up first, those about who opened a door never, and `hub.events_lost` says which numbers don't come any more.",
  ],
  [
    'Commands expire',
    'A command happens once or not at all. `command_id` makes it happen once for 30 days: sent again, only its result comes again. It is not begun after `expires_at`, not if it comes as a retained message, and a door is not unlocked while the hub does not know the time. Follow it by `up/result`: `accepted`, `running`, then one of `succeeded`, `failed` and `expired`.',
  ],
  [
    'No PIN travels upward',
    'Nothing below `up/` holds a PIN in clear. `pin_fingerprint` tells whether two PINs of one hub are the same. `version_applied` reaches a version when nothing of it is pending any more.',
  ],
  [
    'PINs can travel sealed',
    `An entry has either \`code\` or \`sealed_code\`: HPKE (RFC 9180, base mode, ${SEALING_SUITE}) to the \`sealing_key\` of \`up/hello\`, with \`info\` = \`${CODE_INFO}\`, the digits as plaintext, and as \`aad\` the hub, the lock (in lower case), the code, generation and version it is for, such as \`${codeAad(SEALED_PLACE)}\`. So a broker can't read it, and it opens in no other place. A PIN in the result of a command is sealed to the \`reply_key\` of the command, with \`info\` = \`${REPLY_INFO}\` and as \`aad\` the hub and the command, such as \`${replyAad(HUB, COMMAND)}\`.`,
  ],
  [
    'Many hubs come back at once',
    'After an outage a hub waits a random time of up to 300 s, keeps the connection alive every 240 s ± 10 %, says hello, and has at most 16 messages under way. Answer `up/hello` with `down/sync` and only the documents whose version or generation it lacks.',
  ],
  [
    'The last will can be late',
    '`up/status` is retained, and its `offline` is also the last will of a connection. Ignore an `offline` whose `boot_id` and `connection_seq` are older than the newest `up/hello`. A broker can lose a will, too: a hub that sends no `up/health` for an hour is as good as gone.',
  ],
  [
    'Nothing that comes in breaks anything',
    `Ignore fields that you don't know; the hub does. It refuses another major \`v\`, what it can't read and what is larger than ${PAYLOAD_BYTES_MAX} bytes: counted, acknowledged to the broker, never repeated, and told by the event \`hub.message_rejected\` with the reason and without the payload. A document can't be sent in parts; one that is refused leaves the one before it in force.`,
  ],
];

const INTRODUCTION = [
  'A hub keeps access codes on the keypad locks of a building. It works for weeks without internet. This is all that a cloud needs to drive it: one MQTT broker between the two, JSON in UTF-8, QoS 1, MQTT 5 or 3.1.1.',
  "Every topic but those of claiming is below `lockhub/v1/{hub_id}`. The hub subscribes to `down/#` and publishes below `up/`, so a broker's access list for it is two lines. **Correctness rests on nothing that a broker may lose**: every message can come late, twice, out of order or not at all, and both sides still end in the same state with each event counted once. That is what the ten rules are for.",
  '## The smallest cloud that is right',
];

const SMALLEST_CLOUD = [
  'Subscribe to `lockhub/v1/+/up/#` with QoS 1. A hub that was connected before you says hello again for the command `resend_events` with `after_seq` 0.',
  'At `up/hello`: for each of its locks, if what you want has a newer generation or a higher version than the hub received, send it to `down/desired/{device_id}`. Send it at once, too, whenever you change it.',
  'At `up/event`: store what is new by `seq`, then publish `down/ack`.',
  'At `up/reported/{device_id}`: show it. Decide by `status`, `errors` and `pending_mutations` of a code, never by words for people.',
];

/** The whole description of the contract. */
export function description(): string {
  const rules = RULES.map(([heading, text]) => `**${heading}.** ${text}`);
  return [...INTRODUCTION, numbered(SMALLEST_CLOUD), '## The ten rules', numbered(rules)].join('\n\n');
}

function numbered(lines: readonly string[]): string {
  return lines.map((line, index) => `${index + 1}. ${line}`).join('\n');
}
