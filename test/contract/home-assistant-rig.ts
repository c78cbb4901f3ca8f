import mqtt, { type MqttClient } from 'mqtt';
import { pino } from 'pino';
import { createDirectDriver } from '../../drivers/sim/direct.ts';
import { SimLock } from '../../drivers/sim/lock/lock.ts';
import { LOCK_MODELS } from '../../drivers/sim/lock/model.ts';
import { seededRandom } from '../../drivers/sim/random.ts';
import { SystemClock } from '../../src/clock.ts';
import { accept, type DesiredDocument } from '../../src/core/request/accept.ts';
import { parseConfig } from '../../src/config.ts';
import { startHub, type Hub } from '../../src/hub.ts';
import { LogRing } from '../../src/http/page/log-ring.ts';
import type { LockDriver } from '../../src/lock-driver.ts';
import type { Store } from '../../src/store/store.ts';
import { openHubStore, until, type Broker, type Scene } from './cloud-rig.ts';

export const HUB_ID = 'hub-1';
/** How long the bolt takes. */
const BOLT_MS = 100;

/** A client where Home Assistant would be: it hears everything, and knows what is retained. */
export class Home {
  readonly heard: { readonly topic: string; readonly text: string; readonly retain: boolean }[] = [];
  /** The last message of each topic. */
  readonly last = new Map<string, string>();
  readonly #client: MqttClient;

  private constructor(client: MqttClient) {
    this.#client = client;
    client.on('message', (topic, payload, { retain }) => {
      this.heard.push({ topic, text: payload.toString(), retain });
      this.last.set(topic, payload.toString());
    });
  }

  static async at(scene: Scene, broker: Broker): Promise<Home> {
    const client = await mqtt.connectAsync(broker.url, { reconnectPeriod: 50 });
    scene.atEnd(() => client.endAsync(true));
    const home = new Home(client);
    await client.subscribeAsync('#', { qos: 1 });
    return home;
  }

  discovery(deviceId: string, prefix = 'homeassistant'): string | undefined {
    return this.last.get(`${prefix}/device/lockhub_${deviceId}/config`);
  }

  state(deviceId: string): Record<string, unknown> {
    const text = this.last.get(`lockhub/home-assistant/${HUB_ID}/${deviceId}/state`);
    return text ? JSON.parse(text) : {};
  }

  events(deviceId: string): { readonly payload: Record<string, unknown>; readonly retain: boolean }[] {
    const topic = `lockhub/home-assistant/${HUB_ID}/${deviceId}/event`;
    const heard = this.heard.filter((message) => message.topic === topic);
    return heard.map(({ text, retain }) => ({ payload: JSON.parse(text), retain }));
  }

  availability(): string | undefined {
    return this.last.get(`lockhub/home-assistant/${HUB_ID}/availability`);
  }

  async command(deviceId: string, text: string, retain = false): Promise<void> {
    await this.publish(`lockhub/home-assistant/${HUB_ID}/${deviceId}/command`, text, retain);
  }

  async publish(topic: string, text: string, retain = false): Promise<void> {
    await this.#client.publishAsync(topic, text, { qos: 1, retain });
  }
}

/** A whole hub with one simulated lock on a direct radio. */
export interface House {
  readonly lock: SimLock;
  readonly store: Store;
  readonly deviceId: string;
  readonly hub: Hub;
  /** Log lines at level trace, as they were written. */
  readonly log: string[];
  /** Wants these codes on the lock. */
  desire(...codes: DesiredDocument['codes']): void;
  /** Tells the hub of the lock what its radio network knows. */
  tell: Parameters<LockDriver['start']>[0]['onEvent'];
}

/** Starts a hub; `config` is what its file has beside the mandatory keys. Resolves when it has met its lock. */
export async function startHouse(scene: Scene, config: Record<string, unknown>): Promise<House> {
  const parsed = parseConfig(
    { hub_id: HUB_ID, site: { timezone: 'Europe/Berlin' }, data_dir: scene.dir, ...config },
    scene.dir,
  );
  if (!parsed.ok) throw new Error(parsed.mistakes.join('\n'));
  const store = openHubStore(scene.dir);
  const clock = new SystemClock();
  const lock = new SimLock({ id: 'door', model: LOCK_MODELS['uc-v2'], address: 5, now: () => Date.now() });
  const { driver, told } = directDriver(lock);
  const log: string[] = [];
  const hub = startHub({
    config: parsed.value,
    drivers: [driver],
    store,
    clock,
    log: pino({ level: 'trace' }, { write: (line: string) => void log.push(line) }),
    logRing: new LogRing(),
    version: '0.0.0-test',
  });
  scene.atEnd(() => hub.stop());
  const deviceId = await until('the lock is met', () =>
    store.deviceIds().find((id) => store.lockState(id)?.lock.online === true),
  );
  let version = 0;
  return {
    lock,
    store,
    deviceId,
    hub,
    log,
    desire: (...codes) => {
      version += 1;
      const before = store.lockState(deviceId);
      if (before === undefined) throw new Error('the lock is gone');
      const document = { generation: 1, version, codes, tombstones: [] };
      const { step } = accept(
        before,
        document,
        { draw: () => 0, siblings: () => [] },
        clock.now(),
        parsed.value.policy,
      );
      store.commit(before, step.state, step.events);
      told().onEvent(deviceId, { kind: 'online' });
    },
    tell: (...event) => told().onEvent(...event),
  };
}

function directDriver(lock: SimLock): {
  driver: LockDriver;
  told: () => Parameters<LockDriver['start']>[0];
} {
  const driver = createDirectDriver({
    locks: [lock],
    sleep: (durationMs) => new Promise((resolve) => setTimeout(resolve, durationMs)),
    random: seededRandom(1),
    hubNow: () => Date.now(),
    utcOffsetMinutes: () => 60,
  });
  let host: Parameters<LockDriver['start']>[0] | undefined;
  const start = driver.start.bind(driver);
  driver.start = (given) => {
    host = given;
    return start(given);
  };
  driver.act = async (_deviceId, action) => {
    if (action !== 'lock' && action !== 'unlock') throw new Error(`This radio only moves bolts: ${action}`);
    lock.radioSetBolt(action === 'lock' ? 'locked' : 'unlocked');
    await new Promise((resolve) => setTimeout(resolve, BOLT_MS));
    return lock.jammed ? { kind: 'jammed', message: 'The bolt is stuck.' } : { kind: 'done' };
  };
  return {
    driver,
    told: () => {
      if (host === undefined) throw new Error('the radio was never started');
      return host;
    },
  };
}
