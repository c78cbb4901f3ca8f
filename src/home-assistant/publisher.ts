import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import type { Connection } from '../cloud/connection.ts';
import type { LockState } from '../core/lock.ts';
import type { LockLink } from '../core/lock-event.ts';
import { MINUTE_MS, type Instant } from '../core/time.ts';
import type { Store } from '../store/store.ts';
import { codeEventOf } from './code-event.ts';
import { discoveryOf, PAYLOADS } from './discovery.ts';
import { stateOf } from './state.ts';
import type { Topics } from './topics.ts';

/** Events that wait for a connection; the oldest give way. */
const EVENTS_MAX = 100;
/** Home Assistant takes an event for one of this moment, so an older one would only mislead. */
const EVENT_AGE_MAX_MS = 5 * MINUTE_MS;
/** Outbox rows looked at in one step. */
const ROWS_MAX = 100;

export interface PublisherOptions {
  readonly topics: Topics;
  /** Of this program. */
  readonly version: string;
  readonly store: Pick<Store, 'deviceIds' | 'lockState' | 'commands' | 'outbox' | 'onCommit'>;
  readonly clock: Clock;
  readonly log: Logger;
  /** Whether a radio of this hub answers. */
  readonly isRadioUp: (radio: LockLink) => boolean;
}

interface Message {
  readonly topic: string;
  readonly payload: string;
  readonly retain: boolean;
  /** Called at the PUBACK. */
  readonly taken: () => void;
}

/**
 * Tells Home Assistant what is true of each lock, and which codes are used. What is true is a level, not a queue: it
 * is read when it is sent, one message at a time, and a lock that changed ten times meanwhile is told once.
 */
export class Publisher {
  readonly #options: PublisherOptions;
  readonly #due = new Set<string>();
  /** By topic: the retained messages that the broker has of this connection. */
  readonly #told = new Map<string, string>();
  #events: (Omit<Message, 'taken'> & { readonly at: Instant })[] = [];
  #rowsSeenThrough: number;
  #more = Promise.withResolvers<void>();

  constructor(options: PublisherOptions) {
    this.#options = options;
    this.#rowsSeenThrough = options.store.outbox.head();
    options.store.onCommit(({ deviceIds, events, commands }) => {
      // Whatever goes wrong here is no affair of him who committed.
      this.#guarded(() => {
        if (events) this.#readEvents();
        this.changed(commands ? options.store.deviceIds() : deviceIds);
      });
    });
  }

  /** Something about these locks is to be looked at again. */
  changed(deviceIds: readonly string[]): void {
    for (const deviceId of deviceIds) this.#due.add(deviceId);
    this.#more.resolve();
  }

  /** Tells everything once more. */
  announce(): void {
    this.#told.clear();
    this.changed(this.#options.store.deviceIds());
  }

  /** Publishes until the connection ends. */
  async connected(connection: Connection): Promise<void> {
    const { signal } = connection;
    const { availability } = this.#options.topics;
    if (!this.#guarded(() => this.announce())) return connection.drop('the store failed while publishing');
    signal.addEventListener('abort', () => this.#more.resolve());
    if (!(await connection.publish(availability, PAYLOADS.available, true))) return;
    while (!signal.aborted) {
      this.#more = Promise.withResolvers<void>();
      let message: Message | undefined;
      if (!this.#guarded(() => (message = this.#next()))) {
        return connection.drop('the store failed while publishing');
      }
      if (message === undefined) await this.#more.promise;
      else if (await connection.publish(message.topic, message.payload, message.retain)) message.taken();
    }
  }

  #next(): Message | undefined {
    const oldest = this.#options.clock.now().earliest - EVENT_AGE_MAX_MS;
    this.#events = this.#events.filter(({ at }) => at >= oldest);
    const [event] = this.#events;
    if (event !== undefined) {
      return { ...event, taken: () => (this.#events = this.#events.filter((other) => other !== event)) };
    }
    for (const deviceId of this.#due) {
      for (const { topic, payload } of this.#messagesOf(deviceId)) {
        if (this.#told.get(topic) === payload) continue;
        return { topic, payload, retain: true, taken: () => this.#told.set(topic, payload) };
      }
      this.#due.delete(deviceId);
    }
    return undefined;
  }

  /** What the broker is to keep of a lock: nothing of one that left. */
  #messagesOf(deviceId: string): readonly { readonly topic: string; readonly payload: string }[] {
    const { topics, store, version } = this.#options;
    const state = store.lockState(deviceId);
    // Nobody has met it yet, so nothing was ever told of it.
    const { capabilities } = state?.lock ?? {};
    if (state === undefined || capabilities == null) return [];
    // A keypad has no bolt, which is all that is shown there, and of an offline lock nobody hears anything.
    if (capabilities.isKeypad === true || state.lock.radio === 'offline') return [];
    const isThere = state.lock.radio !== null;
    return [
      {
        topic: topics.discovery(deviceId),
        payload: isThere ? JSON.stringify(discoveryOf(state.lock, topics, version)) : '',
      },
      { topic: topics.state(deviceId), payload: isThere ? this.#stateOf(state) : '' },
    ];
  }

  #stateOf(state: LockState): string {
    const { deviceId, radio } = state.lock;
    const { store, isRadioUp } = this.#options;
    const [underWay] = store.commands.open(deviceId, 1);
    return JSON.stringify(stateOf(state, { underWay, isRadioUp: radio === null || isRadioUp(radio) }));
  }

  #readEvents(): void {
    const { store, topics } = this.#options;
    for (;;) {
      const rows = store.outbox.after(this.#rowsSeenThrough, ROWS_MAX);
      for (const { seq, event } of rows) {
        this.#rowsSeenThrough = seq;
        const use = codeEventOf(event, (deviceId) => store.lockState(deviceId));
        if (use === undefined) continue;
        const topic = topics.event(use.deviceId);
        const at = Date.parse(use.payload.occurred_at);
        this.#events.push({ topic, payload: JSON.stringify(use.payload), retain: false, at });
      }
      this.#events = this.#events.slice(-EVENTS_MAX);
      if (rows.length < ROWS_MAX) return;
    }
  }

  /** False when the work failed, which is logged. */
  #guarded(work: () => unknown): boolean {
    try {
      work();
      return true;
    } catch (error) {
      this.#options.log.error({ err: error }, 'telling Home Assistant failed');
      return false;
    }
  }
}
