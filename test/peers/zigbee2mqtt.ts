import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import mqtt, { type MqttClient } from 'mqtt';
import { z } from 'zod';
import { startProgram, type Program } from '../e2e/program.ts';
import { zigbee2mqttFolder } from './install.ts';
import { until } from './until.ts';

const BASE = 'zigbee2mqtt';
const START_WITHIN_MS = 60_000;
const ANSWER_WITHIN_MS = 20_000;
const INTERVIEW_WITHIN_MS = 60_000;
const PERMIT_JOIN_SECONDS = 200;
/** Heard messages that are kept; a test hears fewer. */
const HEARD_MAX = 20_000;

const devicesSchema = z.array(
  z.object({
    ieee_address: z.string(),
    type: z.string(),
    model_id: z.string().optional(),
    interview_state: z.string(),
    definition: z.object({ exposes: z.array(z.unknown()) }).nullish(),
  }),
);
const responseSchema = z.object({ status: z.string(), error: z.string().optional() });
const stateSchema = z.looseObject({
  action: z.string().optional(),
  action_user: z.number().nullish(),
  users: z
    .record(
      z.string(),
      z.object({ status: z.string(), pin_code: z.union([z.string(), z.number()]).optional() }),
    )
    .optional(),
});

/** A device as zigbee2mqtt tells of it. */
export type PeerDevice = z.infer<typeof devicesSchema>[number];
type PeerState = z.infer<typeof stateSchema>;

export interface PeerOptions {
  /** Where it keeps what it knows; may be one of an earlier start. */
  readonly folder: string;
  readonly brokerUrl: string;
  /** `tcp://HOST:PORT` of the stick. */
  readonly stick: string;
}

/** An unmodified zigbee2mqtt in a process of its own, spoken to by MQTT as its users do. */
export class Zigbee2Mqtt {
  readonly program: Program;
  /** From the start of the process until it said that it is online. */
  readonly startMs: number;
  readonly #client: MqttClient;
  readonly #states: { readonly ieee: string; readonly state: PeerState }[];
  readonly #devices: () => readonly PeerDevice[];

  private constructor(parts: {
    readonly program: Program;
    readonly startMs: number;
    readonly client: MqttClient;
    readonly states: { readonly ieee: string; readonly state: PeerState }[];
    readonly devices: () => readonly PeerDevice[];
  }) {
    this.program = parts.program;
    this.startMs = parts.startMs;
    this.#client = parts.client;
    this.#states = parts.states;
    this.#devices = parts.devices;
  }

  static async start(options: PeerOptions): Promise<Zigbee2Mqtt> {
    const code = await zigbee2mqttFolder();
    configure(options);
    const client = await mqtt.connectAsync(options.brokerUrl, { reconnectPeriod: 100 });
    const states: { readonly ieee: string; readonly state: PeerState }[] = [];
    let devices: readonly PeerDevice[] | undefined;
    let isOnline = false;
    client.on('message', (topic, payload, { retain }) => {
      const name = topic.slice(BASE.length + 1);
      const text = payload.toString();
      // What an earlier start has left with the broker says nothing about this one.
      if (name === 'bridge/state' && !retain) isOnline = text.includes('online');
      if (name === 'bridge/devices' && !retain) devices = devicesSchema.parse(JSON.parse(text));
      if (name.startsWith('0x') && !name.includes('/'))
        states.push({ ieee: name, state: stateSchema.parse(JSON.parse(text)) });
      if (states.length > HEARD_MAX) states.shift();
    });
    await client.subscribeAsync(`${BASE}/#`, { qos: 1 });
    const startedMs = performance.now();
    // Outside of any repository: it would look for its own commit there.
    const program = startProgram(process.execPath, [path.join(code, 'cli.js')], {
      cwd: options.folder,
      env: { ZIGBEE2MQTT_DATA: options.folder },
    });
    const hasEnded = (): boolean => program.child.exitCode !== null;
    // It says that it is online a moment before it says what it knows.
    await until(
      'zigbee2mqtt is online',
      START_WITHIN_MS,
      () => hasEnded() || (isOnline && devices !== undefined),
    );
    const startMs = performance.now() - startedMs;
    if (hasEnded()) throw new Error(`zigbee2mqtt ended: ${program.stdout.slice(-20).join('\n')}`);
    return new Zigbee2Mqtt({ program, startMs, client, states, devices: () => devices ?? [] });
  }

  /** All devices but the coordinator. */
  devices(): readonly PeerDevice[] {
    return this.#devices().filter(({ type }) => type !== 'Coordinator');
  }

  /** Lets in who asks, until so many devices were interviewed. `labels`: install codes, as QR texts, of who has one. */
  async letIn(count: number, labels: readonly string[] = []): Promise<void> {
    for (const value of labels) await this.request('install_code/add', { value });
    await this.request('permit_join', { time: PERMIT_JOIN_SECONDS });
    await until(`zigbee2mqtt has interviewed ${count} locks`, INTERVIEW_WITHIN_MS, () => {
      const found = this.devices().filter((device) => isInterviewed(device));
      // The last thing that it does to a lock is to bind it and ask how its bolt is.
      return (
        found.filter(({ ieee_address: ieee }) => this.heard(ieee, (state) => 'lock_state' in state))
          .length === count
      );
    });
  }

  /** A request to the bridge; rejects when it is refused. */
  async request(name: string, body: Readonly<Record<string, unknown>>): Promise<void> {
    const topic = `${BASE}/bridge/response/${name}`;
    const answered = new Promise<string>((resolve, reject) => {
      const hear = (from: string, payload: Buffer): void => {
        if (from !== topic) return;
        clearTimeout(deadline);
        this.#client.off('message', hear);
        resolve(payload.toString());
      };
      const deadline = setTimeout(() => {
        this.#client.off('message', hear);
        reject(new Error(`zigbee2mqtt did not answer to ${name}`));
      }, ANSWER_WITHIN_MS);
      this.#client.on('message', hear);
    });
    await this.#client.publishAsync(`${BASE}/bridge/request/${name}`, JSON.stringify(body), { qos: 1 });
    const { status, error } = responseSchema.parse(JSON.parse(await answered));
    if (status !== 'ok') throw new Error(`zigbee2mqtt refused ${name}: ${error ?? status}`);
  }

  /** Asks for a user's PIN, or with `null` for none. Nothing says what came of it, so `ask` for it. */
  async setPin(ieee: string, user: number, pin: string | null): Promise<void> {
    const wanted = { user, user_type: 'unrestricted', user_enabled: true, pin_code: pin };
    await this.#client.publishAsync(`${BASE}/${ieee}/set`, JSON.stringify({ pin_code: wanted }), { qos: 1 });
  }

  async askForPin(ieee: string, user: number): Promise<void> {
    await this.#client.publishAsync(`${BASE}/${ieee}/get`, JSON.stringify({ pin_code: { user } }), {
      qos: 1,
    });
  }

  /** Whether a state of this lock was told that passes, counted from `since`. */
  heard(ieee: string, passes: (state: PeerState) => boolean, since = 0): boolean {
    return this.#states.slice(since).some((told) => told.ieee === ieee && passes(told.state));
  }

  /** A mark for `heard`: states told so far. */
  get told(): number {
    return this.#states.length;
  }

  async stop(): Promise<void> {
    await this.program.end('SIGTERM');
    await this.#client.endAsync(true);
  }
}

export function isInterviewed({ interview_state: state, definition }: PeerDevice): boolean {
  return state === 'SUCCESSFUL' && JSON.stringify(definition?.exposes ?? []).includes('"pin_code"');
}

/** Its own defaults, but for what a test has to know. A file that is there holds the network, and stays. */
function configure({ folder, brokerUrl, stick }: PeerOptions): void {
  mkdirSync(folder, { recursive: true });
  const settings = {
    version: 5,
    mqtt: { server: brokerUrl, base_topic: BASE },
    serial: { port: stick, adapter: 'zstack' },
    frontend: { enabled: false },
    homeassistant: { enabled: false },
    device_options: { expose_pin: true },
    advanced: {
      log_output: ['console'],
      log_level: 'warning',
      network_key: [1, 3, 5, 7, 9, 11, 13, 15, 0, 2, 4, 6, 8, 10, 12, 13],
      pan_id: 0x1a63,
      ext_pan_id: [1, 2, 3, 4, 5, 6, 7, 8],
    },
  };
  // JSON is YAML.
  writeFileSync(path.join(folder, 'configuration.yaml'), JSON.stringify(settings));
}
