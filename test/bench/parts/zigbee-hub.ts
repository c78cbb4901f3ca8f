import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import mqtt, { type MqttClient } from 'mqtt';
import { Backend, type DesiredCode } from '../../../src/demo/backend.ts';
import { LOCKHUB, startProgram, type Program } from '../../e2e/program.ts';
import type { PeerHouse } from '../../peers/house.ts';
import { until } from '../../peers/until.ts';
import type { Side, Wanted } from './zigbee-side.ts';

const START_WITHIN_MS = 60_000;
const LET_IN_WITHIN_MS = 300_000;
const SET_WITHIN_MS = 600_000;
const PAIRING_SECONDS = 250;
const ASK_AGAIN_MS = 3000;

interface HubOptions {
  /** Where its state is; may be one of an earlier start. */
  readonly folder: string;
  readonly brokerUrl: string;
  readonly house: PeerHouse;
  readonly radios: readonly ('zwave' | 'zigbee')[];
  /** Default: `bench`. */
  readonly hubId?: string;
  /** Default: `Europe/Berlin`. */
  readonly timezone?: string;
}

/** A hub in a process of its own that has all its radios, and how long that took from its start. */
export interface StartedHub {
  readonly program: Program;
  readonly startMs: number;
}

/** Starts a hub; resolves when all its radios are ready and it is at its cloud. */
export async function startHub(options: HubOptions): Promise<StartedHub> {
  const { folder, brokerUrl, house, radios, hubId = 'bench', timezone = 'Europe/Berlin' } = options;
  const sticks = {
    zwave: { kind: 'zwave', port: house.zwave, security_keys_file: house.securityKeysFile },
    zigbee: { kind: 'zigbee', port: house.zigbee, adapter: 'zstack' },
  };
  const file = path.join(folder, `${radios.join('-') || 'none'}.yaml`);
  const config = {
    hub_id: hubId,
    site: { timezone },
    clock: { trust_system: true },
    data_dir: radios.length === 0 ? 'none' : 'state',
    radios: radios.map((radio) => sticks[radio]),
    cloud: { url: brokerUrl },
  };
  writeFileSync(file, JSON.stringify(config));
  const startedMs = performance.now();
  const program = startProgram(LOCKHUB, ['run', '--config', file]);
  await program.line((line) => line.includes('hub started'), START_WITHIN_MS);
  for (const radio of radios)
    await program.line((line) => line.includes(`"radio":"${radio}","state":"ready"`), START_WITHIN_MS);
  return { program, startMs: performance.now() - startedMs };
}

/** The hub as its cloud uses it: one document for each lock. */
export class HubSide implements Side {
  readonly house: PeerHouse;
  readonly #hub: StartedHub;
  readonly #client: MqttClient;
  readonly #backend: Backend;
  readonly #documents = new Map<string, DesiredCode[]>();
  readonly #set = new Set<unknown>();

  private constructor(house: PeerHouse, hub: StartedHub, client: MqttClient) {
    this.house = house;
    this.#hub = hub;
    this.#client = client;
    this.#backend = new Backend({
      hubId: 'bench',
      publish: async (topic, payload) => void (await client.publishAsync(topic, payload, { qos: 1 })),
      onEvent: (event) => {
        if (event.event_type === 'access_code.set_on_device') this.#set.add(event['access_code_id']);
      },
      onReported: () => undefined,
      onTrouble: (trouble) => console.error(trouble),
    });
    client.on('message', (topic, payload) => this.#backend.hear(topic, payload.toString()));
  }

  /** Of its process. */
  get pid(): number | undefined {
    return this.#hub.program.child.pid;
  }

  static async start(options: HubOptions, lockCount: number): Promise<HubSide> {
    const client = await mqtt.connectAsync(options.brokerUrl, { reconnectPeriod: 100 });
    await client.subscribeAsync('lockhub/v1/bench/up/#', { qos: 1 });
    const side = new HubSide(options.house, await startHub(options), client);
    await side.#letIn(lockCount);
    return side;
  }

  async setPins(wanted: Wanted): Promise<void> {
    const ids: string[] = [];
    for (const [ieee, pins] of wanted) {
      const codes = pins.map((code) => ({ access_code_id: randomUUID(), name: 'bench', code }));
      ids.push(...codes.map(({ access_code_id: id }) => id));
      const document = [...(this.#documents.get(ieee) ?? []), ...codes];
      this.#documents.set(ieee, document);
      void this.#backend.desire(this.#deviceId(ieee), document);
    }
    await until('the hub has set each PIN', SET_WITHIN_MS, () => ids.every((id) => this.#set.has(id)));
    const reported = (): readonly { readonly access_code_id: string; readonly proof: string | null }[] =>
      [...this.#backend.reported.values()].flatMap(({ codes }) => codes);
    await until('the hub has reported the proof of each PIN', SET_WITHIN_MS, () => {
      const proven = new Set(
        reported().flatMap((code) => (code.proof === 'read_back' ? code.access_code_id : [])),
      );
      return ids.every((id) => proven.has(id));
    });
  }

  async clearPins(): Promise<void> {
    for (const ieee of this.#documents.keys()) void this.#backend.desire(this.#deviceId(ieee), []);
    this.#documents.clear();
    await until('the hub has cleared the locks', SET_WITHIN_MS, async () =>
      (await this.house.locks()).every(({ slots }) => slots.length === 0),
    );
  }

  async end(): Promise<void> {
    await this.#hub.program.end('SIGTERM');
    await this.#client.endAsync(true);
  }

  #deviceId(ieee: string): string {
    const device = [...this.#backend.reported.values()].find((report) => report.device.address === ieee);
    if (device === undefined) throw new Error(`The hub does not know ${ieee}.`);
    return device.device_id;
  }

  /** A pairing ends with the first lock that was met, so more are asked for until all are there. */
  async #letIn(lockCount: number): Promise<void> {
    let askedMs = -ASK_AGAIN_MS;
    await until(`the hub has met ${lockCount} locks`, LET_IN_WITHIN_MS, () => {
      const met = [...this.#backend.reported.values()].filter(({ device }) => device.capabilities);
      if (met.filter(({ device }) => device.radio === 'zigbee').length === lockCount) return true;
      if (performance.now() - askedMs < ASK_AGAIN_MS) return false;
      askedMs = performance.now();
      const command = {
        v: 1,
        command_id: randomUUID(),
        type: 'start_pairing',
        expires_at: new Date(Date.now() + ASK_AGAIN_MS).toISOString(),
        params: { radio: 'zigbee', duration_seconds: PAIRING_SECONDS },
      };
      this.#client.publish('lockhub/v1/bench/down/command', JSON.stringify(command), { qos: 1 });
      return false;
    });
  }
}
