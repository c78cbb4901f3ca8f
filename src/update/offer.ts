import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { ownedLike } from '../backup/disk.ts';
import { readJson, writeJson } from './durable.ts';
import { inboxOf } from './places.ts';
import { SIGNATURE_TEXT_MAX } from './minisign.ts';

const PRIVATE = 0o600;

const offerSchema = z.object({
  id: z.string().min(1).max(200),
  /** `null`: the archive lies beside it already. */
  url: z.string().nullable(),
  signature: z.string().max(SIGNATURE_TEXT_MAX),
  allow_downgrade: z.boolean(),
  /** After this it is not begun any more; `null`: never. Milliseconds since 1970. */
  expires_at: z.number().nullable(),
});

/** A version that somebody wants on this hub. The newest one counts. */
export type Offer = z.infer<typeof offerSchema>;

export function readOffer(dataDir: string): Offer | null {
  return readJson(inboxOf(dataDir).offer, offerSchema);
}

/** Durable when it returns: a hub that is started anew goes on with it. */
export function writeOffer(dataDir: string, offer: Offer): void {
  makeInbox(dataDir);
  writeJson(inboxOf(dataDir).offer, offer, PRIVATE);
}

/** Makes the folder for what is offered, for the hub's own user. */
export function makeInbox(dataDir: string): void {
  const { folder } = inboxOf(dataDir);
  if (mkdirSync(folder, { recursive: true, mode: 0o700 }) !== undefined) {
    ownedLike(folder, path.dirname(folder));
  }
}
