import { createHmac, createSecretKey } from 'node:crypto';
import { z } from 'zod';
import { rotated, type OfflineSecret } from '../core/offline/judge.ts';
import type { TimeReading } from '../core/time.ts';
import type { Secrets } from './store.ts';

/** Name of them among the hub's secrets. */
const NAME = 'offline_secrets';

/** The last instant that has a date. */
const FAR_FUTURE = 8.64e15;

const stored = z.array(
  z.object({ secretId: z.string(), secret: z.base64url(), acceptedUntil: z.number().nullable() }),
);

/** The secrets of the hub's own offline codes, the newest first; none before the cloud has sent one. */
export function offlineSecrets(secrets: Secrets): readonly OfflineSecret[] {
  return read(secrets).map(({ secretId, secret, acceptedUntil }) => {
    const key = createSecretKey(Buffer.from(secret, 'base64url'));
    const mac = (text: string): Uint8Array => createHmac('sha256', key).update(text).digest();
    return { secretId, mac, acceptedUntil };
  });
}

/**
 * Takes a new secret, 32 bytes as base64url; the one before it is accepted for a while. One that is known already
 * changes nothing. False: its id is that of another one. Call inside a transaction.
 */
export function setOfflineSecret(
  secrets: Secrets,
  next: { readonly secretId: string; readonly secret: string },
  now: TimeReading,
): boolean {
  const before = read(secrets);
  const known = before.find(({ secretId }) => secretId === next.secretId);
  if (known !== undefined) return known.secret === next.secret;
  const kept = rotated(before, next, now).map((one) =>
    // JSON has no number for an end that an uncertain clock leaves open.
    one.acceptedUntil === null ? one : { ...one, acceptedUntil: Math.min(one.acceptedUntil, FAR_FUTURE) },
  );
  secrets.set(NAME, JSON.stringify(kept));
  return true;
}

function read(secrets: Secrets): z.infer<typeof stored> {
  const text = secrets.get(NAME);
  return text === undefined ? [] : stored.parse(JSON.parse(text));
}
