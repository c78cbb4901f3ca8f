import { readFile } from 'node:fs/promises';
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';

const RETRY_FIRST_MS = 500;
const RETRY_MAX_MS = 30_000;
const CONNECT_TIMEOUT_MS = 10_000;
const CLOSE_TIMEOUT_MS = 2000;
const SESSION_EXPIRY_SECONDS = 3600;
/** Messages that wait for their PUBACK; one more is not sent, and made good by the next reminder. */
const WAITING_MAX = 1000;

/** A message as the broker delivered it. `retain`: it is from before this cloud subscribed. */
export interface Delivered {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly retain: boolean;
}

/** How this cloud proves who it is, and whom it believes. Files are read at each attempt. */
export interface BrokerLogin {
  readonly username?: string | undefined;
  readonly passwordFile?: string | undefined;
  readonly caFile?: string | undefined;
  readonly certFile?: string | undefined;
  readonly keyFile?: string | undefined;
}

export interface BrokerOptions {
  /** `mqtt`, `mqtts`, `ws` or `wss`; several for the nodes of one cluster, which are tried in turn. */
  readonly url: string | readonly string[];
  readonly login: BrokerLogin;
  readonly clientId: string;
  /** The only subscriptions. */
  readonly filters: readonly string[];
  /** Takes one message; it is acknowledged when this returns, and the connection ends when it throws. */
  readonly receive: (message: Delivered) => void;
  readonly connected: () => void;
  /** Why there is no connection, and until when; no secrets. */
  readonly down: (reason: string, retryMs: number) => void;
}

/** How one connection, or the attempt at it, ended. */
interface Life {
  /** No secrets. */
  readonly reason: string;
  readonly wasConnected: boolean;
  /** The broker may speak the other version of MQTT. */
  readonly wantsOtherVersion: boolean;
}

/** The connection of a reference cloud to its broker, made again for ever. */
export class Broker {
  readonly #options: BrokerOptions;
  readonly #stopping = new AbortController();
  readonly #ended: Promise<void>;
  #client: MqttClient | undefined;
  readonly #waiting = new Set<(taken: boolean) => void>();
  #protocolVersion: 4 | 5 = 5;
  readonly #urls: readonly string[];
  #turn = 0;

  constructor(options: BrokerOptions) {
    this.#options = options;
    this.#urls = [options.url].flat();
    this.#ended = this.#run();
  }

  isConnected(): boolean {
    return this.#client !== undefined;
  }

  /** True at the PUBACK; false where there is no connection, or it ends before. Never rejects. */
  publish(topic: string, payload: string): Promise<boolean> {
    const client = this.#client;
    if (client === undefined || this.#waiting.size >= WAITING_MAX) return Promise.resolve(false);
    return new Promise((resolve) => {
      const finish = (taken: boolean): void => {
        this.#waiting.delete(finish);
        resolve(taken);
      };
      this.#waiting.add(finish);
      client.publish(topic, payload, { qos: 1 }, (error) => finish(!error));
    });
  }

  /** Ends the connection when all is acknowledged, and at the latest after 2 s. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#ended;
  }

  async #run(): Promise<void> {
    let retryMs = RETRY_FIRST_MS;
    let isOtherVersionTried = false;
    while (!this.#stopping.signal.aborted) {
      const { reason, wasConnected, wantsOtherVersion } = await this.#liveOnce();
      if (this.#stopping.signal.aborted) return;
      if (wantsOtherVersion) this.#protocolVersion = this.#protocolVersion === 5 ? 4 : 5;
      if (wantsOtherVersion && !isOtherVersionTried) {
        isOtherVersionTried = true;
        continue;
      }
      isOtherVersionTried = false;
      this.#turn += 1;
      retryMs = wasConnected ? RETRY_FIRST_MS : Math.min(RETRY_MAX_MS, 2 * retryMs);
      const waitMs = Math.ceil(retryMs * (0.5 + Math.random() / 2));
      this.#options.down(reason, waitMs);
      await sleep(waitMs, this.#stopping.signal);
    }
  }

  /** One connection from its attempt to its end. Never rejects. */
  async #liveOnce(): Promise<Life> {
    let client: MqttClient;
    try {
      client = mqtt.connect(this.#urls[this.#turn % this.#urls.length] ?? '', await this.#clientOptions());
    } catch (error) {
      return { reason: textOf(error), wasConnected: false, wantsOtherVersion: false };
    }
    let reason = 'the connection was closed by the broker';
    let isAnswered = false;
    client.handleMessage = (packet, acknowledge) => {
      try {
        const { topic, retain } = packet;
        this.#options.receive({ topic, payload: Buffer.from(packet.payload), retain });
        acknowledge();
      } catch (error) {
        reason = `a message could not be stored: ${textOf(error)}`;
        client.end(true);
      }
    };
    client.on('packetreceive', () => (isAnswered = true));
    client.on('error', (error) => {
      reason = textOf(error);
      client.end(true);
    });
    const ended = new Promise<void>((resolve) => client.once('close', resolve));
    const stop = (): void => void this.#close(client);
    this.#stopping.signal.addEventListener('abort', stop);
    if (this.#stopping.signal.aborted) stop();
    client.once('connect', () => void this.#subscribe(client));
    await ended;
    this.#stopping.signal.removeEventListener('abort', stop);
    const wasConnected = this.#client === client;
    this.#client = undefined;
    for (const finish of this.#waiting) finish(false);
    // A broker that speaks only 3.1.1 refuses a CONNECT of version 5 by a code, or hangs up on it.
    const wantsOtherVersion = !wasConnected && (!isAnswered || /version/i.test(reason));
    return { reason, wasConnected, wantsOtherVersion };
  }

  async #subscribe(client: MqttClient): Promise<void> {
    try {
      await client.subscribeAsync([...this.#options.filters], { qos: 1 });
    } catch (error) {
      client.emit(
        'error',
        new Error(`the broker refuses ${this.#options.filters.join(', ')}: ${textOf(error)}`),
      );
      return;
    }
    this.#client = client;
    this.#options.connected();
  }

  async #close(client: MqttClient): Promise<void> {
    // The library ignores a second, forced end, and a peaceful one before CONNACK waits for the broker.
    const deadline = setTimeout(() => client.stream.destroy(), CLOSE_TIMEOUT_MS);
    await client.endAsync(!client.connected).catch(() => undefined);
    clearTimeout(deadline);
  }

  async #clientOptions(): Promise<IClientOptions> {
    const { username, passwordFile, caFile, certFile, keyFile } = this.#options.login;
    const password = passwordFile && (await readFile(passwordFile, 'utf8')).replace(/\r?\n$/, '');
    const ca = caFile && (await readFile(caFile));
    const cert = certFile && (await readFile(certFile));
    const key = keyFile && (await readFile(keyFile));
    return {
      ...(username && { username }),
      ...(password && { password }),
      ...(ca && { ca }),
      ...(cert && { cert }),
      ...(key && { key }),
      clientId: this.#options.clientId,
      protocolVersion: this.#protocolVersion,
      clean: false,
      reconnectPeriod: 0,
      resubscribe: false,
      connectTimeout: CONNECT_TIMEOUT_MS,
      // The library's own debug output would show payloads, and with them PINs.
      log: () => undefined,
      ...(this.#protocolVersion === 5 && {
        properties: { sessionExpiryInterval: SESSION_EXPIRY_SECONDS },
      }),
    };
  }
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(finish, ms);
    signal.addEventListener('abort', finish);
    function finish(): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', finish);
      resolve();
    }
    if (signal.aborted) finish();
  });
}

function textOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(textOf).join('; ');
  return error instanceof Error ? error.message : String(error);
}
