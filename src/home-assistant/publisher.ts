import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import type { Connection } from '../cloud/connection.ts';
import type { LockState } from '../core/lock.ts';
import { MINUTE_MS } from '../core/time.ts';
import type { Store } from '../store/store.ts';
import { codeEventOf } from './code-event.ts';
import { discoveryOf, PAYLOADS } from './discovery.ts';
import { stateOf, type StateContext } from './state.ts';
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
  readonly store: Pick<Store, 'deviceIds' | 'lockState' | 'outbox' | 'onCommit'>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly contextOf: (state: LockState) => StateContext;
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
  readonly #left = new Set<string>();
  #events: (Omit<Message, 'taken'> & { readonly heardMs: number })[] = [];
  #rowsSeenThrough: number;
  #more = Promise.withResolvers<void>();

  constructor(options: PublisherOptions) {
    this.#options = options;
    this.#rowsSeenThrough = options.store.outbox.head();
    options.store.onCommit(({ deviceIds, events }) => {
      // Whatever goes wrong here is no affair of him who committed.
      this.#guarded(() => {
        if (events) this.#readEvents();
        this.changed(deviceIds);
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
    const oldestMs = this.#options.clock.monotonicMs() - EVENT_AGE_MAX_MS;
    this.#events = this.#events.filter(({ heardMs }) => heardMs >= oldestMs);
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

  /** What the broker is to keep of a lock: nothing of one that left, or that nobody has met yet. */
  #messagesOf(deviceId: string): readonly { readonly topic: string; readonly payload: string }[] {
    const { topics, store, version, contextOf } = this.#options;
    const state = this.#left.has(deviceId) ? undefined : store.lockState(deviceId);
    const isThere = state !== undefined && state.lock.capabilities !== null;
    const discovery = isThere ? JSON.stringify(discoveryOf(state.lock, topics, version)) : '';
    const told = isThere ? JSON.stringify(stateOf(state, contextOf(state))) : '';
    return [
      { topic: topics.discovery(deviceId), payload: discovery },
      { topic: topics.state(deviceId), payload: told },
    ];
  }

  #readEvents(): void {
    const { store, topics, clock } = this.#options;
    const heardMs = clock.monotonicMs();
    for (;;) {
      const rows = store.outbox.after(this.#rowsSeenThrough, ROWS_MAX);
      for (const { seq, event } of rows) {
        this.#rowsSeenThrough = seq;
        this.#follow(event);
        const use = codeEventOf(event, (deviceId) => store.lockState(deviceId));
        if (use === undefined) continue;
        const topic = topics.event(use.deviceId);
        this.#events.push({ topic, payload: JSON.stringify(use.payload), retain: false, heardMs });
      }
      this.#events = this.#events.slice(-EVENTS_MAX);
      if (rows.length < ROWS_MAX) return;
    }
  }

  /** Whether a lock is in the network, as its events tell. */
  #follow({ event_type, device_id }: Readonly<Record<string, unknown>>): void {
    if (typeof device_id !== 'string') return;
    if (event_type === 'device.removed') this.#left.add(device_id);
    if (event_type === 'device.added' || event_type === 'device.connected') this.#left.delete(device_id);
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
