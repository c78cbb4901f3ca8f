import { sign, type KeyObject } from 'node:crypto';
import type { Commands, Made } from './commands.ts';
import type { Sink } from './sink.ts';

/** What a hub that is to forget everything is told. */
export interface WipeOrder {
  readonly codes: 'keep' | 'remove';
  /** Shown on its page. */
  readonly reason: string;
}

/**
 * Keeps an order to wipe a hub, signed where there is a key (Ed25519, private). It names the database that the hub has
 * now: it counts no more when the hub has another one.
 */
export function wipeCommand(
  { hubId, sink, commands }: { readonly hubId: string; readonly sink: Sink; readonly commands: Commands },
  { codes, reason }: WipeOrder,
  key: KeyObject | undefined,
  now: number,
  lifetimeMs: number,
): Made {
  const epoch = sink.ledger.hello()?.outbox.epoch;
  if (epoch === undefined) return { ok: false, message: `${hubId} has not said hello yet.` };
  const params = { hub_id: hubId, epoch, codes, reason };
  return commands.add('wipe', params, now, lifetimeMs, (commandId, expiresAt) => {
    if (key === undefined) return {};
    const until = new Date(expiresAt).toISOString();
    const text = ['lockhub wipe 1', hubId, epoch, commandId, until, codes, reason].join('\n');
    return { signature: sign(null, Buffer.from(text), key).toString('base64url') };
  });
}
