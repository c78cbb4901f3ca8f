import { createPublicKey, verify } from 'node:crypto';
import { failed, type Command, type CommandOutcome, type WipeRequest } from '../core/command.ts';

/** The hub that an order comes to. */
export interface Ordered {
  readonly hubId: string;
  /** Of its event log: another one after every wipe and restore. */
  readonly epoch: string;
  /** Ed25519, 32 bytes as base64url; `null`: whoever may publish to this hub may have it wiped. */
  readonly publicKey: string | null;
  readonly urls: readonly string[];
}

/** What a signature of an order is over. An instant in milliseconds since 1970. */
export function wipeText(
  commandId: string,
  expiresAt: number,
  { hubId, epoch, codes, reason }: Omit<WipeRequest, 'type' | 'signature'>,
): string {
  const until = new Date(expiresAt).toISOString();
  return ['lockhub wipe 1', hubId, epoch, commandId, until, codes, reason].join('\n');
}

/**
 * Why an order to wipe does not count; `null`: it does. Without a signature the broker vouches for who sent it, which is
 * worth nothing on a line that anybody in the network can write to.
 */
export function refusalOf(order: Command, request: WipeRequest, hub: Ordered): CommandOutcome | null {
  if (request.hubId !== hub.hubId) return OTHER_HUB;
  if (request.epoch.toLowerCase() !== hub.epoch.toLowerCase()) return OTHER_EPOCH;
  if (hub.publicKey !== null) return isSigned(order, request, hub.publicKey) ? null : NOT_SIGNED;
  return hub.urls.every((url) => /^(mqtts|wss):/.test(url)) ? null : IN_CLEAR;
}

function isSigned({ commandId, expiresAt }: Command, request: WipeRequest, publicKey: string): boolean {
  if (request.signature === null) return false;
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: publicKey }, format: 'jwk' });
  const text = Buffer.from(wipeText(commandId, expiresAt, request));
  return verify(null, text, key, Buffer.from(request.signature, 'base64url'));
}

const OTHER_HUB = failed('invalid_input', 'params.hub_id: this is another hub.');
const OTHER_EPOCH = failed('invalid_input', 'params.epoch: this hub has another event log by now.');
const NOT_SIGNED = failed('invalid_input', 'params.signature: not by the key cloud.wipe_public_key.');
const IN_CLEAR = failed(
  'unsupported',
  'Over a connection without TLS anybody could have sent this: give the hub a cloud.wipe_public_key and sign it.',
);
