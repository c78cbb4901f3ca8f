import { z } from 'zod';
import type { Random } from '../../../drivers/sim/random.ts';
import { below, pick, type Json } from '../mutate.ts';

type Schema = Readonly<Record<string, unknown>>;

const schemaSchema = z.record(z.string(), z.unknown());
const LENGTH_MAX = 12;
const DEPTH_MAX = 8;
const OPTIONAL = 0.2;
/** What is named more often than not, for without it most requests are about nothing. */
const USUAL: readonly string[] = ['access_code_id', 'is_managed', 'starts_at', 'ends_at', 'since'];

/** The JSON Schema of what a route takes. */
export function schemaOf(params: z.ZodType): Schema {
  return schemaSchema.parse(z.toJSONSchema(params, { io: 'input', unrepresentable: 'any' }));
}

/** What goes into a field of that name, where its schema does not say it well; `undefined`: go by the schema. */
export type ValueOf = (name: string) => Json;

/** A value that a schema takes, or nearly so: rules between fields are nothing that a schema tells. */
export function sample(random: Random, root: Schema, valueOf: ValueOf): Record<string, Json> {
  const made = new Sampler(random, root, valueOf).of(root, '', 0);
  return typeof made === 'object' && made !== null ? { ...made } : {};
}

class Sampler {
  readonly #random: Random;
  readonly #root: Schema;
  readonly #valueOf: ValueOf;

  constructor(random: Random, root: Schema, valueOf: ValueOf) {
    this.#random = random;
    this.#root = root;
    this.#valueOf = valueOf;
  }

  of(schema: Schema, name: string, depth: number): Json {
    const random = this.#random;
    const known = this.#valueOf(name);
    if (known !== undefined || depth > DEPTH_MAX) return known ?? null;
    if ('const' in schema) return schema['const'];
    const options = [schema['enum'], schema['examples']].find((list) => Array.isArray(list));
    if (isFilled(options)) return pick(random, options);
    const branches = schema['anyOf'] ?? schema['oneOf'];
    if (isFilled(branches)) return this.of(schemaSchema.parse(pick(random, branches)), name, depth + 1);
    if (typeof schema['$ref'] === 'string') return this.of(this.#definition(schema['$ref']), name, depth + 1);
    switch (schema['type']) {
      case 'object':
        return this.#object(schema, depth);
      case 'array': {
        const items = schemaSchema.catch({}).parse(schema['items']);
        return Array.from({ length: 1 + below(random, 3) }, () => this.of(items, '', depth + 1));
      }
      case 'boolean':
        return random() < 0.5;
      case 'integer':
      case 'number':
        return this.#number(schema);
      case 'null':
        return null;
      default:
        return 'x'.repeat(1 + below(random, LENGTH_MAX));
    }
  }

  #object(schema: Schema, depth: number): Json {
    const required = z.array(z.string()).catch([]).parse(schema['required']);
    const properties = Object.entries(schemaSchema.catch({}).parse(schema['properties']));
    const chosen = properties.filter(
      ([name]) =>
        required.includes(name) || this.#random() < (USUAL.includes(name) ? 1 - OPTIONAL : OPTIONAL),
    );
    return Object.fromEntries(
      chosen.map(([name, inner]) => [name, this.of(schemaSchema.parse(inner), name, depth + 1)]),
    );
  }

  /** Mostly small ones, at times the bounds. */
  #number({ minimum, maximum }: Schema): number {
    const least = typeof minimum === 'number' ? minimum : 0;
    const most = typeof maximum === 'number' ? maximum : 100;
    const small = Math.min(least + below(this.#random, 20), most);
    return pick(this.#random, [least, most, small, small, small]);
  }

  #definition(reference: string): Schema {
    const name = reference.replace('#/$defs/', '');
    return schemaSchema.catch({}).parse(schemaSchema.catch({}).parse(this.#root['$defs'])[name]);
  }
}

function isFilled(list: unknown): list is [unknown, ...unknown[]] {
  return Array.isArray(list) && list.length > 0;
}
