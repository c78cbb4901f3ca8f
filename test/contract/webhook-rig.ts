import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { SeamWebhook } from '@seamapi/webhook';
import { pino } from 'pino';
import { z } from 'zod';
import { SystemClock, type Clock } from '../../src/clock.ts';
import type { DomainEvent, EventType } from '../../src/core/event.ts';
import { startWebhooks, type WebhookService } from '../../src/http/webhooks/webhooks.ts';
import type { Store, Webhook } from '../../src/store/store.ts';
import type { Scene } from './cloud-rig.ts';

export const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
/** Of a receiver that hangs, in these tests. */
export const TIMEOUT_MS = 300;

/** One event that came to a receiver. Its signature was right by the clients' own verifier. */
export interface Arrival {
  readonly id: string;
  readonly body: string;
  readonly type: string;
  /** Of `details`, by which tests number events. */
  readonly count: unknown;
}

/** What a receiver does with an event instead of answering 204. */
export type Answer = (response: ServerResponse, arrival: Arrival, request: IncomingMessage) => void;

export const status =
  (code: number, headers: Readonly<Record<string, string>> = {}): Answer =>
  (response) =>
    response.writeHead(code, headers).end();

/** A real receiver that answers 204, unless it is told otherwise. */
export class Receiver {
  readonly arrivals: Arrival[] = [];
  answer: Answer = status(204);
  /** Requests whose signature was wrong, which must never come. */
  forged = 0;
  readonly #server: Server;
  readonly #verifier: SeamWebhook | null;
  #port = 0;

  /** `null`: believes everything, also what was signed at another time. */
  constructor(secret: string | null = SECRET) {
    this.#verifier = secret === null ? null : new SeamWebhook(secret);
    this.#server = createServer((request, response) => void this.#take(request, response));
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}/hook`;
  }

  get counts(): readonly unknown[] {
    return this.arrivals.map(({ count }) => count);
  }

  /** Listens; one that was closed has the port again that it had. */
  async open(scene: Scene): Promise<this> {
    this.#server.listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
    this.#port = (this.#server.address() as AddressInfo).port;
    scene.atEnd(() => this.close());
    return this;
  }

  /** Dies: what is connected is cut off, what connects is refused. */
  async close(): Promise<void> {
    if (!this.#server.listening) return;
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.on('error', () => undefined);
    const body = await text(request).catch(() => null);
    if (body === null) return;
    const event = this.#verified(body, request);
    if (event === undefined) {
      this.forged += 1;
      response.writeHead(401).end();
      return;
    }
    const id = String(request.headers['svix-id']);
    const arrival = { id, body, type: String(event['event_type']), count: event['count'] };
    this.arrivals.push(arrival);
    this.answer(response, arrival, request);
  }

  #verified(body: string, { headers }: IncomingMessage): Readonly<Record<string, unknown>> | undefined {
    if (this.#verifier === null) return z.record(z.string(), z.unknown()).parse(JSON.parse(body));
    try {
      return { ...this.#verifier.verify(body, headers as Record<string, string>) };
    } catch {
      return undefined;
    }
  }
}

/** The wall clock of the world, but waits take a thousandth of their time. */
export class HastyClock extends SystemClock {
  readonly #factor = 1000;

  override monotonicMs(): number {
    return super.monotonicMs() * this.#factor;
  }

  override sleepFor(durationMs: number, signal: AbortSignal): Promise<void> {
    return super.sleepFor(durationMs / this.#factor, signal);
  }
}

/** The time of the world and of nobody else moves only while somebody sleeps, and then at once. */
export class DreamingClock implements Clock {
  /** Of sleeps that came to their end, in milliseconds. */
  readonly slept: number[] = [];
  at = Date.now();
  #monotonicMs = 0;

  now() {
    return { earliest: this.at, latest: this.at };
  }

  monotonicMs(): number {
    return this.#monotonicMs;
  }

  sleepUntil(at: number, signal: AbortSignal): Promise<void> {
    return this.sleepFor(at - this.at, signal);
  }

  async sleepFor(durationMs: number, signal: AbortSignal): Promise<void> {
    await new Promise(setImmediate);
    // Whoever has nothing to do sleeps until it is woken, or the test would sleep through years.
    if (durationMs === IDLE_MS && !signal.aborted) await once(signal, 'abort');
    if (signal.aborted) return;
    this.slept.push(durationMs);
    this.at += durationMs;
    this.#monotonicMs += durationMs;
  }
}

const IDLE_MS = 3_600_000;

export function service(scene: Scene, store: Store, clock: Clock = new HastyClock()): WebhookService {
  const log = pino({ level: 'silent' });
  const webhooks = startWebhooks({ store, clock, log, hubId: 'hub-1', timeoutMs: TIMEOUT_MS });
  scene.atEnd(() => webhooks.stop());
  return webhooks;
}

export function addWebhook(store: Store, webhookId: string, url: string, more: Partial<Webhook> = {}): void {
  const webhook = { webhookId, url, eventTypes: null, secret: SECRET, createdAt: 0, ...more };
  store.transaction(() => store.webhooks.add(webhook));
}

/** Tells events of this type that are numbered like this. */
export function tell(store: Store, counts: readonly number[], type: EventType = 'lock.locked'): void {
  const event = (count: number): DomainEvent => ({
    event_type: type,
    occurredAt: Date.now(),
    device_id: 'a',
    details: { count },
  });
  store.append(counts.map(event));
}
