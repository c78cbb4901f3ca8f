import mqtt, { type MqttClient } from 'mqtt';
import { ReferenceCloud, type KnownHub } from '../../src/reference-cloud/cloud.ts';
import { openDatabase } from '../../src/reference-cloud/database.ts';
import type { CloudEvent } from '../../src/reference-cloud/up-message.ts';
import type { Violation } from '../../src/reference-cloud/violation.ts';
import type { Clock } from '../../src/clock.ts';

/**
 * What was not answered is said again so often, and not at each of the many connections of a second: a reminder that
 * comes before its answer can have come would only add to what is on the way.
 */
const REMIND_MS = 1000;
/** Messages that wait for their PUBACK. What does not go out is said again by the next reminder. */
const WINDOW = 16;
const SESSION_SECONDS = 3600;

/** The reference cloud behind a stock client that keeps its session, and is made anew whenever it is cut. */
export class LossCloud {
  readonly cloud: ReferenceCloud;
  readonly hub: KnownHub;
  /** Each once, in the order in which they count. */
  readonly events: CloudEvent[] = [];
  readonly violations: Violation[] = [];
  readonly #filter: string;
  readonly #stopping = new AbortController();
  readonly #ended: Promise<void>;
  #client: MqttClient | undefined;
  #isSubscribed = false;
  #waiting = 0;

  constructor(hubId: string, url: string, protocolVersion: 4 | 5, clock: Clock) {
    this.#filter = `lockhub/v1/${hubId}/up/#`;
    this.cloud = new ReferenceCloud({
      database: openDatabase(':memory:'),
      hubId,
      publish: (topic, payload) => this.#publish(topic, payload),
      tell: (told) => {
        if (told.kind === 'event') this.events.push(told.event);
        if (told.kind === 'violation') this.violations.push(told.violation);
      },
      now: () => clock.now().earliest,
      seal: false,
      allows: { loss: true, doubling: true, reordering: true, fullOutbox: false, lateStart: false },
    });
    const [hub] = this.cloud.hubs();
    if (hub === undefined) throw new Error('The cloud serves no hub');
    this.hub = hub;
    this.#ended = this.#run(url, protocolVersion);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#ended;
  }

  async #run(url: string, protocolVersion: 4 | 5): Promise<void> {
    const reminder = setInterval(() => this.cloud.remind(), REMIND_MS);
    while (!this.#stopping.signal.aborted) await this.#liveOnce(url, protocolVersion);
    clearInterval(reminder);
  }

  async #liveOnce(url: string, protocolVersion: 4 | 5): Promise<void> {
    const client = mqtt.connect(url, {
      protocolVersion,
      clientId: 'cloud',
      clean: false,
      reconnectPeriod: 0,
      ...(protocolVersion === 5 && { properties: { sessionExpiryInterval: SESSION_SECONDS } }),
    });
    client.on('error', () => undefined);
    client.handleMessage = ({ topic, payload, retain }, acknowledge) => {
      this.cloud.receive({ topic, payload: Buffer.from(payload), retain });
      acknowledge();
    };
    client.once('connect', ({ sessionPresent }) => {
      this.#client = client;
      this.#waiting = 0;
      // A broker that knows the subscription would only send what it retains once more.
      if (!sessionPresent || !this.#isSubscribed) {
        client.subscribe(this.#filter, { qos: 1 }, (error) => (this.#isSubscribed = !error));
      }
    });
    await new Promise<void>((resolve) => {
      client.once('close', () => resolve());
      this.#stopping.signal.addEventListener('abort', () => resolve(), { once: true });
    });
    this.#client = undefined;
    client.end(true);
  }

  async #publish(topic: string, payload: string): Promise<boolean> {
    const client = this.#client;
    if (client === undefined || this.#waiting >= WINDOW) return false;
    this.#waiting += 1;
    const taken = await client.publishAsync(topic, payload, { qos: 1 }).then(
      () => true,
      () => false,
    );
    if (client === this.#client) this.#waiting -= 1;
    return taken;
  }
}
