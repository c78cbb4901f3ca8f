import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Parser } from '@asyncapi/parser';
import { Aes256Gcm, CipherSuite, DhkemX25519HkdfSha256, HkdfSha256 } from '@hpke/core';
import { describe, expect, test } from 'vitest';
import {
  COMMAND,
  HUB,
  LOCK,
  SEALED,
  SEALED_SECRET,
  SEALED_PLACE,
  SEALED_REPLY,
  VECTOR_PRIVATE_KEY,
} from '../../src/cloud/contract/example.ts';
import { CLAIM_ID } from '../../src/cloud/contract/claim-examples.ts';
import { contractFiles, GENERATED } from '../../src/cloud/contract/files.ts';
import { MESSAGES } from '../../src/cloud/contract/messages.ts';
import { commandParams } from '../../src/cloud/messages/command-params.ts';
import { readCommand, resultSchema } from '../../src/cloud/messages/command.ts';
import { EVENT_TYPES } from '../../src/cloud/messages/event-types.ts';
import {
  CODE_INFO,
  codeAad,
  REPLY_INFO,
  replyAad,
  SECRET_INFO,
  secretAad,
} from '../../src/cloud/messages/sealed.ts';
import { claimTopicsOf } from '../../src/cloud/messages/claim.ts';
import { readDownTopic, topicsOf } from '../../src/cloud/messages/topics.ts';
import { messageNamed, validatorOf } from '../support/contract.ts';
import { SECRET } from '../support/offline-door.ts';

const FOLDER = path.join(import.meta.dirname, '../../src/cloud/contract');

function checkedIn(): Record<string, string> {
  const names = GENERATED.flatMap((name) =>
    name.includes('.') ? [name] : readdirSync(path.join(FOLDER, name)).map((file) => `${name}/${file}`),
  );
  return Object.fromEntries(names.map((name) => [name, readFileSync(path.join(FOLDER, name), 'utf8')]));
}

test('what is checked in is what the schemas say today; otherwise run scripts/contract', () => {
  expect(checkedIn()).toEqual(Object.fromEntries(contractFiles()));
});

test('making it twice gives the same bytes', () => {
  expect([...contractFiles()]).toEqual([...contractFiles()]);
});

describe('the AsyncAPI document', () => {
  const text = contractFiles().get('asyncapi.yaml') ?? '';

  test('is what its own parser takes without error or warning', async () => {
    const { document, diagnostics } = await new Parser().parse(text);
    const newerVersionExists = 'asyncapi-latest-version';
    expect(diagnostics.filter(({ code }) => code !== newerVersionExists)).toEqual([]);
    expect(document?.allOperations()).toHaveLength(MESSAGES.length);
    for (const operation of document?.allOperations() ?? []) {
      const { qos, retain } = operation.bindings().get('mqtt')?.value() ?? {};
      expect({ qos, retain }).toEqual({ qos: 1, retain: operation.id() === 'hubSendsStatus' });
    }
  });
});

test.each(MESSAGES)('the topic of $name is the one that the hub uses', ({ name, direction, address }) => {
  const topic = address.replace('{hub_id}', HUB).replace('{device_id}', LOCK).replace('{claim_id}', CLAIM_ID);
  const { request, answer } = claimTopicsOf(CLAIM_ID);
  if (name === 'claim_answer') return expect(topic).toBe(answer);
  if (direction === 'down') expect(readDownTopic(HUB, topic).kind).toBe(name);
  const topics = topicsOf(HUB);
  const { status, hello, event, result, health, certificateRequest } = topics;
  const published = [
    status,
    hello,
    event,
    result,
    health,
    topics.reported(LOCK),
    certificateRequest,
    request,
  ];
  if (direction === 'up') expect(published).toContain(topic);
});

describe.each(MESSAGES)('the examples of $name', ({ name, schema, examples }) => {
  const validate = validatorOf(name);

  test.each(examples)('$name', (example) => {
    validate(example.payload);
    expect(validate.errors).toBeNull();
    expect(schema.safeParse(example.payload).error).toBeUndefined();
    expect(example.name.split('-')[0]).toBe(name);
  });
});

test('there is an example of every command, every state of one, and every event', () => {
  const types = Object.keys(commandParams);
  const commands = messageNamed('command').examples.map(({ payload }) => readCommand(payload));
  expect(commands.map((read) => read.ok && 'type' in read.value.request && read.value.request.type)).toEqual(
    types,
  );
  const results = messageNamed('result').examples.map(({ payload }) => resultSchema.parse(payload));
  expect(new Set(results.map(({ state }) => state))).toEqual(new Set(resultSchema.shape.state.options));
  const done = results.filter(({ state }) => state === 'succeeded').map(({ type }) => type);
  expect(done).toEqual(types);
  const events = JSON.stringify(messageNamed('event').examples);
  for (const type of Object.keys(EVENT_TYPES)) expect(events).toContain(`"event_type":"${type}"`);
});

const bytes = (text: string) => Uint8Array.from(Buffer.from(text, 'base64url'));
const said = (text: string) => new TextEncoder().encode(text);

test('the sealed PINs of the examples open with the key that stands beside them', async () => {
  const suite = new CipherSuite({
    kem: new DhkemX25519HkdfSha256(),
    kdf: new HkdfSha256(),
    aead: new Aes256Gcm(),
  });
  const recipientKey = await suite.kem.deserializePrivateKey(bytes(VECTOR_PRIVATE_KEY).buffer);
  const open = async ({ enc, ciphertext }: typeof SEALED, info: string, aad: string) => {
    const key = { recipientKey, enc: bytes(enc).buffer, info: said(info) };
    return Buffer.from(await suite.open(key, bytes(ciphertext).buffer, said(aad))).toString();
  };
  expect(await open(SEALED, CODE_INFO, codeAad(SEALED_PLACE))).toBe('493817');
  const secret = Buffer.from(SECRET).toString('base64url');
  expect(await open(SEALED_SECRET, SECRET_INFO, secretAad(HUB, 'autumn'))).toBe(secret);
  expect(await open(SEALED_REPLY, REPLY_INFO, replyAad(HUB, COMMAND))).toBe('493817');
});
