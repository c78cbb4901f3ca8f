import { z } from 'zod';

/** A JSON Schema, or a part of one. */
export type JsonSchema = { readonly [keyword: string]: unknown };

/**
 * JSON Schema 2020-12 of a message as it is on the wire: what a transform makes of it counts for nothing, and fields
 * that the schema does not name are allowed, for rule 10 says that they are ignored.
 */
export function jsonSchemaOf(schema: z.ZodType): JsonSchema {
  return z.toJSONSchema(schema, { io: 'input', target: 'draft-2020-12' });
}

/** The same in the older draft that AsyncAPI's own tools read; `$ref`s point into `definitions`. */
export function draft7SchemaOf(schema: z.ZodType): JsonSchema {
  return z.toJSONSchema(schema, { io: 'input', target: 'draft-7' });
}
