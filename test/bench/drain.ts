import path from 'node:path';
import { performance } from 'node:perf_hooks';
import mqtt from 'mqtt';
import { pino } from 'pino';
import type { DomainEvent } from '../../src/core/event.ts';
import { DAY_MS, MINUTE_MS } from '../../src/core/time.ts';
import type { Store } from '../../src/store/store.ts';
import { openHubStore, Scene, startHub, startMosquitto, type Hub } from '../contract/cloud-rig.ts';
import { Receiver } from './parts/receiver.ts';
import { SkippingClock } from './parts/skipping-clock.ts';

const EVENTS = Number(process.argv[2] ?? 100_000);
const ROUNDS = Number(process.argv[3] ?? 3);
const AWAY_MS = 30 * DAY_MS;
const STEP_MS = 15 * MINUTE_MS;
const WINDOW = 16;
/** Longest that the link waits between two attempts. */
const BACKOFF_MAX_MS = 5 * MINUTE_MS;
const WAIT_MAX_MS = 5 * MINUTE_MS;
const LOCK = '6aae9d08-fed6-4ca5-8328-e36849ab48fe';
const CODE = '3b9f4c1e-7a52-4d0b-9c6e-0a1b2c3d4e5f';

/** How long one publisher took until the broker had acknowledged all, and until the cloud had counted all. */
interface Measured {
  readonly brokerMs: number;
  readonly cloudMs: number;
  /** Of this process alone, until the broker had acknowledged all. */
  readonly cpuMs: number;
}

interface Round {
  readonly hub: Measured;
  readonly bare: Measured;
  readonly messages: number;
  readonly bytes: number;
}

function happened(index: number, occurredAt: number): DomainEvent {
  const isUnlock = index % 2 === 0;
  const details = { method: 'keycode', slot: 1 + (index % 30), code_name: `Guest ${index % 1000}` };
  return {
    event_type: isUnlock ? 'lock.unlocked' : 'lock.locked',
    occurredAt,
    device_id: LOCK,
    access_code_id: CODE,
    details,
  };
}

/** Polls in every turn of the event loop that has nothing else to do. */
async function until(what: string, condition: () => boolean): Promise<void> {
  const deadlineMs = performance.now() + WAIT_MAX_MS;
  while (!condition()) {
    if (performance.now() > deadlineMs) throw new Error(`Waited in vain until ${what}.`);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

/** Thirty days without a broker, in which the hub goes on trying and things happen. */
async function liveAlone(hub: Hub, clock: SkippingClock): Promise<void> {
  const steps = AWAY_MS / STEP_MS;
  for (let step = 0; step < steps; step += 1) {
    const from = Math.round((EVENTS * step) / steps);
    const to = Math.round((EVENTS * (step + 1)) / steps);
    const { connectionSeq } = hub.cloud.state();
    clock.skip(STEP_MS);
    const at = clock.now().earliest;
    hub.store.append(Array.from({ length: to - from }, (_, index) => happened(from + index, at)));
    await until('an attempt has failed', () => {
      const state = hub.cloud.state();
      return state.connectionSeq > connectionSeq && state.status === 'waiting';
    });
  }
}

/** Measures from the moment on at which `begin` lets a publisher look for the broker. */
async function measured(
  receiver: Receiver,
  hubId: string,
  begin: () => unknown,
  isTaken: () => Promise<unknown>,
): Promise<Measured> {
  const counted = receiver.all(hubId, EVENTS);
  const cpu = process.cpuUsage();
  const startedMs = performance.now();
  begin();
  await isTaken();
  const brokerMs = performance.now() - startedMs;
  const { user, system } = process.cpuUsage(cpu);
  await counted;
  return { brokerMs, cloudMs: performance.now() - startedMs, cpuMs: (user + system) / 1000 };
}

/** A client that has nothing to do but to publish what is there, at most so many at a time. */
async function publishBare(url: string, hubId: string, payloads: readonly string[]): Promise<void> {
  const client = mqtt.connect(url, { protocolVersion: 5, clean: true, clientId: hubId, reconnectPeriod: 0 });
  await new Promise((resolve) => client.once('connect', resolve));
  await client.subscribeAsync(`lockhub/v1/${hubId}/down/#`, { qos: 1 });
  await new Promise<void>((resolve, reject) => {
    let next = 0;
    let taken = 0;
    const send = (): void => {
      const payload = payloads[next];
      if (payload === undefined) return;
      next += 1;
      client.publish(`lockhub/v1/${hubId}/up/event`, payload, { qos: 1 }, (error) => {
        if (error) return reject(error);
        taken += 1;
        if (taken === payloads.length) resolve();
        else send();
      });
    };
    for (let started = 0; started < WINDOW; started += 1) send();
  });
  void client.endAsync();
}

function isDrained(store: Store): boolean {
  return store.outbox.published() === store.outbox.head();
}

async function playRound(round: number): Promise<Round> {
  const scene = new Scene();
  try {
    const lines = ['max_queued_messages 0', 'max_queued_bytes 0'];
    const before = await startMosquitto(scene, lines);
    const clock = new SkippingClock();
    const hubId = `hub-${round}`;
    const store = openHubStore(scene.dir);
    const log = pino({ level: 'silent' });
    const hub = startHub(scene, { url: before.url, store, hubId, clock, random: Math.random, log });
    await until('the hub is connected', () => hub.cloud.state().status === 'online');
    await before.stop();
    await liveAlone(hub, clock);
    const broker = await startMosquitto(scene, lines, before.port);
    const receiver = await Receiver.at(broker.url);
    const hubMeasured = await measured(
      receiver,
      hubId,
      () => clock.skip(BACKOFF_MAX_MS),
      () => until('the broker has all', () => isDrained(store)),
    );
    await until('all are acknowledged', () => store.outbox.depth() === 0);
    const payloads = await receiver.batches(hubId, path.join(scene.dir, 'batches'));
    await hub.stop();
    const bareId = `bare-${round}`;
    let published: Promise<void> | undefined;
    const bareMeasured = await measured(
      receiver,
      bareId,
      () => (published = publishBare(broker.url, bareId, payloads)),
      async () => published,
    );
    await receiver.stop();
    const bytes = payloads.reduce((sum, payload) => sum + Buffer.byteLength(payload), 0);
    return { hub: hubMeasured, bare: bareMeasured, messages: payloads.length, bytes };
  } finally {
    await scene.end();
  }
}

/** The middle one of the rounds. */
function median(rounds: readonly Round[], value: (round: Round) => number): number {
  return rounds.map(value).toSorted((a, b) => a - b)[Math.floor(rounds.length / 2)] ?? Number.NaN;
}

const rounds: Round[] = [];
for (let round = 1; round <= ROUNDS; round += 1) rounds.push(await playRound(round));
const { messages = 0, bytes = 0 } = rounds[0] ?? {};
console.log(
  `${ROUNDS} times: 30 days without a broker, then ${EVENTS} events in ${messages} messages of ` +
    `${Math.round(bytes / messages)} bytes. All arrived, each once and in order.`,
);
for (const [what, key] of [
  ['until the broker had acknowledged all', 'brokerMs'],
  ['processor time until then', 'cpuMs'],
  ['until the cloud had counted all', 'cloudMs'],
] as const) {
  const hubMs = median(rounds, ({ hub }) => hub[key]);
  const bareMs = median(rounds, ({ bare }) => bare[key]);
  const ratio = median(rounds, ({ hub, bare }) => bare[key] / hub[key]);
  const each = rounds.map(({ hub, bare }) => (bare[key] / hub[key]).toFixed(2)).join(' ');
  console.log(
    `${what}: hub ${hubMs.toFixed(0)} ms, bare publisher ${bareMs.toFixed(0)} ms (medians); ` +
      `rate as a ratio to the bare one ${ratio.toFixed(2)} (${each})`,
  );
}
