import { z } from 'zod';

/** A union of objects that one field tells apart. Throws for an empty list. */
export function oneOf<Option extends z.ZodObject>(field: string, options: readonly Option[]) {
  const [first, ...others] = options;
  if (first === undefined) throw new Error(`No object to be told apart by ${field}.`);
  return z.discriminatedUnion(field, [first, ...others]);
}
