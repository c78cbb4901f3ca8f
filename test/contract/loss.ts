import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { seededRandom, type Random } from '../../drivers/sim/random.ts';
import type { KnownHub } from '../../src/reference-cloud/cloud.ts';
import type { CloudEvent } from '../../src/reference-cloud/up-message.ts';
import type { Store } from '../../src/store/store.ts';
import { FastClock } from '../support/fast-clock.ts';
import { LossyInternet, STORM, type Toll } from '../support/lossy-internet.ts';
import { LossCloud } from './loss-cloud.ts';
import {
  interviewed,
  openHubStore,
  startAedes,
  startHub,
  startMosquitto,
  type Broker,
  type Hub,
  type Scene,
} from './cloud-rig.ts';
import { startNats } from './nats.ts';

const HUB_ID = 'hub-1';
const LOCKS = 4;
const CODES_MAX = 6;
/** Minutes of the hub's patience pass in seconds. */
const CLOCK_FACTOR = 2;
const PUBACK_TIMEOUT_MS = 1000;
/** The cloud's backlog of events is kept below this, so that the messages are many and small. */
const BACKLOG_MAX = 100;
const SETTLE_MS = 100_000;
const SETTLE_LOOK_MS = 50;
const PAUSE_MAX_MS = 4;

export const BROKERS = [
  { name: 'mosquitto', start: startMosquitto, protocolVersion: 5 },
  { name: 'aedes', start: startAedes, protocolVersion: 4 },
  { name: 'nats', start: startPatientNats, protocolVersion: 4 },
] as const;

/**
 * A connection lives for 20 messages here. NATS delivers what it has no acknowledgement for again after a while, also
 * what it has just sent, so more on their way than one connection carries would be little but repetitions.
 */
function startPatientNats(scene: Scene): Promise<Broker> {
  return startNats(scene, [], { ackWait: '200ms', pendingMax: STORM.cutAfterMessages });
}

/** What came of a storm. */
export interface Outcome {
  /** Of both sides of the broker together. */
  readonly toll: Toll;
  /** Events of the hub, of which each has to count once. */
  readonly events: number;
  /** Changes of documents. */
  readonly documents: number;
  /** Connections that the hub began. */
  readonly connections: number;
  readonly seconds: number;
  /** What is wrong, in words; empty when both sides agree, and each event counted once and in order. */
  readonly complaints: readonly string[];
}

/**
 * Hub and cloud, each behind the worst internet there is, with a broker between them: the cloud changes its documents
 * and the locks make events until so many messages have been under way, and then both get time to agree.
 */
export async function rideOut(
  scene: Scene,
  { start, protocolVersion }: (typeof BROKERS)[number],
  messages: number,
  seed: number,
): Promise<Outcome> {
  const startedMs = performance.now();
  const broker = await start(scene);
  const side = async (salt: number): Promise<LossyInternet> => {
    const internet = await LossyInternet.to(broker.port, STORM, seededRandom(seed + salt));
    scene.atEnd(() => internet.close());
    return internet;
  };
  const [near, far] = [await side(1), await side(2)];
  const clock = new FastClock(CLOCK_FACTOR);
  const store = openHubStore(scene.dir);
  const deviceIds = Array.from({ length: LOCKS }, () => randomUUID());
  for (const id of deviceIds) store.commit(undefined, interviewed(id), []);
  const hub = startHub(scene, { url: near.url, store, clock, pubackTimeoutMs: PUBACK_TIMEOUT_MS });
  const cloud = new LossCloud(HUB_ID, far.url, protocolVersion, clock);
  scene.atEnd(() => cloud.stop());

  const made = new Map(deviceIds.map((id) => [id, 0]));
  const isOver = (): boolean => near.toll.messages + far.toll.messages >= messages;
  await live(cloud, store, made, seededRandom(seed), isOver);
  const deadlineMs = performance.now() + SETTLE_MS;
  while (differencesOf(hub, cloud.hub, deviceIds).length > 0 && performance.now() < deadlineMs) {
    await sleep(SETTLE_LOOK_MS);
  }
  const violations = cloud.violations.map(({ kind, message }) => `${kind}: ${message}`);
  return {
    toll: sum(near.toll, far.toll),
    events: cloud.events.length,
    documents: sumOf(deviceIds.map((id) => cloud.hub.documents.get(id)?.version ?? 0)),
    connections: hub.cloud.state().connectionSeq,
    seconds: (performance.now() - startedMs) / 1000,
    complaints: [
      ...violations,
      ...differencesOf(hub, cloud.hub, deviceIds),
      ...miscountsOf(cloud.events, made),
    ],
  };
}

/** Events of locks, changes of documents and of what is reported, as fast as the cloud gets them. */
async function live(
  cloud: LossCloud,
  store: Store,
  made: Map<string, number>,
  random: Random,
  isOver: () => boolean,
): Promise<void> {
  const deviceIds = [...made.keys()];
  while (!isOver()) {
    await sleep(random() * PAUSE_MAX_MS);
    if (store.outbox.depth() >= BACKLOG_MAX) continue;
    const deviceId = oneOf(deviceIds, random);
    const note = (made.get(deviceId) ?? 0) + 1;
    made.set(deviceId, note);
    store.append([{ event_type: 'lock.unlocked', occurredAt: 0, device_id: deviceId, details: { note } }]);
    if (random() < 0.3) change(cloud, deviceId, random);
    if (random() < 0.3) drain(store, deviceId, random);
  }
}

/** Events that did not count once and in order, in the log and at each lock. */
function miscountsOf(events: readonly CloudEvent[], made: ReadonlyMap<string, number>): readonly string[] {
  const log = isUpTo(
    events.map(({ seq }) => seq),
    events.length,
  )
    ? []
    : ['the log is not 1, 2, 3 ...'];
  const locks = [...made].flatMap(([deviceId, count]) => {
    const own = events.filter((event) => event['device_id'] === deviceId && 'note' in event);
    const isRight = isUpTo(
      own.map((event) => Number(event['note'])),
      count,
    );
    return isRight ? [] : [`the ${count} events of ${deviceId} did not count once and in order`];
  });
  return [...log, ...locks];
}

function isUpTo(numbers: readonly number[], last: number): boolean {
  return numbers.length === last && numbers.every((number, index) => number === index + 1);
}

/** The battery of a lock shows another level: its report changes, and its document does not. */
function drain(store: Store, deviceId: string, random: Random): void {
  const state = store.lockState(deviceId);
  if (state === undefined) return;
  store.commit(
    state,
    { ...state, lock: { ...state.lock, batteryLevel: Math.round(random() * 100) / 100 } },
    [],
  );
}

/** A new code, another name for one that there is, or one less. */
function change({ cloud, hub }: LossCloud, deviceId: string, random: Random): void {
  const id = `code-${Math.floor(random() * CODES_MAX)}`;
  const isThere = hub.documents.get(deviceId)?.codes.some((code) => code.access_code_id === id);
  if (isThere && random() < 0.5) return void cloud.delete(hub, deviceId, id);
  const fields = {
    name: `Guest ${Math.floor(random() * 1_000_000)}`,
    code: `90${4000 + id.length}${id.slice(-1)}`,
  };
  cloud.set(hub, deviceId, id, fields);
}

/** Where the two sides do not agree yet. */
function differencesOf(hub: Hub, known: KnownHub, deviceIds: readonly string[]): readonly string[] {
  const head = hub.store.outbox.head();
  const received = known.sink.ledger.log()?.received() ?? 0;
  const events = received === head ? [] : [`${received} of ${head} events arrived`];
  const unacknowledged = hub.store.outbox.depth();
  if (unacknowledged > 0) events.push(`${unacknowledged} events are not acknowledged`);
  return [...events, ...deviceIds.flatMap((id) => lockDifference(hub.store, known, id))];
}

function namesOf(codes: readonly { readonly access_code_id: string }[]): string {
  return codes
    .map((code) => `${code.access_code_id}=${String('name' in code ? code.name : '')}`)
    .sort()
    .join();
}

function lockDifference(store: Store, { documents, sink }: KnownHub, deviceId: string): readonly string[] {
  const wanted = documents.get(deviceId);
  if (wanted === undefined) return [];
  const desired = `${wanted.generation}/${wanted.version} ${namesOf(wanted.codes)}`;
  const report = sink.ledger.report(deviceId);
  // A code on its way out is still reported.
  const staying = report?.codes.filter(({ status }) => status !== 'removing') ?? [];
  const reported = `${report?.generation}/${report?.version_received} ${namesOf(staying)}`;
  const [level, told] = [store.lockState(deviceId)?.lock.batteryLevel, report?.device.battery_level];
  if (level !== told) return [`the battery of ${deviceId} is at ${level}, reported ${told}`];
  const state = store.lockState(deviceId);
  const kept = `${state?.lock.generation}/${state?.lock.versionReceived}`;
  if (desired === reported && desired.startsWith(`${kept} `)) return [];
  return [`wanted ${desired}, reported ${reported}, the hub has ${kept}`];
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function sum(one: Toll, other: Toll): Toll {
  return {
    messages: one.messages + other.messages,
    lost: one.lost + other.lost,
    doubled: one.doubled + other.doubled,
    overtaken: one.overtaken + other.overtaken,
    cuts: one.cuts + other.cuts,
  };
}

function oneOf<T>(all: readonly T[], random: Random): T {
  const one = all[Math.floor(random() * all.length)];
  if (one === undefined) throw new Error('Nothing to choose from');
  return one;
}
