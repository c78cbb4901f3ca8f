import { randomBytes, randomUUID } from 'node:crypto';
import { z } from 'zod';
import { metaOf, setMeta, type CloudDatabase } from './database.ts';

const secretSchema = z.object({ secretId: z.string(), secret: z.base64url() });

/** What a cloud shares with one hub, so that each knows the offline codes of its doors without the other. */
export type SharedSecret = z.infer<typeof secretSchema>;

/** A new one, 32 random bytes as base64url. Codes made from the one before go on opening for a while. */
export function newSecret(database: CloudDatabase, hubId: string): SharedSecret {
  const made = { secretId: randomUUID(), secret: randomBytes(32).toString('base64url') };
  setMeta(database, nameOf(hubId), JSON.stringify(made));
  return made;
}

/** The newest; `undefined`: none was made. */
export function secretOf(database: CloudDatabase, hubId: string): SharedSecret | undefined {
  const stored = metaOf(database, nameOf(hubId));
  return stored === undefined ? undefined : secretSchema.parse(JSON.parse(stored));
}

function nameOf(hubId: string): string {
  return `offline_secret/${hubId}`;
}
