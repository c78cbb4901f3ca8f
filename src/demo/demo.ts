import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { type Config, parseConfig } from '../config.ts';
import type { Hub } from '../hub.ts';
import { createHubLog, type HubLog } from '../log.ts';
import type { SimulatedHouse } from '../http/simulation.ts';
import type { DemoOptions } from '../program.ts';
import type { Machine } from '../time/interval-clock.ts';
import { Backend } from './backend.ts';
import type { startBroker } from './broker.ts';
import { until } from './check.ts';
import { admitLocks } from './admission.ts';
import { type DemoDoor, KEYPAD, openDoor, shareFirstSecret } from './door.ts';
import { hintsFor } from './hints.ts';
import { houseControl } from './house.ts';
import { startHubProcess } from './hub-process.ts';
import { Hubs } from './hubs.ts';
import { type DemoLock, pairLocks, sampleCodes } from './locks.ts';
import { simulatedHouse } from './simulation.ts';
import type { Stage } from './stage.ts';
import { playTour } from './tour.ts';
import { humanView, jsonView } from './view.ts';

const HUB_ID = 'demo';
const HTTP_PORT = 8080;
const CONFIG_FILE = 'lockhub.yaml';
/** Starting the radio library and interviewing all locks of the house; usually a few seconds. */
const LOCKS_TIMEOUT_MS = 60_000;

interface Stoppable {
  stop(): Promise<void>;
}

/** The hub of the demo, as far as the demo touches it. */
type DemoHub = Pick<Hub, 'http' | 'stop'>;

interface House extends Stoppable {
  readonly zwave: string;
  /** `null` only where none was asked for. */
  readonly zigbee: string | null;
  readonly control: string;
  readonly securityKeysFile: string;
}

/** What the demo is given; it knows neither the radio library nor the simulator. */
export interface DemoParts {
  startHouse(options: {
    readonly keysFile: string;
    readonly zigbeePort: number;
    readonly zigbeeMemory: string;
    readonly keypads: { readonly id: string; readonly address: number }[];
  }): Promise<House>;
  openHub(config: Config, log: HubLog, house: SimulatedHouse, machine?: Machine): Promise<DemoHub>;
  /** Says of a port that is taken what a user can do. */
  atStart<T>(work: () => Promise<T>): Promise<T>;
  /** A broker for the demo: see `startBroker`, whose failures are for the user. */
  startBroker: typeof startBroker;
  /** Resolves when the demo is to end. */
  readonly signal: Promise<void>;
}

/** Plays until the signal, or the tour until its end. False only for a tour that did not hold or was cut short. */
export async function runDemo(options: DemoOptions, parts: DemoParts): Promise<boolean> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'lockhub-demo-'));
  // However the demo ends, its folder goes with it.
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const running: Stoppable[] = [];
  const play = async (): Promise<boolean> => {
    const stage = await setUp(options, parts, folder, running);
    if (options.tour) return playTour(stage);
    await wantSamples(stage);
    const ignoreSwitch = onSwitch(stage);
    await parts.signal;
    ignoreSwitch();
    return true;
  };
  try {
    return await Promise.race([play(), parts.signal.then(() => !options.tour)]);
  } finally {
    for (const part of running.toReversed()) await part.stop();
  }
}

async function setUp(
  options: DemoOptions,
  parts: DemoParts,
  folder: string,
  running: Stoppable[],
): Promise<Stage> {
  let locks: readonly DemoLock[] = [];
  const view = options.json ? jsonView(print) : humanView(print, () => locks);
  const dataDir = path.resolve(options.dataDir ?? path.join(folder, 'data'));
  const simulated = await parts.atStart(() => {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    return parts.startHouse({
      keysFile: path.join(folder, 'security-keys.json'),
      zigbeePort: 0,
      // Locks that this hub has let in know it again at its next start.
      zigbeeMemory: path.join(dataDir, 'simulated-zigbee.json'),
      keypads: [KEYPAD],
    });
  });
  running.push(simulated);
  const house = houseControl(simulated.control);
  const inHouse = await house.locks();
  const broker = await parts.startBroker(options.mqttPort, (topic, payload) => backend.hear(topic, payload));
  running.push({ stop: () => broker.cut() });
  // The tour tells its own story, and its cut of the internet is no news.
  const isLive = !options.tour;
  const backend = new Backend({
    hubId: HUB_ID,
    publish: (topic, payload) => broker.publish(topic, payload),
    onEvent: (event) => isLive && view.event(event),
    onReported: (reported) => {
      locks = pairLocks(inHouse, backend.reported.values());
      if (isLive) view.reported(reported);
    },
    onTrouble: (trouble) => view.trouble(trouble),
  });
  const httpPort = options.httpPort ?? (await freePort(HTTP_PORT));
  const config = demoConfig(folder, dataDir, { mqtt: broker.port, http: httpPort }, simulated);
  const hubLog = createHubLog(isLive ? 'warn' : 'error', view.log);
  const hubs = new Hubs({
    open: (machine) => parts.openHub(config, hubLog, simulatedHouse(house), machine),
    spawn: () => startHubProcess(path.join(folder, CONFIG_FILE)),
  });
  running.push(hubs);
  const { http } = await hubs.open();
  const face = http === null ? null : await parts.atStart(() => faceOf(http));
  view.ready({
    mqtt: `mqtt://127.0.0.1:${broker.port}`,
    hub_id: HUB_ID,
    control: simulated.control,
    data_dir: config.dataDir,
    ...face,
  });
  if (face !== null) await admitLocks(house, backend, async () => (await fetch(`${face.http}/readyz`)).ok);
  await until('all locks of the house reported by the hub', LOCKS_TIMEOUT_MS, () => ({
    held: locks.length === inHouse.length,
    seen: `${locks.length} of ${inHouse.length} locks`,
  }));
  const door = await openDoor(house, backend, locks);
  if (face !== null) await nameDevices(face, locks, door);
  return { hubId: HUB_ID, controlUrl: simulated.control, broker, backend, house, locks, door, hubs, view };
}

/** A technician would do so at the page. */
async function nameDevices(face: Face, locks: readonly DemoLock[], door: DemoDoor): Promise<void> {
  const keypad = { deviceId: door.keypadDeviceId, id: door.keypadId };
  await Promise.all([...locks, keypad].map((device) => nameDevice(face, device)));
}

type Face = Awaited<ReturnType<typeof faceOf>>;

/** `front-door` becomes `Front door`. */
async function nameDevice(
  { http, api_key: key }: Face,
  { deviceId, id }: Pick<DemoLock, 'deviceId' | 'id'>,
): Promise<void> {
  const words = id.replaceAll('-', ' ');
  const response = await fetch(`${http}/devices/update`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ device_id: deviceId, name: words.charAt(0).toUpperCase() + words.slice(1) }),
  });
  if (!response.ok) throw new Error(`a device of the demo could not be named: ${await response.text()}`);
}

/** Where the local API is, and what lets a program and a person in. */
async function faceOf(http: NonNullable<DemoHub['http']>) {
  const { url } = await http.listening;
  return {
    http: url,
    api_key: http.replaceKey('demo', ['admin', 'pins']),
    login_url: `${url}${http.loginPath()}`,
  };
}

/** The port, or 0 (a free one) where another program has it. */
function freePort(port: number): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(0));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(port)));
  });
}

function demoConfig(
  folder: string,
  dataDir: string,
  ports: { readonly mqtt: number; readonly http: number },
  house: House,
): Config {
  const keys = {
    hub_id: HUB_ID,
    site: { timezone: Intl.DateTimeFormat().resolvedOptions().timeZone },
    clock: { trust_system: true },
    data_dir: dataDir,
    radios: [
      { kind: 'zwave', port: house.zwave, security_keys_file: house.securityKeysFile },
      ...(house.zigbee === null ? [] : [{ kind: 'zigbee', port: house.zigbee, adapter: 'zstack' }]),
    ],
    cloud: { url: `mqtt://127.0.0.1:${ports.mqtt}` },
    scheduling: { jit_lead_minutes: 1 },
  };
  // For a hub in a process of its own, which nobody looks at; every JSON file is one of YAML.
  writeFileSync(path.join(folder, CONFIG_FILE), JSON.stringify({ ...keys, http: false }));
  const config = parseConfig(keys, folder);
  if (!config.ok) throw new Error(config.mistakes.join('; '));
  const { http } = config.value;
  return { ...config.value, http: http && { ...http, port: ports.http } };
}

/** The internet of the hub goes at SIGUSR2, and comes back at the next one. */
function onSwitch({ broker, view }: Stage): () => void {
  let isCut = false;
  let done: Promise<void> = Promise.resolve();
  const turn = (): void => {
    isCut = !isCut;
    const cut = isCut;
    view.internet(!cut);
    done = done
      .then(() => (cut ? broker.cut() : broker.restore()))
      .catch((error: unknown) => view.trouble(String(error)));
  };
  process.on('SIGUSR2', turn);
  return () => process.off('SIGUSR2', turn);
}

async function wantSamples(stage: Stage): Promise<void> {
  const { hubId, backend, locks, view } = stage;
  await shareFirstSecret(hubId, backend);
  const now = Date.now();
  for (const [index, lock] of locks.entries()) {
    await backend.desire(lock.deviceId, sampleCodes(lock, index, now));
  }
  view.hints(hintsFor(stage));
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
