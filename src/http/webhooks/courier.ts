import type { Logger } from 'pino';
import type { Clock } from '../../clock.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../core/time.ts';
import type { LoggedEvent, Store, Webhook, WebhookRetry } from '../../store/store.ts';
import { eventObjectOf } from '../events.ts';
import { deliver } from './delivery.ts';

/** How long after each failure an event is tried again. After the last of these it is given up. */
const RETRY_DELAYS_MS: readonly number[] = [
  0,
  5 * SECOND_MS,
  5 * MINUTE_MS,
  30 * MINUTE_MS,
  2 * HOUR_MS,
  5 * HOUR_MS,
  10 * HOUR_MS,
  10 * HOUR_MS,
];

/** Longest sleep when nothing is to be sent; commits end it. */
const IDLE_MAX_MS = HOUR_MS;
/** Events that nobody asked for are passed over again after a restart, but no more than so many. */
const UNKEPT_EVENTS_MAX = 1000;
/** After the store has failed, for example because the disk is full. */
const FAULT_PAUSE_MS = MINUTE_MS;

export interface CourierParts {
  readonly store: Pick<Store, 'transaction' | 'events' | 'outbox' | 'webhooks' | 'append'>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly hubId: string;
  /** Longest time that a receiver may take for one event. */
  readonly timeoutMs: number;
}

/** Sends the events of one webhook: in order, one at a time, each until it is taken or given up. */
export class Courier {
  readonly #webhookId: string;
  readonly #parts: CourierParts;
  readonly #stopped = new AbortController();
  #sleep = new AbortController();
  /** Nothing up to here is to be sent. */
  #seenSeq = 0;
  /** When the retry that waits is due, by the monotonic clock: the other one can step. */
  #due: { readonly retry: WebhookRetry; readonly atMs: number } | null = null;

  constructor(webhookId: string, parts: CourierParts) {
    this.#webhookId = webhookId;
    this.#parts = parts;
  }

  /** There may be something to send, or the webhook has changed. */
  wake(): void {
    this.#sleep.abort();
  }

  /** An event under way is cut short, and sent again after the next start. */
  stop(): void {
    this.#stopped.abort();
    this.wake();
  }

  /** Runs until stopped, or until the webhook is gone. */
  async run(): Promise<void> {
    const { clock, log } = this.#parts;
    while (!this.#stopped.signal.aborted) {
      // Made before the turn, so that a wake during the turn ends the sleep that follows it.
      this.#sleep = new AbortController();
      let idleMs: number | null;
      try {
        idleMs = await this.#turn();
      } catch (error) {
        log.error({ webhookId: this.#webhookId, err: error }, 'A webhook failed; it goes on in a minute');
        idleMs = FAULT_PAUSE_MS;
      }
      if (idleMs === null) return;
      if (idleMs > 0)
        await clock.sleepFor(idleMs, AbortSignal.any([this.#sleep.signal, this.#stopped.signal]));
    }
  }

  /** One step. Returns how long nothing is to be done; `null`: the webhook is gone. */
  async #turn(): Promise<number | null> {
    const { store } = this.#parts;
    const webhook = store.webhooks.get(this.#webhookId);
    if (webhook === undefined) return null;
    const { retry } = webhook;
    const event = store.events.next(Math.max(webhook.throughSeq, this.#seenSeq), webhook.eventTypes);
    if (retry !== null && retry.seq !== event?.seq) {
      // So much happened meanwhile that the log does not hold it any more.
      this.#giveUp(webhook, retry.seq);
      return 0;
    }
    if (event === undefined) {
      this.#seenSeq = store.outbox.head();
      if (this.#seenSeq - webhook.throughSeq > UNKEPT_EVENTS_MAX) {
        store.webhooks.advance(this.#webhookId, { ...webhook, throughSeq: this.#seenSeq });
      }
      return IDLE_MAX_MS;
    }
    const waitMs = retry === null ? 0 : this.#waitMs(retry);
    if (waitMs > 0) return waitMs;
    await this.#send(webhook, event);
    return 0;
  }

  async #send(webhook: Webhook, event: LoggedEvent): Promise<void> {
    const { store, clock, log, hubId, timeoutMs } = this.#parts;
    const { webhookId, url, secret } = webhook;
    const object = eventObjectOf(event, hubId);
    const message = { url, secret, id: object.event_id, body: JSON.stringify(object) };
    const delivery = await deliver(message, clock.now().earliest, timeoutMs, this.#stopped.signal);
    if (delivery.kind === 'taken') {
      if (webhook.isFailing) log.info({ webhookId }, 'A webhook works again');
      store.webhooks.advance(webhookId, { throughSeq: event.seq, retry: null, isFailing: false });
      return;
    }
    const present = store.webhooks.get(webhookId);
    // It was stopped, deleted, or sent to a receiver that is not meant any more: that says nothing of this one.
    if (this.#stopped.signal.aborted || present?.url !== url) return;
    const attempts = (present.retry?.attempts ?? 0) + 1;
    log.warn({ webhookId, seq: event.seq, attempts, reason: delivery.reason }, 'A webhook was not taken');
    const delayMs = RETRY_DELAYS_MS[attempts - 1];
    if (delayMs === undefined) return this.#giveUp(present, event.seq);
    const retry = { seq: event.seq, attempts, at: clock.now().earliest + delayMs };
    store.webhooks.advance(webhookId, { ...present, throughSeq: event.seq - 1, retry });
  }

  /** The next event may be another matter, so the webhook goes on with that one. Told once until something is taken. */
  #giveUp({ webhookId, isFailing }: Webhook, seq: number): void {
    const { store, clock, log } = this.#parts;
    log.error({ webhookId, seq }, 'A webhook gave an event up');
    store.transaction(() => {
      store.webhooks.advance(webhookId, { throughSeq: seq, retry: null, isFailing: true });
      if (isFailing) return;
      const details = { webhook_id: webhookId, lost_seq: seq };
      store.append([{ event_type: 'hub.webhook_failed', occurredAt: clock.now().earliest, details }]);
    });
  }

  /** After a restart only the wall clock says how long is left; one that was set never makes it longer. */
  #waitMs(retry: WebhookRetry): number {
    const { clock } = this.#parts;
    if (this.#due?.retry.seq !== retry.seq || this.#due.retry.attempts !== retry.attempts) {
      const leftMs = retry.at - clock.now().earliest;
      const longestMs = RETRY_DELAYS_MS[retry.attempts - 1] ?? 0;
      const waitMs = Math.min(Math.max(leftMs, 0), longestMs);
      this.#due = { retry, atMs: clock.monotonicMs() + waitMs };
    }
    return Math.max(0, this.#due.atMs - clock.monotonicMs());
  }
}
