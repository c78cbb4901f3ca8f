import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import { MINUTE_MS, SECOND_MS } from '../core/time.ts';
import { openConnection, type Connection, type Opened, type ProtocolVersion } from './connection.ts';
import type { AfterAck, DownMessage } from './inbox.ts';
import { readLogin, type LoginFiles } from './login.ts';

const BACKOFF_FIRST_MS = SECOND_MS;
const BACKOFF_MAX_MS = 300 * SECOND_MS;
/** Not even the luckiest draw of the jitter makes a tight loop. */
const BACKOFF_MIN_MS = 100;
/** A connection that lived this long starts the backoff anew; through a shorter one the link counts as down. */
const STABLE_MS = MINUTE_MS;
const KEEPALIVE_SECONDS = 240;
const KEEPALIVE_SPREAD = 0.1;
const GOODBYE_TIMEOUT_MS = 1500;

export interface LinkState {
  readonly status: 'connecting' | 'online' | 'waiting' | 'stopped';
  readonly connectionSeq: number;
  /** What the broker was last found to speak. */
  readonly protocolVersion: ProtocolVersion;
  /** Why the last attempt failed or the last connection ended; no secrets. */
  readonly lastFailure: string | null;
}

export interface LinkOptions {
  readonly url: string;
  readonly login: LoginFiles;
  readonly clientId: string;
  /** The only subscription. */
  readonly filter: string;
  readonly clock: Clock;
  readonly log: Logger;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly pubackTimeoutMs: number;
  readonly receive: (message: DownMessage) => AfterAck | Promise<AfterAck>;
  /** The will of a connection, and what is published in its place at a clean end. */
  readonly offline: (connectionSeq: number) => { readonly topic: string; readonly payload: string };
  readonly connected: (connection: Connection) => void;
}

/** Keeps one connection to the broker, for ever, whatever happens to it. */
export class Link {
  readonly #options: LinkOptions;
  readonly #stopping = new AbortController();
  readonly #ended: Promise<void>;
  #state: LinkState = { status: 'connecting', connectionSeq: 0, protocolVersion: 5, lastFailure: null };
  #live: Connection | undefined;

  constructor(options: LinkOptions) {
    this.#options = options;
    this.#ended = this.#run();
  }

  state(): LinkState {
    return this.#state;
  }

  /** Says goodbye where there is somebody to hear it. At most 2 s. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#ended;
    if (this.#live) await this.#sayGoodbye(this.#live);
    this.#state = { ...this.#state, status: 'stopped' };
  }

  async #run(): Promise<void> {
    const { clock, random } = this.#options;
    let downSinceMs = clock.monotonicMs();
    while (!this.#stopping.signal.aborted) {
      const startedMs = clock.monotonicMs();
      const lastFailure = await this.#liveOnce();
      if (this.#stopping.signal.aborted) return;
      const nowMs = clock.monotonicMs();
      if (nowMs - startedMs >= STABLE_MS) downSinceMs = nowMs;
      const retryMs = backoffMs(nowMs - downSinceMs, random);
      this.#state = { ...this.#state, status: 'waiting', lastFailure };
      this.#options.log.warn(
        { reason: lastFailure, retryMs: Math.round(retryMs) },
        'no connection to the cloud',
      );
      await this.#options.clock.sleepFor(retryMs, this.#stopping.signal);
    }
  }

  /** One connection from its attempt to its end, or to the wish to stop. Answers why there is none any more. */
  async #liveOnce(): Promise<string> {
    const connectionSeq = this.#state.connectionSeq + 1;
    this.#state = { ...this.#state, status: 'connecting', connectionSeq };
    const opened = await this.#openEither(connectionSeq);
    if (!opened.ok) return opened.reason;
    const { connection } = opened;
    this.#live = connection;
    this.#state = { ...this.#state, status: 'online' };
    const { protocolVersion } = this.#state;
    this.#options.log.info({ connectionSeq, protocolVersion }, 'connected to the cloud');
    this.#options.connected(connection);
    await firstAbort(connection.signal, this.#stopping.signal);
    if (!connection.signal.aborted) return 'stopping';
    this.#live = undefined;
    return String(connection.signal.reason);
  }

  /** Tries the version that worked last, and the other one where the broker may want that; remembers what worked. */
  async #openEither(connectionSeq: number): Promise<Opened> {
    const preferred = this.#state.protocolVersion;
    const opened = await this.#open(connectionSeq, preferred);
    if (opened.ok || !opened.otherVersion || this.#stopping.signal.aborted) return opened;
    const other = preferred === 5 ? 4 : 5;
    const second = await this.#open(connectionSeq, other);
    if (second.ok) this.#state = { ...this.#state, protocolVersion: other };
    return second;
  }

  async #open(connectionSeq: number, protocolVersion: ProtocolVersion): Promise<Opened> {
    const { url, clientId, filter, receive, offline, random, pubackTimeoutMs } = this.#options;
    const read = await readLogin(this.#options.login);
    if (!read.ok) return { ok: false, reason: read.reason, otherVersion: false };
    return openConnection({
      url,
      login: read.login,
      clientId,
      protocolVersion,
      keepaliveSeconds: Math.round(KEEPALIVE_SECONDS * (1 + KEEPALIVE_SPREAD * (2 * random() - 1))),
      will: offline(connectionSeq),
      filter,
      seq: connectionSeq,
      pubackTimeoutMs,
      receive,
      giveUp: this.#stopping.signal,
    });
  }

  async #sayGoodbye(connection: Connection): Promise<void> {
    const { topic, payload } = this.#options.offline(connection.seq);
    const deadline = new AbortController();
    const late = this.#options.clock.sleepFor(GOODBYE_TIMEOUT_MS, deadline.signal);
    await Promise.race([connection.publish(topic, payload, true), late]);
    deadline.abort();
    await connection.close();
  }
}

/**
 * Full jitter: anything up to as long as the link has been down already, between 1 s and 300 s. So the waits grow as
 * if they doubled, and nobody waits much longer than the outage lasted.
 */
export function backoffMs(downMs: number, random: () => number): number {
  const bound = Math.min(BACKOFF_MAX_MS, Math.max(BACKOFF_FIRST_MS, downMs));
  return Math.max(BACKOFF_MIN_MS, random() * bound);
}

function firstAbort(one: AbortSignal, other: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (one.aborted || other.aborted) return resolve();
    const finish = (): void => {
      one.removeEventListener('abort', finish);
      other.removeEventListener('abort', finish);
      resolve();
    };
    one.addEventListener('abort', finish);
    other.addEventListener('abort', finish);
  });
}
