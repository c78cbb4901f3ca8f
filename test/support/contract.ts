import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { jsonSchemaOf, type JsonSchema } from '../../src/cloud/contract/json-schema.ts';
import { MESSAGES, type ContractMessage } from '../../src/cloud/contract/messages.ts';

const TROUBLE_LENGTH_MAX = 2000;

// Formats are said by patterns, too, so no plugin is needed.
const ajv = new Ajv2020({
  strict: true,
  allowUnionTypes: true,
  formats: { 'date-time': true, uuid: true },
  addUsedSchema: false,
});
const validators = new Map<string, ValidateFunction>();

export function messageNamed(name: string): ContractMessage {
  const found = MESSAGES.find((message) => message.name === name);
  if (found === undefined) throw new Error(`The contract has no message ${name}.`);
  return found;
}

/** The JSON Schema of a message, as any other program reads it. */
export function validatorOf(name: string): ValidateFunction {
  return remembered(name, (schema) => schema);
}

/**
 * Why a message of the hub is outside the contract as files, or `undefined`. Stricter than a cloud may be: what the hub
 * sends has no field and no type of event that the contract does not name.
 */
export function troubleWith(topicBelowRoot: string, text: string): string | undefined {
  const [, name = ''] = topicBelowRoot.split('/');
  const validate = remembered(name, closed);
  if (validate(JSON.parse(text))) return undefined;
  return `${topicBelowRoot} ${text}: ${ajv.errorsText(validate.errors)}`.slice(0, TROUBLE_LENGTH_MAX);
}

function remembered(name: string, change: (schema: JsonSchema) => JsonSchema): ValidateFunction {
  const key = `${name} ${change.name}`;
  const validate = validators.get(key) ?? ajv.compile(change(jsonSchemaOf(messageNamed(name).schema)));
  validators.set(key, validate);
  return validate;
}

function closed(schema: JsonSchema): JsonSchema {
  const parts = Object.fromEntries(Object.entries(schema).map(([key, part]) => [key, closedPart(part)]));
  return 'properties' in parts ? { additionalProperties: false, ...parts } : parts;
}

function closedPart(part: unknown): unknown {
  if (Array.isArray(part)) return part.filter((one) => !isOpenEnd(one)).map(closedPart);
  return typeof part === 'object' && part !== null ? closed(part as JsonSchema) : part;
}

/** The place that the contract keeps for events of newer hubs. */
function isOpenEnd(part: unknown): boolean {
  return typeof part === 'object' && part !== null && '$ref' in part && part.$ref === '#/$defs/event.other';
}
