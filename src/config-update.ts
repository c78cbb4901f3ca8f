import { z } from 'zod';
import { isPublicKey } from './update/minisign.ts';

const KEY = 'a public key as minisign prints it (the line that begins with RW)';
const KEYS_MAX = 4;
const KEYS = `a list of at most ${KEYS_MAX} public keys of minisign`;

/** The key `update`. */
export const update = z.strictObject(
  {
    public_keys: z
      .array(z.string({ error: KEY }).refine(isPublicKey, { error: KEY }), { error: KEYS })
      .max(KEYS_MAX, { error: KEYS })
      .default([]),
  },
  { error: 'a map' },
);
