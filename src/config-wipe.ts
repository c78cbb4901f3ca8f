import { z } from 'zod';

const WIPE_KEY = 'an Ed25519 public key, 32 bytes as base64url';

/** The key `cloud.wipe_public_key`: whose signature an order to wipe this hub needs. */
export const wipePublicKey = z
  .string({ error: WIPE_KEY })
  .regex(/^[A-Za-z0-9_-]{43}$/, { error: WIPE_KEY })
  .optional();
