import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Mosquitto } from '../e2e/mosquitto.ts';
import { ieeeOf, startPeerHouse, type PeerHouse, type PlannedLock } from '../peers/house.ts';
import { ZIGBEE2MQTT_VERSION, zigbee2mqttFolder } from '../peers/install.ts';
import { until } from '../peers/until.ts';
import { Zigbee2Mqtt, type PeerOptions } from '../peers/zigbee2mqtt.ts';
import { HubSide, startHub } from './parts/zigbee-hub.ts';
import { PeerSide } from './parts/zigbee-peer.ts';
import { residentMb, type Side, type Wanted } from './parts/zigbee-side.ts';

const LOCKS = Number(process.argv[2] ?? 20);
const PINS = Number(process.argv[3] ?? 10);
const ROUNDS = Number(process.argv[4] ?? 5);
/** How often one PIN alone is set in a round, each time on another lock, which sleeps. */
const SINGLES = Math.min(10, LOCKS);
const MODEL = 'dl-plain';
/** No frame for so long: nothing is left of what was done before. */
const QUIET_MS = 4000;
const QUIET_WITHIN_MS = 180_000;
const SETTLE_MS = 5000;

const ZIGBEE: readonly PlannedLock[] = Array.from({ length: LOCKS }, (_, index) => ({
  id: `door-${index + 1}`,
  model: MODEL,
  address: ieeeOf(index + 1),
}));
const ZWAVE: readonly PlannedLock[] = [
  { id: 'front-door', model: 'uc-v2', address: 2 },
  { id: 'office', model: 'u3c', address: 3 },
];

interface Sample {
  readonly ms: number;
  readonly frames: number;
}

let pins = 0;
/** Digits that no lock has. */
function nextPin(): string {
  pins += 1;
  return String(100_000 + pins);
}

async function framesOf(house: PeerHouse): Promise<number> {
  const counts = await house.counts();
  return counts
    .filter(({ address }) => typeof address === 'string')
    .reduce((sum, { frames }) => sum + frames.received + frames.sent, 0);
}

async function quiet(house: PeerHouse): Promise<void> {
  let frames = -1;
  let sinceMs = performance.now();
  await until('the air is quiet', QUIET_WITHIN_MS, async () => {
    const now = await framesOf(house);
    if (now !== frames) sinceMs = performance.now();
    frames = now;
    return performance.now() - sinceMs > QUIET_MS;
  });
}

/** Sets PINs, and checks at the locks that they are there. */
async function measure(side: Side, wanted: Wanted): Promise<Sample> {
  const before = await framesOf(side.house);
  const startedMs = performance.now();
  await side.setPins(wanted);
  const ms = performance.now() - startedMs;
  const frames = (await framesOf(side.house)) - before;
  for (const { address, slots } of await side.house.locks()) {
    const held = new Set(slots.map(({ pin }) => pin));
    if (wanted.get(String(address))?.some((pin) => !held.has(pin)))
      throw new Error(`${address} lacks a PIN that was said to be proven.`);
  }
  const count = [...wanted.values()].flat().length;
  return { ms, frames: frames / count };
}

interface Measured {
  readonly singles: Sample[];
  readonly all: Sample[];
}

async function round(side: Side, into: Measured): Promise<void> {
  await quiet(side.house);
  for (const { address } of ZIGBEE.slice(0, SINGLES))
    into.singles.push(await measure(side, new Map([[String(address), [nextPin()]]])));
  await quiet(side.house);
  const wanted = ZIGBEE.map(({ address }): readonly [string, readonly string[]] => [
    String(address),
    Array.from({ length: PINS }, nextPin),
  ]);
  into.all.push(await measure(side, new Map(wanted)));
  await side.clearPins();
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}

function say(
  what: string,
  hub: readonly number[],
  peer: readonly number[],
  digits: number,
  unit: string,
): void {
  const [own, other] = [median(hub), median(peer)];
  console.log(
    `${what}: hub ${own.toFixed(digits)} ${unit}, zigbee2mqtt ${other.toFixed(digits)} ${unit}, ratio ${(own / other).toFixed(2)}`,
  );
}

/** Both programs start again with the locks that they know, in turn. */
async function compareStarts(
  hub: { readonly folder: string; readonly brokerUrl: string; readonly house: PeerHouse },
  peer: PeerOptions,
): Promise<void> {
  const kinds = [['zigbee'], ['zwave', 'zigbee'], []] as const;
  const starts = kinds.map(() => ({ ms: [] as number[], mb: [] as number[] }));
  const other = { ms: [] as number[], mb: [] as number[] };
  for (let count = 0; count < ROUNDS; count += 1) {
    for (const [index, radios] of kinds.entries()) {
      const { program, startMs } = await startHub({ ...hub, radios });
      await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
      starts[index]?.ms.push(startMs);
      starts[index]?.mb.push(residentMb(program.child.pid));
      await program.end('SIGTERM');
    }
    const running = await Zigbee2Mqtt.start(peer);
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    other.ms.push(running.startMs);
    other.mb.push(residentMb(running.program.child.pid));
    await running.stop();
  }
  for (const [index, radios] of kinds.entries()) {
    const name = { 0: 'without a radio', 1: 'with Zigbee', 2: 'with both radios' }[radios.length];
    say(`start to ready, hub ${name}`, starts[index]?.ms ?? [], other.ms, 0, 'ms');
    say(`memory after ${SETTLE_MS / 1000} s, hub ${name}`, starts[index]?.mb ?? [], other.mb, 0, 'MB');
  }
}

await zigbee2mqttFolder();
const folder = mkdtempSync(path.join(os.tmpdir(), 'lockhub-bench-'));
const ends: (() => Promise<void>)[] = [];
try {
  const broker = await Mosquitto.start(folder);
  ends.push(() => broker.stop());
  const brokerUrl = `mqtt://127.0.0.1:${broker.port}`;
  const houses: PeerHouse[] = [];
  for (const name of ['hub', 'zigbee2mqtt']) {
    mkdirSync(path.join(folder, name));
    const house = await startPeerHouse(path.join(folder, name), [
      ...ZIGBEE,
      ...(name === 'hub' ? ZWAVE : []),
    ]);
    houses.push(house);
    ends.push(() => house.end());
  }
  const [ownHouse, otherHouse] = houses as [PeerHouse, PeerHouse];
  const peerOptions = { folder: path.join(folder, 'zigbee2mqtt'), brokerUrl, stick: otherHouse.zigbee };
  const hubOptions = { folder: path.join(folder, 'hub'), brokerUrl, house: ownHouse };
  const hub = await HubSide.start({ ...hubOptions, radios: ['zwave', 'zigbee'] }, LOCKS);
  ends.push(() => hub.end());
  const peer = await PeerSide.start(otherHouse, peerOptions, LOCKS);
  ends.push(() => peer.end());
  const measured = { hub: { singles: [], all: [] }, peer: { singles: [], all: [] } } satisfies Record<
    string,
    Measured
  >;
  for (let count = 0; count < ROUNDS; count += 1) {
    await round(hub, measured.hub);
    await round(peer, measured.peer);
  }
  for (const side of [hub, peer]) {
    ends.pop();
    await side.end();
  }
  const of = (samples: readonly Sample[], name: keyof Sample): number[] =>
    samples.map((sample) => sample[name]);
  console.log(
    `A hub and zigbee2mqtt ${ZIGBEE2MQTT_VERSION}, each in front of its own simulated stick with ${LOCKS} locks (${MODEL}) ` +
      `that ask for frames each second while they sleep. Both are told by MQTT which PINs to set, and tell by MQTT that ` +
      `each was read back: zigbee2mqtt by a get behind each set. Medians of ${ROUNDS} rounds, in turn.`,
  );
  const { hub: own, peer: other } = measured;
  say('frames for one PIN alone', of(own.singles, 'frames'), of(other.singles, 'frames'), 1, 'frames');
  say('time for one PIN alone', of(own.singles, 'ms'), of(other.singles, 'ms'), 0, 'ms');
  say(
    `frames for each of ${LOCKS} x ${PINS} PINs`,
    of(own.all, 'frames'),
    of(other.all, 'frames'),
    1,
    'frames',
  );
  say(`time for ${LOCKS} x ${PINS} PINs`, of(own.all, 'ms'), of(other.all, 'ms'), 0, 'ms');
  await compareStarts(hubOptions, peerOptions);
} finally {
  for (const end of ends.reverse()) await end();
  rmSync(folder, { recursive: true, force: true });
}
