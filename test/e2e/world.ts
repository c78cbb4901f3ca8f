import { houseLockSchema } from '../../src/demo/house.ts';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import mqtt, { type MqttClient } from 'mqtt';
import { expect } from 'vitest';
import { z } from 'zod';
import { Backend, type CloudEvent, type DesiredCode } from '../../src/demo/backend.ts';
import type { WorldRadio } from './house.ts';
import { Mosquitto } from './mosquitto.ts';
import { SmallDisk } from './small-disk.ts';
import { LOCKHUB, startProgram, type Program } from './program.ts';

const HUB_ID = 'e2e-hub';
export const ROOT = `lockhub/v1/${HUB_ID}`;
const START_WITHIN_MS = 30_000;
const LOOK_EVERY_MS = 50;
const LAST_LINES = 40;

const lockSchema = houseLockSchema.extend({
  slots: z.array(
    houseLockSchema.shape.slots.element.extend({
      /** The slot's number on the air, where that is another. */
      user: z.int().optional(),
    }),
  ),
  frames: z.object({ received: z.int(), sent: z.int() }),
  bolt: z.string(),
  writes: z.record(z.string(), z.int()),
});

/** The truth of one lock, from the control interface. */
export type LockTruth = z.infer<typeof lockSchema>;

/** What a lock holds in the slot of this number, as the hub counts: by the number on the air. */
export function pinAt({ slots }: LockTruth, number: number | null): string | null | undefined {
  return slots.find(({ slot, user = slot }) => user === number)?.pin;
}

/** Looks until `look` gives something other than `undefined`; rejects at the deadline. */
export async function until<T>(
  what: string,
  withinMs: number,
  look: () => T | undefined | Promise<T | undefined>,
): Promise<T> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const seen = await look();
    if (seen !== undefined) return seen;
    if (performance.now() > deadline) throw new Error(`Not within ${withinMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}

const readySchema = z.object({
  zwave: z.string(),
  zigbee: z.string().optional(),
  control: z.string(),
  security_keys_file: z.string(),
});

interface WorldOptions {
  /** Text of a house file; absent: one Z-Wave lock of each model. */
  readonly house?: string;
  /** The hub has a Zigbee stick instead of a Z-Wave one. */
  readonly radio?: WorldRadio | 'both';
  /** The hub's data are on a disk of this size. */
  readonly diskMegabytes?: number;
  /** Keys of the hub's config beside those that every world has. */
  readonly config?: object;
}

interface Parts {
  readonly folder: string;
  readonly broker: Mosquitto;
  readonly house: Program;
  readonly controlUrl: string;
  readonly client: MqttClient;
  readonly configFile: string;
  readonly disk: SmallDisk | undefined;
}

/** The simulated house, a real broker and the hub, each a process of its own, and a cloud on a stock MQTT client. */
export class World {
  readonly broker: Mosquitto;
  readonly backend: Backend;
  dataDir: string;
  /** Of all that belongs to this world; removed at its end. */
  readonly folder: string;
  /** Where its world has one of its own. */
  readonly disk: SmallDisk | undefined;
  /** All hubs so far; the last one may run. */
  readonly hubs: Program[] = [];
  /** Every message of the hub with its topic, as it came. */
  readonly upward: string[] = [];
  /** Of the next hubs, beside that of the test. */
  hubEnv: Readonly<Record<string, string>> = {};
  readonly #parts: Parts;

  private constructor(parts: Parts) {
    this.#parts = parts;
    this.broker = parts.broker;
    this.folder = parts.folder;
    this.dataDir = path.join(parts.folder, 'state');
    this.disk = parts.disk;
    this.backend = new Backend({
      hubId: HUB_ID,
      publish: async (topic, payload) => void (await parts.client.publishAsync(topic, payload, { qos: 1 })),
      onEvent: () => undefined,
      onReported: () => undefined,
      onTrouble: () => undefined,
    });
    parts.client.on('message', (topic, payload) => {
      this.upward.push(`${topic} ${payload.toString()}`);
      this.backend.hear(topic, payload.toString());
    });
  }

  /** Starts everything but the hub. */
  static async build({
    house: houseText,
    radio = 'zwave',
    config = {},
    diskMegabytes,
  }: WorldOptions = {}): Promise<World> {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'lockhub-e2e-'));
    const args = [
      'simulate',
      '--zwave-port',
      '0',
      '--control-port',
      '0',
      '--keys-file',
      path.join(folder, 'keys.json'),
    ];
    if (houseText !== undefined) {
      writeFileSync(path.join(folder, 'house.yaml'), houseText);
      args.push('--house', path.join(folder, 'house.yaml'));
    }
    if (radio !== 'zwave')
      args.push('--zigbee-port', '0', '--zigbee-memory', path.join(folder, 'zigbee.json'));
    const house = startProgram(LOCKHUB, args);
    const broker = await Mosquitto.start(folder);
    const ready = readySchema.parse(
      JSON.parse(await house.line((line) => line.startsWith('{'), START_WITHIN_MS)),
    );
    const url = `mqtt://127.0.0.1:${broker.port}`;
    const configFile = path.join(folder, 'lockhub.yaml');
    writeFileSync(
      configFile,
      JSON.stringify({
        hub_id: HUB_ID,
        site: { timezone: 'Europe/Berlin' },
        clock: { trust_system: true },
        data_dir: 'state',
        radios: [
          { kind: 'zwave', port: ready.zwave, security_keys_file: ready.security_keys_file },
          { kind: 'zigbee', adapter: 'zstack', port: ready.zigbee },
        ].filter(({ kind }) => radio === 'both' || kind === radio),
        cloud: { url },
        scheduling: { jit_lead_minutes: 1 },
        log: { level: 'trace' },
        ...config,
      }),
    );
    const disk =
      diskMegabytes === undefined ? undefined : await SmallDisk.at(path.join(folder, 'state'), diskMegabytes);
    const client = await mqtt.connectAsync(url, { clientId: 'cloud', clean: false, reconnectPeriod: 100 });
    const world = new World({
      folder,
      broker,
      house,
      controlUrl: ready.control,
      client,
      configFile,
      disk,
    });
    await client.subscribeAsync(`${ROOT}/up/#`, { qos: 1 });
    return world;
  }

  get configFile(): string {
    return this.#parts.configFile;
  }

  /** The stick and all locks go. */
  async endHouse(): Promise<void> {
    await this.#parts.house.end('SIGKILL');
  }

  /** Starts the hub; resolves when its loops run, which is before its locks are met. */
  async startHub(env: Readonly<Record<string, string>> = {}): Promise<Program> {
    const run = ['run', '--config', this.#parts.configFile];
    const options = { env: { ...this.hubEnv, ...env } };
    const hub =
      this.disk === undefined
        ? startProgram(LOCKHUB, run, options)
        : startProgram('nsenter', [...this.disk.entrance, LOCKHUB, ...run], options);
    this.hubs.push(hub);
    await hub.line((line) => line.includes('hub started'), START_WITHIN_MS);
    return hub;
  }

  /** Where a file or folder beside the hub's config is, or would be. */
  path(name: string): string {
    return path.join(this.#parts.folder, name);
  }

  /** From now on the hub is another machine, with the config of the first and nothing else of it. */
  moveHub(): void {
    const { folder, configFile } = this.#parts;
    const config = JSON.parse(readFileSync(configFile, 'utf8')) as object;
    writeFileSync(configFile, JSON.stringify({ ...config, data_dir: 'moved' }));
    this.dataDir = path.join(folder, 'moved');
  }

  /** Writes a file beside the hub's config, which may name it. */
  write(name: string, text: string): void {
    writeFileSync(this.path(name), text);
  }

  /** Runs a command of `lockhub` on the hub's config, and answers what it printed. */
  async lockhub(...command: readonly string[]): Promise<string> {
    const run = startProgram(LOCKHUB, [...command, '--config', this.#parts.configFile]);
    expect(await run.ended()).toBe(0);
    return run.stdout.join('\n');
  }

  async endHub(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | string | undefined> {
    return this.hubs.at(-1)?.end(signal);
  }

  /** Calls the control interface; with a body by POST. */
  async control(call: string, body?: unknown): Promise<unknown> {
    const response = await fetch(
      `${this.#parts.controlUrl}${call}`,
      body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) },
    );
    const answer: unknown = await response.json();
    if (!response.ok) throw new Error(`${call}: ${JSON.stringify(answer)}`);
    return answer;
  }

  async locks(): Promise<readonly LockTruth[]> {
    return z.array(lockSchema).parse(await this.control('/locks'));
  }

  async lock(id: string): Promise<LockTruth> {
    return lockSchema.parse(await this.control(`/locks/${id}`));
  }

  /** PINs that the lock takes, within their schedules, sorted: one that is on it disabled is none of them. */
  async pins(id: string): Promise<readonly string[]> {
    const { slots } = await this.lock(id);
    return slots.flatMap(({ pin, status }) => (status === 'enabled' ? (pin ?? []) : [])).toSorted();
  }

  async opens(id: string, pin: string): Promise<boolean> {
    return z.object({ opened: z.boolean() }).parse(await this.control(`/locks/${id}/keypad`, { pin })).opened;
  }

  /** The hub's id of a lock, known once it has reported it as interviewed. */
  async deviceId(id: string): Promise<string> {
    const { address } = await this.lock(id);
    return until(`${id} is reported`, START_WITHIN_MS, () => {
      const reports = [...this.backend.reported.values()];
      return reports.find((report) => report.device.address === address && report.device.capabilities)
        ?.device_id;
    });
  }

  /** Locks by what they can, in the order of the house: those that keep schedules themselves, and those that don't. */
  async byAbility(): Promise<{ readonly native: readonly string[]; readonly plain: readonly string[] }> {
    const [native, plain]: [string[], string[]] = [[], []];
    for (const { id } of await this.locks()) {
      const device = this.backend.reported.get(await this.deviceId(id))?.device;
      (device?.capabilities?.native_scheduling ? native : plain).push(id);
    }
    return { native, plain };
  }

  /** Wants exactly these codes on a lock. */
  async desire(id: string, codes: readonly DesiredCode[]): Promise<void> {
    await this.backend.desire(await this.deviceId(id), codes);
  }

  /** Waits until the lock itself holds exactly these PINs. */
  async holds(id: string, pins: readonly string[], withinMs: number): Promise<void> {
    const wanted = pins.toSorted().join();
    await until(`${id} holds ${pins.length} PINs`, withinMs, async () => {
      return (await this.pins(id)).join() === wanted ? true : undefined;
    });
  }

  /** Waits for an event of a code, and answers it. */
  event(type: string, code: DesiredCode, withinMs: number): Promise<CloudEvent> {
    return until(`${type} of ${code.name}`, withinMs, () =>
      this.backend.events.find(
        (event) => event.event_type === type && event['access_code_id'] === code.access_code_id,
      ),
    );
  }

  /** Publishes so many messages, from the samples in turn, as fast as the broker takes them. */
  async flood(
    samples: readonly (readonly [topic: string, payload: string | Buffer])[],
    count: number,
  ): Promise<void> {
    const inFlightMax = 100;
    for (let sent = 0; sent < count; sent += inFlightMax) {
      const batch = Array.from({ length: Math.min(inFlightMax, count - sent) }, (_, index) => {
        const [topic, payload] = samples[(sent + index) % samples.length] ?? ['', ''];
        return this.#parts.client.publishAsync(topic, payload, { qos: 1 });
      });
      await Promise.all(batch);
    }
  }

  /** A canary PIN is in no file of the hub, no log line and no message upward. */
  expectNoTrace(pins: readonly string[]): void {
    const said = this.hubs.flatMap((hub) => [...hub.stdout, ...hub.stderr]);
    for (const pin of pins) {
      expect([...said, ...this.upward].filter((line) => line.includes(pin))).toEqual([]);
      const files = readdirSync(this.dataDir, { withFileTypes: true }).filter((entry) => entry.isFile());
      for (const { name } of files) {
        expect(`${name}: ${readFileSync(path.join(this.dataDir, name)).includes(pin)}`).toBe(
          `${name}: false`,
        );
      }
    }
  }

  /** The end of the hub's log, for a test that failed. */
  lastWords(): string {
    const lines = this.hubs.at(-1)?.stdout ?? [];
    return lines
      .filter((line) => !/"level":"(trace|debug)"/.test(line))
      .slice(-LAST_LINES)
      .join('\n');
  }

  /** Ends all processes and removes everything. */
  async end(): Promise<void> {
    await this.endHub('SIGKILL');
    await this.#parts.client.endAsync(true);
    await this.broker.stop();
    await this.#parts.house.end('SIGTERM');
    await this.disk?.end();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
