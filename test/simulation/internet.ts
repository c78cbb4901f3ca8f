import type { Random } from '../../drivers/sim/random.ts';
import type { DownMessage } from '../../src/cloud/inbox.ts';
import type { Connection } from '../../src/cloud/connection.ts';
import { LATENCY_MS, type CloudModel } from './cloud-model.ts';
import { HUB_ID, type Life } from './life.ts';
import { receiveNow } from '../support/receive-now.ts';
import { StoreError } from '../../src/store/errors.ts';
import type { VirtualTime } from './virtual-clock.ts';

/** The mean wait of a hub that was turned away a few times. */
const CALLS_AGAIN_MS = 20_000;

/** The hub that is online, or tries to be. */
interface Peer {
  readonly life: Life;
  /** How often it was booted. */
  readonly boots: number;
}

/** What lies between a hub and its cloud: a broker that loses, doubles and delays, and a line that breaks. */
export class Internet {
  /** Probability that an acknowledged batch of events never reaches the cloud. */
  brokerLoss = 0.02;
  readonly #time: VirtualTime;
  readonly #random: Random;
  readonly #cloud: CloudModel;
  readonly #onFailure: (failure: string) => void;
  #up = true;
  #hub: Peer | null = null;
  #connection: AbortController | null = null;

  constructor(time: VirtualTime, random: Random, cloud: CloudModel, onFailure: (failure: string) => void) {
    this.#time = time;
    this.#random = random;
    this.#cloud = cloud;
    this.#onFailure = onFailure;
  }

  get up(): boolean {
    return this.#up;
  }

  set up(up: boolean) {
    this.#up = up;
    this.#reconnect();
  }

  /** `null`: its power is off. */
  set hub(hub: Peer | null) {
    this.#hub = hub;
    this.#reconnect();
  }

  /** Down: lost without a connection; sometimes doubled. The hub takes a message whole or not at all. */
  down(topic: string, payload: string): void {
    const hub = this.#hub;
    const connection = this.#connection;
    const times = this.#random() < 0.1 ? 2 : 1;
    for (let time = 0; time < times; time += 1) {
      const delayMs = LATENCY_MS + Math.floor(this.#random() * LATENCY_MS);
      this.#time.at(this.#time.now + delayMs, () => {
        if (hub === null || this.#hub !== hub || connection !== this.#connection) return;
        const message = {
          topic: `lockhub/v1/${HUB_ID}/${topic}`,
          payload: Buffer.from(payload),
          retain: false,
        };
        this.#time.stir();
        this.#receive(hub, message);
      });
    }
  }

  /** A hub that can't store a message breaks the connection, and calls again a little later. */
  #receive(hub: Peer, message: DownMessage): void {
    try {
      receiveNow(hub.life.inbox, message);
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      this.#connection?.abort();
      this.#connection = null;
      this.#time.at(this.#time.now + CALLS_AGAIN_MS, () => {
        if (this.#hub === hub && this.#connection === null) this.#reconnect();
      });
    }
  }

  #reconnect(): void {
    this.#connection?.abort();
    this.#connection = null;
    const hub = this.#hub;
    if (hub === null || !this.#up) return;
    const over = new AbortController();
    this.#connection = over;
    const connection: Connection = {
      seq: hub.boots * 1000,
      signal: over.signal,
      publish: (topic, payload) => this.#publish(over.signal, topic, String(payload)),
      drop: () => over.abort(),
    };
    this.#time.at(this.#time.now + LATENCY_MS, () => {
      if (!over.signal.aborted) hub.life.connected(connection);
    });
  }

  /** Up: arrives after the latency, unless the link breaks first; then it may have arrived or not. */
  #publish(signal: AbortSignal, topic: string, payload: string): Promise<boolean> {
    return new Promise((resolve) => {
      const arrives = this.#random() < 0.5;
      const broken = (): void => {
        cancel();
        if (arrives) this.#arrive(topic, payload);
        resolve(false);
      };
      const cancel = this.#time.at(this.#time.now + LATENCY_MS, () => {
        signal.removeEventListener('abort', broken);
        // A broker may acknowledge and then lose what its subscriber was too slow to take.
        const arrived = !topic.endsWith('/event') || this.#random() > this.brokerLoss;
        if (arrived) this.#arrive(topic, payload);
        resolve(true);
      });
      if (signal.aborted) broken();
      else signal.addEventListener('abort', broken);
    });
  }

  #arrive(topic: string, payload: string): void {
    try {
      this.#cloud.receive(topic, payload);
    } catch (error) {
      this.#onFailure(error instanceof Error ? error.message : String(error));
    }
  }
}
