import { Socket } from 'node:net';
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import { SECOND_MS } from '../core/time.ts';
import {
  failureOf,
  goodbye,
  refusal,
  SUBSCRIPTION_FAILURE,
  subscriptionRefusal,
  textOf,
  type Failure,
  type FailureKind,
} from './failure.ts';
import type { AfterAck, DownMessage } from './inbox.ts';
import type { Login } from './login.ts';
import { PAYLOAD_BYTES_MAX } from './messages/payload.ts';
import { Sending } from './sending.ts';

const CONNECT_TIMEOUT_MS = 20 * SECOND_MS;
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
  /** Aborts when the connection is over. */
  readonly signal: AbortSignal;
  /**
   * Resolves to true at the broker's PUBACK (QoS 1), to false when the connection was over before. Never rejects.
   * No more are on their way than the broker allows; the others wait for their turn.
   */
  publish(topic: string, payload: string | Buffer, retain: boolean): Promise<boolean>;
  /** Breaks it without a goodbye. */
  drop(reason: string, kind?: FailureKind): void;
}

/** A connection in the hands of the link, which alone ends it in peace. */
export interface OwnedConnection extends Connection {
  /** Why it is over. */
  failure(): Failure;
  /** Waits for what is on its way and says goodbye, so that the broker keeps the last will to itself. */
  close(why: Failure, timeoutMs: number): Promise<void>;
}

export interface OpenOptions {
  readonly url: string;
  readonly login: Login;
  readonly clientId: string;
  readonly protocolVersion: ProtocolVersion;
  readonly keepaliveSeconds: number;
  /** What the broker tells when the connection breaks; `null`: nothing. */
  readonly will: { readonly topic: string; readonly payload: string } | null;
  readonly filters: readonly string[];
  /** The broker is asked to keep what comes while the hub is away. */
  readonly keepsSession: boolean;
  readonly seq: number;
  /** A broker that acknowledges nothing for this time is as good as gone, whatever TCP says. */
  readonly pubackTimeoutMs: number;
  /** Takes one message; when it throws or rejects, the connection breaks without an acknowledgement. */
  readonly receive: (message: DownMessage) => AfterAck | Promise<AfterAck>;
  /** Ends the attempt; of no effect once connected. */
  readonly giveUp: AbortSignal;
}

export type Opened =
  | { readonly ok: true; readonly connection: OwnedConnection }
  | { readonly ok: false; readonly failure: Failure; readonly otherVersion: OtherVersion };

/** Whether the broker wants the other version of MQTT. Some hang up on one that they don't speak, without a word. */
type OtherVersion = 'no' | 'perhaps' | 'wanted';

/** Makes one attempt: connected, logged in and subscribed, or why not. Never rejects. */
export async function openConnection(options: OpenOptions): Promise<Opened> {
  let client: MqttClient;
  try {
    client = mqtt.connect(options.url, clientOptions(options));
  } catch (error) {
    return { ok: false, failure: failureOf(error), otherVersion: 'no' };
  }
  const connection = new BrokerConnection(client, options);
  const giveUp = (): void => connection.drop('stopped', 'stopped');
  options.giveUp.addEventListener('abort', giveUp);
  if (options.giveUp.aborted) giveUp();
  const opened = await connection.subscribed(options.filters);
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
    clean: !options.keepsSession,
    // Reconnecting is the link's: each connection gets a client of its own, so that nothing of a dead one lives on.
    reconnectPeriod: 0,
    resubscribe: false,
    connectTimeout: CONNECT_TIMEOUT_MS,
    // The library's own debug output would show payloads, and with them PINs.
    log: () => undefined,
    ...(options.will && {
      will: { ...options.will, payload: Buffer.from(options.will.payload), qos: 1, retain: true },
    }),
    ...(options.protocolVersion === 5 && {
      properties: {
        sessionExpiryInterval: options.keepsSession ? SESSION_EXPIRY_SECONDS : 0,
        receiveMaximum: RECEIVE_MAX,
        maximumPacketSize: PACKET_BYTES_MAX,
      },
    }),
  };
}

class BrokerConnection implements OwnedConnection {
  readonly seq: number;
  readonly signal: AbortSignal;
  readonly #client: MqttClient;
  readonly #clientId: string;
  readonly #over = new AbortController();
  readonly #sending: Sending;
  #failure: Failure = { kind: 'unreachable', reason: 'not connected yet' };
  #otherVersion: OtherVersion = 'no';
  #answered = false;
  /** Set while we say goodbye: then this is why it ends, whatever ends it. */
  #closing: Failure | undefined;
  /** What the broker said last about a reason code. */
  #words: string | undefined;

  constructor(client: MqttClient, options: OpenOptions) {
    this.seq = options.seq;
    this.signal = this.#over.signal;
    this.#client = client;
    this.#clientId = options.clientId;
    this.#sending = new Sending(options.pubackTimeoutMs, () => this.drop('the broker does not acknowledge'));
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
    this.#listen();
  }

  failure(): Failure {
    return this.#failure;
  }

  #listen(): void {
    const client = this.#client;
    client.on('packetreceive', (packet) => {
      this.#answered = true;
      if ('properties' in packet && packet.properties && 'reasonString' in packet.properties) {
        this.#words = packet.properties.reasonString;
      }
    });
    client.on('connect', ({ properties }) => this.#sending.limit(properties?.receiveMaximum ?? Infinity));
    client.on('error', (error) => {
      if (this.#otherVersion === 'no') this.#otherVersion = otherVersionAfter(error);
      this.#end(failureOf(error, this.#words));
    });
    // A result follows the acknowledgement of its command at once, and TCP would hold it back for 40 ms until that arrived.
    if (client.stream instanceof Socket) client.stream.setNoDelay();
    // The library keeps errors without a code to itself, such as those of a WebSocket that is turned away.
    client.stream.on('error', (error) => this.#end(failureOf(error)));
    client.on('disconnect', ({ reasonCode }) =>
      this.#end(goodbye(reasonCode ?? 0, this.#clientId, this.#words)),
    );
    client.on('close', () => {
      if (!this.signal.aborted) this.#otherVersion = this.#answered ? 'no' : 'perhaps';
      this.drop('the connection was closed by the other side', 'hung_up');
    });
  }

  /** Waits for CONNACK and SUBACK. */
  subscribed(filters: readonly string[]): Promise<Opened> {
    return new Promise((resolve) => {
      const failed = (): void => {
        resolve({ ok: false, failure: this.#failure, otherVersion: this.#otherVersion });
      };
      // A hub may have been told to stop before the attempt began.
      if (this.signal.aborted) return failed();
      const deadline = setTimeout(
        () => this.drop('no answer from the broker'),
        CONNECT_TIMEOUT_MS + SECOND_MS,
      );
      this.signal.addEventListener('abort', failed);
      this.#client.once('connect', () => {
        this.#client.subscribe([...filters], { qos: 1 }, (error, _granted, suback) => {
          clearTimeout(deadline);
          for (const [index, filter] of filters.entries()) {
            const code = Number(suback?.granted[index] ?? 0);
            if (code >= SUBSCRIPTION_FAILURE)
              return this.#end(subscriptionRefusal(filter, code, this.#words));
          }
          if (error) return this.#end(failureOf(error));
          this.signal.removeEventListener('abort', failed);
          resolve({ ok: true, connection: this });
        });
      });
      this.signal.addEventListener('abort', () => clearTimeout(deadline));
    });
  }

  async publish(topic: string, payload: string | Buffer, retain: boolean): Promise<boolean> {
    if (this.signal.aborted) return false;
    return this.#sending.publish((done) => {
      this.#client.publish(topic, payload, { qos: 1, retain }, (error) => {
        const code = error && 'code' in error ? error.code : undefined;
        if (typeof code === 'number') this.#end(refusal({ what: topic, code, words: this.#words }));
        else if (error) this.#end(failureOf(error));
        done(!error);
      });
    });
  }

  drop(reason: string, kind: FailureKind = 'unreachable'): void {
    this.#end({ kind, reason });
  }

  #end(failure: Failure): void {
    if (this.signal.aborted) return;
    this.#failure = this.#closing ?? failure;
    this.#over.abort();
    this.#sending.end();
    this.#client.end(true);
    // An end that the library had begun in peace is no longer one.
    this.#client.stream.destroy();
  }

  async close(why: Failure, timeoutMs: number): Promise<void> {
    if (this.signal.aborted) return;
    this.#closing = why;
    const deadline = setTimeout(() => this.#end(why), timeoutMs);
    const over = new Promise<void>((resolve) => this.signal.addEventListener('abort', () => resolve()));
    await Promise.race([this.#sending.settled(), over]);
    // The library would wait for ever for what is never acknowledged, so nothing is on its way by now.
    if (!this.signal.aborted) await Promise.race([this.#client.endAsync().catch(() => undefined), over]);
    clearTimeout(deadline);
    this.#end(why);
  }

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

/** CONNACK 1 (3.1.1) and 132 (5): unacceptable protocol version; a reset is how a terse broker may say it. */
function otherVersionAfter(error: Error): OtherVersion {
  const code = 'code' in error ? error.code : undefined;
  if (code === 'ECONNRESET') return 'perhaps';
  return code === 1 || code === 132 ? 'wanted' : 'no';
}
