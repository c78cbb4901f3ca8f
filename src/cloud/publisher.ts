import type { Logger } from 'pino';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../core/time.ts';
import type { Connection } from './connection.ts';
import { EventStream } from './event-stream.ts';
import { helloOf, statusOf, type HelloParts } from './presence.ts';
import { Reports } from './reports.ts';
import { Results } from './results.ts';
import type { Topics } from './messages/topics.ts';

/** Most messages that wait for their PUBACK at one time (rule 8 of the MQTT contract). */
const WINDOW = 16;
/** Of these, reports; the rest is left to events, so that many changing locks can't hold the log back. */
const REPORTS_WINDOW = 8;
const RESEND_CHECK_MS = 5 * SECOND_MS;
/** Answers to hellos before these tell nothing that a later one does not. */
const HELLOS_REMEMBERED = 8;
/** A clock that nothing but the cloud tells the end of is told again this often: it runs away by a few seconds. */
const TIME_EVERY_MS = 6 * HOUR_MS;
const HEALTH_EVERY_MS = 15 * MINUTE_MS;
const HEALTH_SPREAD = 0.1;

export interface PublisherOptions extends HelloParts {
  readonly topics: Topics;
  readonly log: Logger;
  /** The payload of `up/health`, for the connection with this number. */
  readonly health: (connectionSeq: number) => string;
  /** Uniform in [0, 1): jitter of the health messages. */
  readonly random: () => number;
}

interface Message {
  readonly topic: string;
  readonly payload: string | Buffer;
  readonly retain?: boolean;
  /** Called at the PUBACK. */
  readonly taken?: () => void;
}

/** Sends what is true and what happened, whenever there is a connection; without one, nothing is queued here. */
export class Publisher {
  readonly #options: PublisherOptions;
  readonly #events: EventStream;
  readonly #reports: Reports;
  readonly #results: Results;
  #connection: Connection | undefined;
  #waiting = 0;
  #pumpDue = false;
  /** When the last hellos were sent, by the monotonic clock. */
  readonly #helloSentMs = new Map<number, number>();
  #helloSeq = 0;

  constructor(options: PublisherOptions) {
    this.#options = options;
    this.#events = new EventStream(options.store.outbox, options.clock);
    this.#reports = new Reports(options.store, options.reportContext, options.hub.bootId);
    this.#results = new Results(options.store);
    options.store.onCommit(({ deviceIds, commands }) => {
      if (commands) this.#results.changed();
      this.changed(deviceIds);
    });
  }

  /** The cloud has all events up to this seq: what it does not acknowledge is sent again after a while. */
  acknowledged(seq: number): void {
    this.#events.acknowledged(seq);
  }

  /** Sends events above this seq once more, as far as they are still there. */
  resendEvents(afterSeq: number): void {
    this.#events.resend(afterSeq);
    this.#pumpSoon();
  }

  /** When a hello of this run was sent, by the monotonic clock; `null`: nobody remembers it. */
  helloSentMs(bootId: string, helloSeq: number): number | null {
    return bootId === this.#options.hub.bootId ? (this.#helloSentMs.get(helloSeq) ?? null) : null;
  }

  /** Says hello and reports every lock once more, to a cloud that was not there when this connection began. */
  introduce(): void {
    const connection = this.#connection;
    if (connection === undefined || connection.signal.aborted) return;
    const { store } = this.#options;
    this.#guarded(connection, () => {
      this.#sayHello(connection);
      for (const deviceId of store.deviceIds()) this.#reports.again(deviceId);
    });
    this.#pumpSoon();
  }

  /** Publishes the reports of these locks, as far as they differ from the last ones. */
  changed(deviceIds: readonly string[]): void {
    this.#reports.changed(deviceIds);
    this.#pumpSoon();
  }

  /** Publishes the report of a lock once more, although nothing changed. */
  reportAgain(deviceId: string): void {
    this.#reports.again(deviceId);
    this.#pumpSoon();
  }

  /** A connection begins: who we are, what is true of each lock, then what happened since the last one. */
  connected(connection: Connection): void {
    const { hub, clock, topics } = this.#options;
    this.#guarded(connection, () => {
      this.#connection = connection;
      this.#waiting = 0;
      this.#events.restart();
      this.#reports.restart();
      this.#results.restart();
      const status = statusOf(hub, connection.seq, 'online', clock);
      void this.#send(connection, { topic: topics.status, payload: status, retain: true });
      this.#sayHello(connection);
      this.#pump(connection);
    });
    void this.#watchAcks(connection);
    void this.#tellHealth(connection);
    void this.#askTheTime(connection);
  }

  #sayHello(connection: Connection): void {
    const { clock, topics } = this.#options;
    this.#helloSeq += 1;
    this.#helloSentMs.set(this.#helloSeq, clock.monotonicMs());
    this.#helloSentMs.delete(this.#helloSeq - HELLOS_REMEMBERED);
    const payload = helloOf(this.#options, connection.seq, this.#helloSeq);
    void this.#send(connection, { topic: topics.hello, payload });
  }

  /** Commits come in bursts and inside other people's calls: what they changed is sent in the next turn, at once. */
  #pumpSoon(): void {
    if (this.#pumpDue) return;
    this.#pumpDue = true;
    setImmediate(() => {
      this.#pumpDue = false;
      const connection = this.#connection;
      if (connection) this.#guarded(connection, () => this.#pump(connection));
    });
  }

  #pump(connection: Connection): void {
    while (this.#waiting < WINDOW && !connection.signal.aborted) {
      const messages = this.#nextResult() ?? this.#nextReport() ?? this.#nextBatch();
      if (messages === undefined) return;
      for (const message of messages) void this.#send(connection, message);
    }
  }

  #nextResult(): readonly Message[] | undefined {
    const result = this.#results.next();
    if (result === undefined) return undefined;
    const taken = (): void => this.#results.taken(result);
    return [{ topic: this.#options.topics.result, payload: result.payload, taken }];
  }

  #nextReport(): readonly Message[] | undefined {
    const report = this.#reports.onTheirWay() < REPORTS_WINDOW ? this.#reports.next() : undefined;
    if (report === undefined) return undefined;
    let parts = report.payloads.length;
    return report.payloads.map((payload) => ({
      topic: this.#options.topics.reported(report.deviceId),
      payload,
      taken: () => {
        parts -= 1;
        if (parts === 0) this.#reports.taken(report);
      },
    }));
  }

  #nextBatch(): readonly Message[] | undefined {
    const batch = this.#events.next();
    if (batch === undefined) return undefined;
    const taken = (): void => this.#events.taken(batch);
    return [{ topic: this.#options.topics.event, payload: batch.payload, taken }];
  }

  async #send(connection: Connection, message: Message): Promise<void> {
    this.#waiting += 1;
    const taken = await connection.publish(message.topic, message.payload, message.retain ?? false);
    // What was on its way when a connection ended counts for nothing: the next one begins anew.
    if (!taken || connection !== this.#connection) return;
    this.#guarded(connection, () => {
      this.#waiting -= 1;
      message.taken?.();
      this.#pump(connection);
    });
  }

  async #watchAcks(connection: Connection): Promise<void> {
    while (!connection.signal.aborted) {
      await this.#options.clock.sleepFor(RESEND_CHECK_MS, connection.signal);
      if (connection.signal.aborted) return;
      this.#guarded(connection, () => {
        if (this.#events.resendWhereDue()) this.#pump(connection);
      });
    }
  }

  /** The answer to a hello tells the time, to a hub whose system does not know it. */
  async #askTheTime(connection: Connection): Promise<void> {
    const { clock } = this.#options;
    while (!connection.signal.aborted) {
      await clock.sleepFor(TIME_EVERY_MS, connection.signal);
      const till = clock.basis?.().till ?? 'system';
      if (!connection.signal.aborted && till !== 'system') {
        this.#guarded(connection, () => this.#sayHello(connection));
      }
    }
  }

  async #tellHealth(connection: Connection): Promise<void> {
    const { clock, topics, health, random } = this.#options;
    while (!connection.signal.aborted) {
      this.#guarded(connection, () => {
        void this.#send(connection, { topic: topics.health, payload: health(connection.seq) });
      });
      const spread = 1 + HEALTH_SPREAD * (2 * random() - 1);
      await clock.sleepFor(HEALTH_EVERY_MS * spread, connection.signal);
    }
  }

  /** A store that fails here ends the connection: the next one reads everything from the store again. */
  #guarded(connection: Connection, work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#options.log.error({ err: error }, 'publishing failed');
      connection.drop('the store failed while publishing');
    }
  }
}
