import { z } from 'zod';
import { invalidInput, type ApiProblem } from './problem.ts';

type Fields = Readonly<Record<string, z.core.$ZodType>>;

/** The fields of a schema that takes an object, whatever is made of the object afterwards. */
export function fieldsOf(schema: z.core.$ZodType): Fields {
  const inner = unwrapped(schema);
  return inner instanceof z.ZodObject ? inner.shape : {};
}

/**
 * Parameters from the query and the JSON body; the body goes first. In a query all is text, so what the schema wants
 * as a number, boolean or list becomes one. Text that is none stays as it is, for the schema to refuse.
 */
export function givenParameters(
  schema: z.core.$ZodType,
  query: unknown,
  body: unknown,
): Readonly<Record<string, unknown>> | ApiProblem {
  if (body !== undefined && body !== null && (typeof body !== 'object' || Array.isArray(body))) {
    return invalidInput('The body must be a JSON object with the parameters.');
  }
  return { ...fromQuery(fieldsOf(schema), query), ...body };
}

function fromQuery(fields: Fields, query: unknown): Readonly<Record<string, unknown>> {
  if (typeof query !== 'object' || query === null) return {};
  const given: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(query) as [string, unknown][]) {
    // Clients write the keys of an object behind a dot.
    const [first = '', ...rest] = name.split('.');
    const known = Object.hasOwn(fields, first) ? fields[first] : undefined;
    const field = known && unwrapped(known);
    if (field instanceof z.ZodRecord && rest.length > 0) {
      given[first] = { ...asObject(given[first]), [rest.join('.')]: value === '' ? null : value };
    } else if (field !== undefined && rest.length === 0) given[first] = meant(field, value);
  }
  return given;
}

function asObject(value: unknown): object {
  return typeof value === 'object' && value !== null ? value : {};
}

function meant(field: z.core.$ZodType, value: unknown): unknown {
  if (field instanceof z.ZodArray) {
    const items: readonly unknown[] = Array.isArray(value) ? value : [value];
    return items.map((item) => meant(unwrapped(field.element), item));
  }
  if (typeof value !== 'string') return value;
  if (field instanceof z.ZodBoolean && (value === 'true' || value === 'false')) return value === 'true';
  if (field instanceof z.ZodNumber && /^-?\d{1,15}(\.\d{1,15})?$/.test(value)) return Number(value);
  return value;
}

/** The schema of what is sent, without what may stand in for it or becomes of it. */
function unwrapped(schema: z.core.$ZodType): z.core.$ZodType {
  if (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault
  ) {
    return unwrapped(schema.def.innerType);
  }
  return schema instanceof z.ZodPipe ? unwrapped(schema.def.in) : schema;
}
