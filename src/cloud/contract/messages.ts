import type { z } from 'zod';
import { certificateRequestSchema, claimRequestSchema, claimTopicsOf } from '../messages/claim.ts';
import { healthSchema } from '../messages/health.ts';
import { topicsOf } from '../messages/topics.ts';
import { helloSchema, reportedSchema, statusSchema } from '../messages/up.ts';
import { ACK_EXAMPLES, COMMAND_EXAMPLES, DESIRED_EXAMPLES, SYNC_EXAMPLES } from './down-examples.ts';
import {
  CERTIFICATE_EXAMPLES,
  CERTIFICATE_REQUEST_EXAMPLES,
  CLAIM_ANSWER_EXAMPLES,
  CLAIM_REQUEST_EXAMPLES,
} from './claim-examples.ts';
import {
  ackMessage,
  certificateMessage,
  claimAnswerMessage,
  commandMessage,
  desiredMessage,
  syncMessage,
} from './down-schemas.ts';
import { EVENT_EXAMPLES } from './event-examples.ts';
import type { Example } from './example.ts';
import { REPORTED_EXAMPLES } from './report-examples.ts';
import { HEALTH_EXAMPLES, HELLO_EXAMPLES, RESULT_EXAMPLES, STATUS_EXAMPLES } from './up-examples.ts';
import { eventMessage, resultMessage } from './up-schemas.ts';

/** One topic, and what is on it. */
export interface ContractMessage {
  /** Names its schema and its examples. */
  readonly name: string;
  readonly title: string;
  readonly direction: 'down' | 'up';
  /** With `{hub_id}` and, where it is of one lock, `{device_id}`; or with `{claim_id}`. */
  readonly address: string;
  readonly retain: boolean;
  /** What it is for, when it is sent, and what the other side does. */
  readonly description: string;
  /** The message that the hub answers with, by its name. */
  readonly reply?: string;
  readonly schema: z.ZodType;
  readonly examples: readonly Example[];
}

const topics = topicsOf('{hub_id}');
const claimTopics = claimTopicsOf('{claim_id}');
const down = (name: string): string => topics.down.replace('#', name);

/** Every message between a cloud and a hub. */
export const MESSAGES: readonly ContractMessage[] = [
  {
    name: 'desired',
    title: 'The codes that the cloud wants on one lock',
    direction: 'down',
    address: down('desired/{device_id}'),
    retain: false,
    description:
      'The whole desired document of one lock. Send it whenever it changes, and again when `up/hello` shows that the hub has an older one. The answer is `up/reported/{device_id}`: `version_received` says that it was taken, `version_applied` that nothing of it is pending. A lock that the hub has not met may be named, too: its codes wait for it.',
    reply: 'reported',
    schema: desiredMessage,
    examples: DESIRED_EXAMPLES,
  },
  {
    name: 'sync',
    title: 'Answer to a hello',
    direction: 'down',
    address: down('sync'),
    retain: false,
    description:
      'Says of each lock whether the hub has what the cloud wants, and tells the time of the cloud. Documents follow as messages of their own. A cloud that answers a hello with documents alone, or not at all, is fine.',
    schema: syncMessage,
    examples: SYNC_EXAMPLES,
  },
  {
    name: 'command',
    title: 'A one-shot',
    direction: 'down',
    address: down('command'),
    retain: false,
    description:
      'Something that happens once or not at all, unlike codes. Give it a new `command_id`, and an `expires_at` that is as near as the wish is urgent. No word of it by then? Send it again with the same `command_id`: either it happens now, or its result comes again.',
    reply: 'result',
    schema: commandMessage,
    examples: COMMAND_EXAMPLES,
  },
  {
    name: 'ack',
    title: 'Acknowledgement of events',
    direction: 'down',
    address: down('ack'),
    retain: false,
    description:
      'The cloud has stored all events up to and including `seq`, so the hub forgets them. Cumulative: a lost one is made good by the next.',
    schema: ackMessage,
    examples: ACK_EXAMPLES,
  },
  {
    name: 'status',
    title: 'Online or offline',
    direction: 'up',
    address: topics.status,
    retain: true,
    description:
      'The only retained message. `online` on every connect, `offline` as a goodbye and as the last will. For people who look at a list of hubs; `up/hello` counts for everything else.',
    schema: statusSchema,
    examples: STATUS_EXAMPLES,
  },
  {
    name: 'hello',
    title: 'A connection begins',
    direction: 'up',
    address: topics.hello,
    retain: false,
    description:
      'On every connect, and when `resend_events` asks for everything: which documents the hub has, how far its event log is, what it knows of the time, and the key to seal PINs to. Then come the reports of all locks, and the events that no broker has confirmed. Answer with `down/sync` and the documents that it lacks.',
    reply: 'sync',
    schema: helloSchema,
    examples: HELLO_EXAMPLES,
  },
  {
    name: 'reported',
    title: 'What is true of one lock',
    direction: 'up',
    address: topics.reported('{device_id}'),
    retain: false,
    description:
      'The lock and all its codes, as the hub knows them: on every connect, as soon as a lock is met for the first time, and whenever something of it changes. It replaces the one before. A report too large for one message comes in `parts` with one `digest`: `codes` and `unmanaged_codes` are cut, all else is in each part.',
    schema: reportedSchema,
    examples: REPORTED_EXAMPLES,
  },
  {
    name: 'event',
    title: 'What happened',
    direction: 'up',
    address: topics.event,
    retain: false,
    description:
      'Events from the log of the hub, in order of `seq`. The fields of an event depend on its `event_type`; new types come with newer hubs. Store what is new, then send `down/ack`.',
    reply: 'ack',
    schema: eventMessage,
    examples: EVENT_EXAMPLES,
  },
  {
    name: 'result',
    title: 'How far a command is',
    direction: 'up',
    address: topics.result,
    retain: false,
    description:
      'On every change of the state of a command, and once more when the same command is sent again. A broker can double it, or deliver an older state behind a newer one: `succeeded`, `failed` and `expired` are final.',
    schema: resultMessage,
    examples: RESULT_EXAMPLES,
  },
  {
    name: 'health',
    title: 'How the hub is',
    direction: 'up',
    address: topics.health,
    retain: false,
    description: 'Every 15 minutes, give or take, and on each connect: for graphs and alarms.',
    schema: healthSchema,
    examples: HEALTH_EXAMPLES,
  },
  {
    name: 'certificate_request',
    title: 'The certificate of a hub is near its end',
    direction: 'up',
    address: topics.certificateRequest,
    retain: false,
    description:
      'Only from a hub that was claimed: when less than a third of the life of its certificate is left, every 6 hours. The key is the one that it was claimed with. Answer with `down/certificate`; the hub goes on with the one it has meanwhile.',
    reply: 'certificate',
    schema: certificateRequestSchema,
    examples: CERTIFICATE_REQUEST_EXAMPLES,
  },
  {
    name: 'certificate',
    title: 'The next certificate of a hub',
    direction: 'down',
    address: down('certificate'),
    retain: false,
    description:
      'For the same key and the same `hub_id`, with a later end. The hub stores it, finishes what is on its way and connects anew with it within half a minute; should the broker refuse it, the hub goes on with the one before. Sent again, it changes nothing.',
    schema: certificateMessage,
    examples: CERTIFICATE_EXAMPLES,
  },
  {
    name: 'claim_request',
    title: 'A hub wants to be claimed',
    direction: 'up',
    address: claimTopics.request,
    retain: false,
    description:
      'With the claim certificate of the fleet, on connecting and every 15 s, the same until it is answered or the hub shows another code. Keep the newest of each `claim_id`, for a day after it came last, and a bounded number of them. Check the signature of `csr`, that its common name is `hub_id`, and that `claim_id` is its key; say nothing until somebody tells you the code.',
    reply: 'claim_answer',
    schema: claimRequestSchema,
    examples: CLAIM_REQUEST_EXAMPLES,
  },
  {
    name: 'claim_answer',
    title: 'A hub is claimed',
    direction: 'down',
    address: claimTopics.answer,
    retain: false,
    description:
      'When somebody told you a code by which the `proof` of a request is right: the certificate of the hub, or why not. `proof` shows that you know the code, too; without it the hub takes nothing. The same request again: the same answer again, for the first one may be lost. Afterwards the hub connects with its certificate and says hello.',
    schema: claimAnswerMessage,
    examples: CLAIM_ANSWER_EXAMPLES,
  },
];
