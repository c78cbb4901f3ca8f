import { Courier, type CourierParts } from './courier.ts';
import { DELIVERY_TIMEOUT_MS } from './delivery.ts';
import type { Store } from '../../store/store.ts';

export interface WebhooksOptions extends Omit<CourierParts, 'timeoutMs' | 'store'> {
  readonly store: CourierParts['store'] & Pick<Store, 'onCommit'>;
  /** Default: 15 s. */
  readonly timeoutMs?: number;
}

/** The webhooks of a hub at work. */
export interface WebhookService {
  /** Resolves when nothing is under way any more, which is at once. */
  stop(): Promise<void>;
}

/** Sends events to all webhooks that there are, each at its own pace, for as long as they are there. */
export function startWebhooks(options: WebhooksOptions): WebhookService {
  const { store, log } = options;
  const parts = { timeoutMs: DELIVERY_TIMEOUT_MS, ...options };
  const couriers = new Map<string, { readonly courier: Courier; readonly done: Promise<void> }>();
  let isStopped = false;
  const begin = (webhookId: string): void => {
    const courier = new Courier(webhookId, parts);
    const done = courier.run().finally(() => couriers.delete(webhookId));
    couriers.set(webhookId, { courier, done });
  };
  const follow = (): void => {
    for (const webhookId of store.webhooks.ids()) if (!couriers.has(webhookId)) begin(webhookId);
  };
  follow();
  store.onCommit(({ events, webhooks }) => {
    if (isStopped) return;
    if (webhooks) follow();
    if (events || webhooks) for (const { courier } of couriers.values()) courier.wake();
  });
  if (couriers.size > 0) log.info({ webhooks: couriers.size }, 'webhooks are sent');
  return {
    async stop() {
      isStopped = true;
      for (const { courier } of couriers.values()) courier.stop();
      await Promise.all([...couriers.values()].map(({ done }) => done));
    },
  };
}
