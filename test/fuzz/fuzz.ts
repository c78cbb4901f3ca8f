import { performance } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { isDeepStrictEqual } from 'node:util';
import { seededRandom } from '../../drivers/sim/random.ts';
import { revealed } from '../support/revealed.ts';
import { HubUnderFuzz } from './hub.ts';
import { before, faultOf, meaningOf, type Meaning } from './judge.ts';
import { Messages, type Sent } from './messages.ts';

/** Time that passes between two messages. */
const STEP_MS = 50;
/** So often the publisher gets its turn, and locks do what they were told. */
const TURN_EVERY = 8;
const FLUSH_EVERY = 200;
/** So often in all it is checked that what is remembered is what is written. */
const KEPT_CHECKS = 50;
const LOCKS: readonly [string, ...string[]] = [
  '6aae9d08-fed6-4ca5-8328-e36849ab48fe',
  '0d2b0f0a-93b4-5c3e-a1f0-4f7b6c1d2e3f',
  'c7a1e5d2-4b3f-8e6a-8c09-fedcba987654',
  '81f6c2d4-5e3a-8b7c-9d01-23456789abcd',
];
/** The last two are met by no radio. */
const MET = LOCKS.slice(0, 2);
const PAYLOAD_SHOWN_MAX = 2000;

export interface FuzzReport {
  readonly messages: number;
  /** By what the contract as files makes of them. */
  readonly meanings: Readonly<Record<Meaning['kind'], number>>;
  /** By the hub, by reason. */
  readonly rejected: Readonly<Record<string, number>>;
  readonly up: number;
  readonly logLines: number;
  /** After a garbage collection, when a tenth was through, and at the end. */
  readonly heapBytes: readonly [number, number];
  readonly residentBytes: number;
  readonly tookMs: number;
}

/** Sends that many messages to a hub in `directory`. Throws at the first thing that is wrong, with the message. */
export async function fuzz(directory: string, count: number, seed: number): Promise<FuzzReport> {
  const startedMs = performance.now();
  const hub = new HubUnderFuzz(directory, seed, MET);
  const messages = new Messages(seededRandom(seed), {
    deviceIds: LOCKS,
    epoch: hub.store.outbox.epoch,
    sentThrough: () => hub.sentThrough(),
    versionsOf: (deviceId) => {
      const { generation = 0, versionReceived: version = 0 } = hub.store.lockState(deviceId)?.lock ?? {};
      return { generation, version };
    },
    sealingKey: () => hub.exchange.sealingKeys.current(),
    nowMs: () => hub.clock.now().earliest,
  });
  const meanings = { nothing: 0, desired: 0, command: 0, ack: 0, sync: 0 };
  let earlyHeap = 0;
  for (let turn = 0; turn < count; turn += 1) {
    hub.clock.elapsedMs += STEP_MS;
    const sent = messages.next();
    const kind = await sendOne(hub, sent, seed, turn);
    meanings[kind] += 1;
    if (turn % FLUSH_EVERY === 0) hub.exchange.inbox.flush();
    if (turn % TURN_EVERY === 0) {
      hub.obey(turn);
      await new Promise(setImmediate);
    }
    if (turn % Math.ceil(count / KEPT_CHECKS) === 0) checkKept(hub);
    if (turn === Math.floor(count / 10)) earlyHeap = heapBytes();
  }
  await new Promise(setImmediate);
  const lateHeap = heapBytes();
  const { up, logLines, givenUp } = hub.counts;
  const rejected = hub.exchange.inbox.rejected();
  hub.close();
  if (givenUp > 0) throw new Error(`${givenUp} messages failed inside the hub.`);
  if (Object.hasOwn(Object.prototype, 'polluted')) throw new Error('A message changed all objects.');
  return {
    messages: count,
    meanings,
    rejected,
    up,
    logLines,
    heapBytes: [earlyHeap, lateHeap],
    residentBytes: process.memoryUsage().rss,
    tookMs: performance.now() - startedMs,
  };
}

async function sendOne(hub: HubUnderFuzz, sent: Sent, seed: number, turn: number): Promise<Meaning['kind']> {
  const meaning = meaningOf(sent);
  const was = before(hub, meaning);
  let fault: string | undefined;
  try {
    const received = hub.exchange.inbox.receive(sent);
    const afterAck = received instanceof Promise ? await received : received;
    fault = faultOf(hub, meaning, was) ?? hub.faults[0];
    afterAck();
  } catch (error) {
    fault = `The hub failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
  }
  if (fault === undefined) return meaning.kind;
  const text = Buffer.from(sent.payload).toString().slice(0, PAYLOAD_SHOWN_MAX);
  throw new Error(
    `seed ${seed}, message ${turn}: ${fault}\n${sent.topic} ${sent.retain ? '(retained) ' : ''}${text}`,
  );
}

function checkKept(hub: HubUnderFuzz): void {
  const reopened = hub.reopened();
  try {
    for (const deviceId of hub.store.deviceIds()) {
      const [kept, known] = [reopened, hub.store].map((store) => revealed(store.lockState(deviceId)));
      if (!isDeepStrictEqual(kept, known))
        throw new Error(`${deviceId} is written otherwise than remembered.`);
    }
  } finally {
    reopened.close();
  }
}

function heapBytes(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  collect();
  return process.memoryUsage().heapUsed;
}
