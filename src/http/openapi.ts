import { z } from 'zod';
import { offlineTimeFrameSchema } from '../wire/offline-time-frame.ts';
import { fieldsOf } from './parameters.ts';
import type { Route, Verb } from './route.ts';

type JsonSchema = Readonly<Record<string, unknown>>;

/** Verbs whose parameters are documented in the query; the others take them as a JSON body. Every route takes both. */
const IN_QUERY: readonly Verb[] = ['GET', 'DELETE'];

const errorSchema = z.object({
  error: z.object({
    type: z.string().describe('A word for programs.'),
    message: z.string().describe('A sentence for people; its words may change.'),
    request_id: z.string(),
    validation_errors: z
      .looseObject({ _errors: z.array(z.string()) })
      .describe('Of `invalid_input`: what is wrong with each parameter.')
      .optional(),
    nearest: offlineTimeFrameSchema
      .describe('Of an offline code whose window is not taken: the nearest that is, to be asked for exactly.')
      .optional(),
  }),
  ok: z.literal(false),
});

/** As much of an OpenAPI document as has to be there. */
interface OpenApiDocument {
  readonly openapi: '3.1.0';
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly paths: { readonly [path: string]: JsonSchema };
}

/** OpenAPI 3.1 of all routes, made of the schemas that they are checked with. */
export function openApiDocument(routes: readonly Route[], version: string): OpenApiDocument & JsonSchema {
  const components = new Map<string, unknown>();
  components.set('ErrorAnswer', schemaOf(errorSchema, components));
  const documented = routes.filter(({ summary }) => summary !== null);
  const paths = documented.map((route) => [route.path, pathOf(route, components)] as const);
  return {
    openapi: '3.1.0',
    info: {
      title: 'lockhub',
      version,
      description:
        'The local API of a lock hub. Every path takes its parameters from the query or a JSON body. Answers have `ok`.',
    },
    servers: [{ url: '/' }],
    security: [{ key: [] }, { session: [] }],
    paths: Object.fromEntries<JsonSchema>(paths),
    components: {
      securitySchemes: {
        key: { type: 'http', scheme: 'bearer', description: 'A key made by `lockhub key create`.' },
        session: { type: 'apiKey', in: 'cookie', name: 'lockhub', description: 'A person who logged in.' },
      },
      schemas: Object.fromEntries(components),
    },
  };
}

function pathOf(route: Route, components: Map<string, unknown>): JsonSchema {
  const params = schemaOf(route.params, components);
  const answer = schemaOf(route.answer.extend({ ok: z.literal(true) }), components);
  const operations = route.verbs.map((verb) => [
    verb.toLowerCase(),
    operationOf(route, verb, params, answer),
  ]);
  return Object.fromEntries(operations) as JsonSchema;
}

function operationOf(route: Route, verb: Verb, params: JsonSchema, answer: JsonSchema): JsonSchema {
  const json = (schema: JsonSchema): JsonSchema => ({ 'application/json': { schema } });
  const [, tag = ''] = route.path.split('/');
  return {
    operationId: `${verb.toLowerCase()}${route.path.replaceAll('/', '_')}`,
    tags: [tag],
    summary: route.summary,
    description: `Needs the scope \`${route.scope}\`.`,
    ...(IN_QUERY.includes(verb)
      ? { parameters: queryOf(route, params) }
      : { requestBody: { content: json(params), required: false } }),
    responses: {
      '200': { description: 'Done.', content: json(answer) },
      default: {
        description: 'What was wrong.',
        content: json({ $ref: '#/components/schemas/ErrorAnswer' }),
      },
    },
  };
}

function queryOf({ params }: Route, schema: JsonSchema): readonly JsonSchema[] {
  const properties = z.record(z.string(), z.unknown()).catch({}).parse(schema['properties']);
  const required = z.array(z.string()).catch([]).parse(schema['required']);
  return Object.keys(fieldsOf(params)).map((name) => ({
    name,
    in: 'query',
    required: required.includes(name),
    schema: properties[name] ?? {},
  }));
}

/** A schema as JSON Schema 2020-12; what has a name becomes a component. Fields that it does not name are allowed. */
function schemaOf(schema: z.ZodType, components: Map<string, unknown>): JsonSchema {
  const {
    $schema: _,
    $defs,
    ...own
  } = z.toJSONSchema(schema, {
    io: 'input',
    target: 'draft-2020-12',
    // A PIN is text on the way in, and its schema says so in words only.
    unrepresentable: 'any',
  });
  for (const [name, part] of Object.entries($defs ?? {})) components.set(name, moved(part));
  return moved(own);
}

/** With every reference pointing to the components. */
function moved(schema: object): JsonSchema {
  const text = JSON.stringify(schema).replaceAll('"#/$defs/', '"#/components/schemas/');
  return JSON.parse(text) as JsonSchema;
}
