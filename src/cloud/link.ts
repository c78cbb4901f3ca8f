import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import { SECOND_MS } from '../core/time.ts';
import {
  openConnection,
  type Connection,
  type Opened,
  type OwnedConnection,
  type ProtocolVersion,
} from './connection.ts';
import type { Failure } from './failure.ts';
import type { AfterAck, DownMessage } from './inbox.ts';
import { loginChanged, readLogin, type Login, type LoginFiles } from './login.ts';
import { Pacing } from './pacing.ts';
import { Troubles } from './troubles.ts';

const KEEPALIVE_SECONDS = 240;
const KEEPALIVE_SPREAD = 0.1;
const GOODBYE_TIMEOUT_MS = 1500;
const CLOSE_TIMEOUT_MS = 500;
/** A renewed login waits so long for what is on its way; what is not acknowledged by then is sent again. */
const RENEWAL_TIMEOUT_MS = 10 * SECOND_MS;

/** So many attempts in a row that ended without a word: then the version that worked last may do so no more. */
const WORDLESS_MAX = 3;

/** What a link waits for by default. */
export const LINK_TIMES = {
  pubackTimeoutMs: 30 * SECOND_MS,
  refusedPauseMs: 30 * SECOND_MS,
  /** A change has to be seen twice, so it counts within half a minute. */
  loginLookMs: 10 * SECOND_MS,
} as const;

const STOPPED: Failure = { kind: 'stopped', reason: 'the hub stops' };
const RENEWED: Failure = { kind: 'renewed', reason: 'the files of the login have changed' };

export interface LinkState {
  /** `refused`: the broker does not want us as we are; a person has to mend what `lastFailure` says. */
  readonly status: 'connecting' | 'online' | 'waiting' | 'refused' | 'stopped';
  readonly connectionSeq: number;
  /** What the broker was last found to speak. */
  readonly protocolVersion: ProtocolVersion;
  /** Why the last attempt failed or the last connection ended; no secrets. */
  readonly lastFailure: string | null;
}

export interface LinkOptions {
  /** Who is at the other end, as the log says it. */
  readonly peer: string;
  /** One broker, or the nodes of one cluster: another one is tried whenever a connection ends or fails. */
  readonly url: string | readonly string[];
  readonly login: LoginFiles;
  readonly clientId: string;
  /** All that is subscribed to. */
  readonly filters: readonly string[];
  /** The broker is asked to keep what comes while the hub is away. */
  readonly keepsSession: boolean;
  readonly clock: Clock;
  readonly log: Logger;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly pubackTimeoutMs: number;
  /** Shortest wait after a refusal. */
  readonly refusedPauseMs: number;
  /** How often the files of the login are looked at. */
  readonly loginLookMs: number;
  readonly receive: (message: DownMessage) => AfterAck | Promise<AfterAck>;
  /** The will of a connection, and what is published in its place at a clean end; `null`: neither. */
  readonly offline: (connectionSeq: number) => { readonly topic: string; readonly payload: string } | null;
  readonly connected: (connection: Connection) => void;
}

/** Keeps one connection to the broker, for ever, whatever happens to it. */
export class Link {
  readonly #options: LinkOptions;
  readonly #pacing: Pacing;
  readonly #troubles: Troubles;
  readonly #stopping = new AbortController();
  readonly #ended: Promise<void>;
  #state: LinkState = { status: 'connecting', connectionSeq: 0, protocolVersion: 5, lastFailure: null };
  #live: OwnedConnection | undefined;
  /** What the files held at the last attempt; `undefined` where they could not be used. */
  #login: Login | undefined;
  /** Attempts in a row that ended without a word. At the start no version has worked yet. */
  #wordless = WORDLESS_MAX;
  readonly #nodes: readonly string[];
  /** Which of the nodes has its turn. */
  #node: number;

  constructor(options: LinkOptions) {
    this.#options = options;
    this.#nodes = [options.url].flat();
    // So the hubs of a fleet spread over the nodes by themselves.
    this.#node = Math.floor(options.random() * this.#nodes.length);
    this.#pacing = new Pacing(options);
    this.#troubles = new Troubles(options);
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
    const stop = this.#stopping.signal;
    while (!stop.aborted) {
      this.#pacing.begins();
      const ended = await this.#liveOnce();
      if (stop.aborted) return;
      if (ended.kind === 'renewed') {
        this.#options.log.info('the files of the login have changed: connecting anew');
        continue;
      }
      this.#node = otherThan(this.#node, this.#nodes.length, this.#options.random);
      const { failure, retryMs, lived } = this.#pacing.ended(ended);
      if (lived) this.#troubles.over();
      const status = failure.kind === 'refused' ? 'refused' : 'waiting';
      this.#state = { ...this.#state, status, lastFailure: failure.reason };
      this.#troubles.tell(failure, retryMs);
      await this.#wait(retryMs);
    }
  }

  /** A login that was mended counts before the wait is over. */
  async #wait(retryMs: number): Promise<void> {
    const { clock } = this.#options;
    const over = new AbortController();
    const signal = AbortSignal.any([over.signal, this.#stopping.signal]);
    await Promise.race([clock.sleepFor(retryMs, signal), this.#loginChanged(signal)]);
    over.abort();
  }

  /** One connection from its attempt to its end, or to the wish to stop. Answers why there is none any more. */
  async #liveOnce(): Promise<Failure> {
    const connectionSeq = this.#state.connectionSeq + 1;
    // Refused stays refused until we are let in: an attempt is no news.
    const status = this.#state.status === 'refused' ? 'refused' : 'connecting';
    this.#state = { ...this.#state, status, connectionSeq };
    const opened = await this.#openEither(connectionSeq);
    if (!opened.ok) return opened.failure;
    const { connection } = opened;
    this.#live = connection;
    this.#state = { ...this.#state, status: 'online' };
    this.#pacing.connected();
    const { protocolVersion } = this.#state;
    this.#options.log.info({ connectionSeq, protocolVersion }, `connected to ${this.#options.peer}`);
    this.#options.connected(connection);
    const renewed = await this.#loginChanged(AbortSignal.any([connection.signal, this.#stopping.signal]));
    if (this.#stopping.signal.aborted && !connection.signal.aborted) return STOPPED;
    if (renewed) await connection.close(RENEWED, RENEWAL_TIMEOUT_MS);
    this.#live = undefined;
    return connection.failure();
  }

  #loginChanged(signal: AbortSignal): Promise<boolean> {
    const { login, clock, loginLookMs } = this.#options;
    return loginChanged(login, this.#login, clock, loginLookMs, signal, (reason) =>
      this.#troubles.tellOfFiles(reason),
    );
  }

  /** Tries the version that worked last, and the other one where the broker may want that; remembers what worked. */
  async #openEither(connectionSeq: number): Promise<Opened> {
    const preferred = this.#state.protocolVersion;
    const opened = await this.#openOne(connectionSeq, preferred);
    if (opened.ok || opened.otherVersion === 'no' || this.#stopping.signal.aborted) return opened;
    // A broker in trouble hangs up too, and is not helped by twice as many attempts.
    if (opened.otherVersion === 'perhaps' && this.#wordless < WORDLESS_MAX) return opened;
    const other = preferred === 5 ? 4 : 5;
    const second = await this.#openOne(connectionSeq, other);
    // A broker that does not speak the other one either had another reason to hang up.
    if (!second.ok && second.otherVersion !== 'no') return opened;
    if (second.ok || ['refused', 'unexplained'].includes(second.failure.kind)) {
      this.#state = { ...this.#state, protocolVersion: other };
    }
    return second;
  }

  async #openOne(connectionSeq: number, protocolVersion: ProtocolVersion): Promise<Opened> {
    const opened = await this.#open(connectionSeq, protocolVersion);
    if (opened.ok) this.#wordless = 0;
    else if (opened.otherVersion === 'perhaps') this.#wordless += 1;
    return opened;
  }

  async #open(connectionSeq: number, protocolVersion: ProtocolVersion): Promise<Opened> {
    const { clientId, filters, keepsSession, receive, offline, random, pubackTimeoutMs } = this.#options;
    const url = this.#nodes[this.#node];
    if (url === undefined) throw new Error('No broker to connect to.');
    const read = await readLogin(this.#options.login);
    this.#login = read.ok ? read.login : undefined;
    if (!read.ok) {
      return { ok: false, failure: { kind: 'unreachable', reason: read.reason }, otherVersion: 'no' };
    }
    return openConnection({
      url,
      login: read.login,
      clientId,
      protocolVersion,
      keepaliveSeconds: Math.round(KEEPALIVE_SECONDS * (1 + KEEPALIVE_SPREAD * (2 * random() - 1))),
      will: offline(connectionSeq),
      filters,
      keepsSession,
      seq: connectionSeq,
      pubackTimeoutMs,
      receive,
      giveUp: this.#stopping.signal,
    });
  }

  async #sayGoodbye(connection: OwnedConnection): Promise<void> {
    const goodbye = this.#options.offline(connection.seq);
    const deadline = new AbortController();
    const late = this.#options.clock.sleepFor(GOODBYE_TIMEOUT_MS, deadline.signal);
    if (goodbye !== null)
      await Promise.race([connection.publish(goodbye.topic, goodbye.payload, true), late]);
    deadline.abort();
    await connection.close(STOPPED, CLOSE_TIMEOUT_MS);
  }
}

/** Any of the others with the same chance, so that the hubs of a node that died spread over those that live. */
function otherThan(node: number, count: number, random: () => number): number {
  return (node + 1 + Math.floor(random() * (count - 1))) % count;
}
