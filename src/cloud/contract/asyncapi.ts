import { stringify } from 'yaml';
import { deviceIdSchema } from '../messages/topics.ts';
import { draft7SchemaOf, type JsonSchema } from './json-schema.ts';
import { MESSAGES, type ContractMessage } from './messages.ts';
import { description } from './prose.ts';

const VERSION = '1.0.0';
const LINE_LENGTH_MAX = 110;

type Part = { readonly [key: string]: unknown };

/** The whole contract as AsyncAPI 3.0 in YAML, complete in itself; the same bytes each time. */
export function asyncapiDocument(): string {
  const components: Record<string, JsonSchema> = {};
  const messages = MESSAGES.map((message) => [message.name, messageOf(message, components)] as const);
  const document = {
    asyncapi: '3.0.0',
    id: 'urn:lockhub:contract:v1',
    info: {
      title: 'lockhub: the contract between a hub and its cloud',
      version: VERSION,
      description: description(),
      tags: [{ name: 'access codes' }, { name: 'locks' }],
    },
    defaultContentType: 'application/json',
    servers: SERVERS,
    channels: Object.fromEntries(MESSAGES.map((message) => [message.name, channelOf(message)])),
    operations: Object.fromEntries(MESSAGES.map((message) => [operationName(message), operationOf(message)])),
    components: {
      messages: Object.fromEntries(messages),
      schemas: components,
      securitySchemes: SECURITY,
    },
  };
  return stringify(document, { lineWidth: LINE_LENGTH_MAX, aliasDuplicateObjects: false });
}

const HOST = {
  host: '{host}:{port}',
  security: [
    { $ref: '#/components/securitySchemes/password' },
    { $ref: '#/components/securitySchemes/certificate' },
  ],
};

const BROKER = {
  mqtt: {
    clientId: 'lockhub-{hub_id}',
    cleanSession: false,
    keepAlive: 240,
    lastWill: {
      topic: 'lockhub/v1/{hub_id}/up/status',
      qos: 1,
      retain: true,
      message: 'A status with the state `offline`.',
    },
    bindingVersion: '0.2.0',
  },
};

function server(protocol: string, port: string, words: string): Part {
  const variables = { host: { description: 'The broker of the cloud.' }, port: { default: port } };
  return { ...HOST, protocol, description: words, variables, bindings: BROKER };
}

const SERVERS: Part = {
  mqtts: server('secure-mqtt', '8883', 'MQTT 5, or 3.1.1 where the broker speaks only that, over TLS.'),
  mqtt: server('mqtt', '1883', 'The same without TLS, for a broker on the same machine or in a laboratory.'),
  wss: server('wss', '443', 'MQTT over WebSocket and TLS, where only that passes.'),
  ws: server('ws', '80', 'MQTT over WebSocket without TLS.'),
};

const SECURITY: Part = {
  password: { type: 'userPassword', description: 'A user name and password for each hub.' },
  certificate: { type: 'X509', description: 'A client certificate for each hub.' },
};

const PARAMETERS: Readonly<Record<string, Part>> = {
  hub_id: { description: 'The hub: 1 to 64 letters, digits, `-` and `_`, as its config file says.' },
  device_id: { description: deviceIdSchema.meta()?.description },
  claim_id: {
    description:
      'The key of a hub that is to be claimed: the first 32 hex digits of the SHA-256 of its SubjectPublicKeyInfo (DER). Also the client id that it connects with.',
  },
};

function channelOf({ name, title, address, description: words }: ContractMessage): Part {
  const parameters = Object.entries(PARAMETERS).filter(([parameter]) => address.includes(`{${parameter}}`));
  return {
    address,
    title,
    description: words,
    messages: { [name]: { $ref: `#/components/messages/${name}` } },
    parameters: Object.fromEntries(parameters),
  };
}

function operationName({ name, direction }: ContractMessage): string {
  return `${direction === 'down' ? 'hubReceives' : 'hubSends'}${name.charAt(0).toUpperCase()}${name.slice(1)}`;
}

/** From the side of the hub, as its name says. */
function operationOf({ name, title, direction, retain, reply }: ContractMessage): Part {
  const side =
    direction === 'down'
      ? 'The cloud sends it, the hub receives it.'
      : 'The hub sends it, the cloud receives it.';
  return {
    action: direction === 'down' ? 'receive' : 'send',
    title,
    description: side,
    channel: { $ref: `#/channels/${name}` },
    messages: [{ $ref: `#/channels/${name}/messages/${name}` }],
    bindings: { mqtt: { qos: 1, retain, bindingVersion: '0.2.0' } },
    ...(reply === undefined
      ? {}
      : {
          reply: {
            channel: { $ref: `#/channels/${reply}` },
            messages: [{ $ref: `#/channels/${reply}/messages/${reply}` }],
          },
        }),
  };
}

/** Moves what several messages share to the components. */
function messageOf(message: ContractMessage, components: Record<string, JsonSchema>): Part {
  const {
    definitions,
    $schema: _draft,
    ...schema
  } = withComponentRefs(draft7SchemaOf(message.schema)) as JsonSchema;
  Object.assign(components, definitions);
  components[message.name] = schema;
  return {
    name: message.name,
    title: message.title,
    contentType: 'application/json',
    payload: { $ref: `#/components/schemas/${message.name}` },
    examples: message.examples,
  };
}

function withComponentRefs(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withComponentRefs);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, part]) => [
      key,
      key === '$ref' && typeof part === 'string'
        ? part.replace('#/definitions/', '#/components/schemas/')
        : withComponentRefs(part),
    ]),
  );
}
