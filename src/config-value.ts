import { z } from 'zod';

/** A whole number within bounds that are part of the message. */
export function whole(min: number, max: number): z.ZodInt {
  const error = `a whole number from ${min} to ${max}`;
  return z.int({ error }).min(min, { error }).max(max, { error });
}

export function yesOrNo(): z.ZodBoolean {
  return z.boolean({ error: 'true or false' });
}
