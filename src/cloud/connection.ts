import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import { SECOND_MS } from '../core/time.ts';
import type { AfterAck, DownMessage } from './inbox.ts';
import type { Login } from './login.ts';
import { PAYLOAD_BYTES_MAX } from './messages/payload.ts';

const CONNECT_TIMEOUT_MS = 20 * SECOND_MS;
const CLOSE_TIMEOUT_MS = 500;
const SESSION_EXPIRY_SECONDS = 3600;
const RECEIVE_MAX = 32;
/** Larger than the contract allows, so that a message a little too large can still be answered by an event. */
const PACKET_BYTES_MAX = 10 * PAYLOAD_BYTES_MAX;

/** 5 is MQTT 5, 4 is MQTT 3.1.1, as in the CONNECT packet. */
export type ProtocolVersion = 4 | 5;

/** One life of the link: from CONNACK until it breaks. What belongs to it never reaches a later one. */
export interface Connection {
  /** Counts the connections of this boot. */
  readonly seq: number;
  /** Aborts when the connection is over; its reason is a text. */
  readonly signal: AbortSignal;
  /** Resolves to true at the broker's PUBACK (QoS 1), to false when the connection was over before. Never rejects. */
  publish(topic: string, payload: string, retain: boolean): Promise<boolean>;
  /** Breaks it without a goodbye. */
  drop(reason: string): void;
  /** Says goodbye, so that the broker keeps the last will to itself. */
  close(): Promise<void>;
}

export interface OpenOptions {
  readonly url: string;
  readonly login: Login;
  readonly clientId: string;
  readonly protocolVersion: ProtocolVersion;
  readonly keepaliveSeconds: number;
  readonly will: { readonly topic: string; readonly payload: string };
  readonly filter: string;
  readonly seq: number;
  /** A broker that does not acknowledge within this time is as good as gone, whatever TCP says. */
  readonly pubackTimeoutMs: number;
  /** Takes one message; when it throws or rejects, the connection breaks without an acknowledgement. */
  readonly receive: (message: DownMessage) => AfterAck | Promise<AfterAck>;
  /** Ends the attempt; of no effect once connected. */
  readonly giveUp: AbortSignal;
}

export type Opened =
  | { readonly ok: true; readonly connection: Connection }
  /** `otherVersion`: the broker may speak the other version of MQTT. */
  | { readonly ok: false; readonly reason: string; readonly otherVersion: boolean };

/** Makes one attempt: connected, logged in and subscribed, or why not. Never rejects. */
export async function openConnection(options: OpenOptions): Promise<Opened> {
  let client: MqttClient;
  try {
    client = mqtt.connect(options.url, clientOptions(options));
  } catch (error) {
    return { ok: false, reason: textOf(error), otherVersion: false };
  }
  const connection = new BrokerConnection(client, options);
  const giveUp = (): void => connection.drop('stopped');
  options.giveUp.addEventListener('abort', giveUp);
  if (options.giveUp.aborted) giveUp();
  const opened = await connection.subscribed(options.filter);
  options.giveUp.removeEventListener('abort', giveUp);
  return opened;
}

function clientOptions(options: OpenOptions): IClientOptions {
  return {
    ...options.login,
    clientId: options.clientId,
    protocolVersion: options.protocolVersion,
    keepalive: options.keepaliveSeconds,
    // A session spares redeliveries from the cloud where the broker keeps one; nothing rests on it.
    clean: false,
    // Reconnecting is the link's: each connection gets a client of its own, so that nothing of a dead one lives on.
    reconnectPeriod: 0,
    resubscribe: false,
    connectTimeout: CONNECT_TIMEOUT_MS,
    // The library's own debug output would show payloads, and with them PINs.
    log: () => undefined,
    will: { ...options.will, payload: Buffer.from(options.will.payload), qos: 1, retain: true },
    ...(options.protocolVersion === 5 && {
      properties: {
        sessionExpiryInterval: SESSION_EXPIRY_SECONDS,
        receiveMaximum: RECEIVE_MAX,
        maximumPacketSize: PACKET_BYTES_MAX,
      },
    }),
  };
}

class BrokerConnection implements Connection {
  readonly seq: number;
  readonly signal: AbortSignal;
  readonly #client: MqttClient;
  readonly #pubackTimeoutMs: number;
  readonly #over = new AbortController();
  readonly #waiting = new Set<(taken: boolean) => void>();
  #otherVersion = false;
  #answered = false;

  constructor(client: MqttClient, options: OpenOptions) {
    this.seq = options.seq;
    this.signal = this.#over.signal;
    this.#client = client;
    this.#pubackTimeoutMs = options.pubackTimeoutMs;
    client.handleMessage = (packet, acknowledge) => {
      if (this.signal.aborted) return;
      const { topic, retain } = packet;
      const message = { topic, payload: Buffer.from(packet.payload), retain };
      this.#take(options.receive, message, (afterAck) => {
        // One that ended meanwhile gets no acknowledgement: the message comes again and is a duplicate then.
        if (!this.signal.aborted) acknowledge();
        afterAck();
      });
    };
    client.on('packetreceive', () => (this.#answered = true));
    client.on('error', (error) => {
      this.#otherVersion ||= isVersionRefusal(error);
      this.drop(textOf(error));
    });
    client.on('disconnect', (packet) =>
      this.drop(`the broker disconnected us (reason code ${packet.reasonCode})`),
    );
    client.on('close', () => {
      // Some brokers hang up on a CONNECT whose version they don't speak, without a word.
      if (!this.signal.aborted) this.#otherVersion = !this.#answered;
      this.drop('the connection was closed by the other side');
    });
  }

  /** Waits for CONNACK and SUBACK. */
  subscribed(filter: string): Promise<Opened> {
    return new Promise((resolve) => {
      const failed = (): void => {
        resolve({ ok: false, reason: String(this.signal.reason), otherVersion: this.#otherVersion });
      };
      const deadline = setTimeout(
        () => this.drop('no answer from the broker'),
        CONNECT_TIMEOUT_MS + SECOND_MS,
      );
      this.signal.addEventListener('abort', failed);
      this.#client.once('connect', () => {
        this.#client.subscribe(filter, { qos: 1 }, (error) => {
          clearTimeout(deadline);
          if (error) return this.drop(`the broker refuses the subscription to ${filter}: ${error.message}`);
          this.signal.removeEventListener('abort', failed);
          resolve({ ok: true, connection: this });
        });
      });
      this.signal.addEventListener('abort', () => clearTimeout(deadline));
    });
  }

  publish(topic: string, payload: string, retain: boolean): Promise<boolean> {
    return new Promise((resolve) => {
      if (this.signal.aborted) return resolve(false);
      const finish = (taken: boolean): void => {
        clearTimeout(deadline);
        this.#waiting.delete(finish);
        resolve(taken);
      };
      const deadline = setTimeout(() => this.drop('the broker does not acknowledge'), this.#pubackTimeoutMs);
      this.#waiting.add(finish);
      this.#client.publish(topic, payload, { qos: 1, retain }, (error) => {
        if (error) this.drop(`the broker refuses ${topic}: ${error.message}`);
        finish(!error);
      });
    });
  }

  drop(reason: string): void {
    if (this.signal.aborted) return;
    this.#over.abort(reason);
    for (const finish of this.#waiting) finish(false);
    this.#client.end(true);
  }

  async close(): Promise<void> {
    const deadline = setTimeout(() => this.drop('closed'), CLOSE_TIMEOUT_MS);
    await this.#client.endAsync().catch(() => undefined);
    clearTimeout(deadline);
    this.drop('closed');
  }

  /** Until `taken` the library hands out no further message, so they stay in order. */
  #take(receive: OpenOptions['receive'], message: DownMessage, taken: (afterAck: AfterAck) => void): void {
    const failed = (error: unknown): void => this.drop(`a message could not be stored: ${textOf(error)}`);
    let received: AfterAck | Promise<AfterAck>;
    try {
      received = receive(message);
    } catch (error) {
      return failed(error);
    }
    if (received instanceof Promise) received.then(taken, failed);
    else taken(received);
  }
}

/** CONNACK 1 (3.1.1) and 132 (5): unacceptable protocol version; a reset is how a terse broker says it. */
function isVersionRefusal(error: Error): boolean {
  return 'code' in error && (error.code === 1 || error.code === 132 || error.code === 'ECONNRESET');
}

function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // An address that resolves to several fails with one error for each and no text of its own.
  if (error instanceof AggregateError) return error.errors.map(textOf).join('; ');
  return error.message;
}
