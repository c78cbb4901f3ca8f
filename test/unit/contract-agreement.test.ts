import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ZodType } from 'zod';
import { LOCK } from '../../src/cloud/contract/example.ts';
import { MESSAGES, type ContractMessage } from '../../src/cloud/contract/messages.ts';
import { readCommand, resultSchema } from '../../src/cloud/messages/command.ts';
import {
  certificateRequestSchema,
  certificateSchema,
  claimAnswerSchema,
  claimRequestSchema,
} from '../../src/cloud/messages/claim.ts';
import { ackSchema, syncSchema } from '../../src/cloud/messages/control.ts';
import { readDesired } from '../../src/cloud/messages/desired.ts';
import { healthSchema } from '../../src/cloud/messages/health.ts';
import { readPayload } from '../../src/cloud/messages/payload.ts';
import { eventBatchSchema, helloSchema, reportedSchema, statusSchema } from '../../src/cloud/messages/up.ts';
import { messageNamed, validatorOf } from '../support/contract.ts';

// The JSON Schemas are made from the schemas of the hub, and what the hub has only as code is written beside them. So
// the two are held together: messages that were broken at random are taken by both or by neither.

const RUNS = process.env['LOCKHUB_TEST_FULL'] === undefined ? 1000 : 20_000;

type Json = unknown;

/** Takes a message as the hub does: whole, without a complaint about any part of it. */
const READERS: Readonly<Record<string, (value: Json) => boolean>> = {
  desired: (value) => {
    const read = readDesired(value, LOCK);
    if (!read.ok) return false;
    const { document, leftOut } = read.value;
    return leftOut.length === 0 && document.codes.every(({ kind }) => kind !== 'invalid');
  },
  sync: (value) => syncSchema.safeParse(value).success,
  command: (value) => {
    const read = readCommand(value);
    return read.ok && !('invalid' in read.value.request);
  },
  ack: (value) => ackSchema.safeParse(value).success,
  certificate: (value) => certificateSchema.safeParse(value).success,
  claim_answer: (value) => claimAnswerSchema.safeParse(value).success,
};

/** What a tolerant cloud reads by. */
const CLOUD_SCHEMAS: Readonly<Record<string, ZodType>> = {
  status: statusSchema,
  hello: helloSchema,
  reported: reportedSchema,
  event: eventBatchSchema,
  result: resultSchema,
  health: healthSchema,
  certificate_request: certificateRequestSchema,
  claim_request: claimRequestSchema,
};

function isTaken({ name, direction, schema }: ContractMessage, value: Json): boolean {
  if (direction === 'up') return schema.safeParse(value).success;
  const payload = readPayload(new TextEncoder().encode(JSON.stringify(value)));
  return payload.ok && READERS[name]?.(payload.value) === true;
}

/** What JSON Schema has no words for: ids that differ from each other, and from the topic. */
function isBeyondSchema(value: Json): boolean {
  if (!isRecord(value)) return false;
  const codes: Json[] = Array.isArray(value['codes']) ? value['codes'] : [];
  const ids = codes.map((code) => (isRecord(code) ? code['access_code_id'] : code));
  const namesOther = [value, ...codes].some((part) => {
    const id = isRecord(part) ? part['device_id'] : undefined;
    return typeof id === 'string' && id.toLowerCase() !== LOCK;
  });
  return namesOther || new Set(ids).size < ids.length;
}

const ODD: readonly Json[] = [
  null,
  true,
  false,
  0,
  1,
  -1,
  1.5,
  12,
  5000,
  2 ** 53,
  1e300,
  '',
  'x',
  '1234',
  '12a4',
  ' 1234',
  '٣٤٥٦',
  '4938170000000',
  'x'.repeat(200),
  'x'.repeat(201),
  'with spaces',
  'monday',
  '09:00',
  '24:00',
  '9:00',
  '2026-11-22T14:04:07Z',
  '2026-11-22T15:04:07.5+01:00',
  '2026-11-22T15:04Z',
  '2026-11-22',
  'ongoing',
  '2026-02-30T00:00:00Z',
  '1969-12-01T00:00:00Z',
  '9999-06-01T00:00:00Z',
  '2026-11-22T24:00:00Z',
  'time_bound',
  'zwave',
  'succeeded',
  'failed',
  'expired',
  'unlock_door',
  'constructor',
  '1h',
  'forget',
  LOCK.toUpperCase(),
  '00000000-0000-0000-0000-000000000000',
  [],
  {},
  ['x'],
  { a: 1 },
  [[]],
  [null],
];

/** All parts of all examples, so that what is right in one place comes to another. */
const parts = MESSAGES.flatMap(({ examples }) => examples.flatMap(({ payload }) => partsOf(payload)));

interface Change {
  readonly at: number;
  readonly how: 'remove' | 'replace' | 'add';
  readonly by: Json;
}

const change: fc.Arbitrary<Change> = fc.record({
  at: fc.nat(),
  how: fc.constantFrom('remove', 'replace', 'replace', 'replace', 'add'),
  by: fc.oneof({ arbitrary: fc.constantFrom(...ODD), weight: 3 }, fc.constantFrom(...parts), fc.jsonValue()),
});

/** An example with one to three changes anywhere in it. */
function broken({ examples }: ContractMessage): fc.Arbitrary<Json> {
  const payload = fc.constantFrom(...examples.map((example) => example.payload));
  return fc
    .tuple(payload, fc.array(change, { minLength: 1, maxLength: 3 }))
    .map(([example, changes]) => changes.reduce<Json>(changed, structuredClone(example)));
}

describe.each(MESSAGES)('$name', (message) => {
  const validate = validatorOf(message.name);

  test('broken at random is taken by the JSON Schema exactly when it is taken by the hub or a cloud', () => {
    let taken = 0;
    let refused = 0;
    fc.assert(
      fc.property(broken(message), (value) => {
        fc.pre(message.name !== 'desired' || !isBeyondSchema(value));
        const isValid = validate(value);
        expect(isTaken(message, value)).toBe(isValid);
        const read = message.schema.safeParse(value);
        if (isValid) expect(CLOUD_SCHEMAS[message.name]?.safeParse(read.data).error).toBeUndefined();
        if (isValid) taken += 1;
        else refused += 1;
      }),
      { numRuns: RUNS },
    );
    expect(taken).toBeGreaterThan(RUNS / 50);
    expect(refused).toBeGreaterThan(RUNS / 50);
  });
});

const entry = { access_code_id: 'a' };
const document = { v: 1, generation: 1, version: 1, codes: [entry] };
const command = { v: 1, command_id: 'c', expires_at: '2026-11-22T14:04:07Z' };
const window = { days: ['monday'], start: '09:00', end: '17:00' };

/** Mistakes that somebody makes, each alone in a message that is right otherwise. */
test.each<[name: string, what: string, value: Json]>([
  ['desired', 'another major version', { ...document, v: 2 }],
  ['desired', 'no major version', { ...document, v: undefined }],
  ['desired', 'no codes', { ...document, codes: undefined }],
  ['desired', 'version 0', { ...document, version: 0 }],
  ['desired', 'a version as a text', { ...document, version: '1' }],
  ['desired', 'a version that JSON does not carry exactly', { ...document, version: 2 ** 53 }],
  ['desired', 'a code without an id', { ...document, codes: [{ code: '1234' }] }],
  ['desired', 'an id with a space', { ...document, codes: [{ access_code_id: 'a b' }] }],
  ['desired', 'a PIN as a number', { ...document, codes: [{ ...entry, code: 1234 }] }],
  ['desired', 'a PIN of three digits', { ...document, codes: [{ ...entry, code: '123' }] }],
  ['desired', 'a PIN of thirteen digits', { ...document, codes: [{ ...entry, code: '1234567890123' }] }],
  ['desired', 'a PIN with a letter', { ...document, codes: [{ ...entry, code: '12a4' }] }],
  [
    'desired',
    'a time without a zone',
    { ...document, codes: [{ ...entry, starts_at: '2026-11-22T14:00:00' }] },
  ],
  ['desired', 'a time in milliseconds', { ...document, codes: [{ ...entry, starts_at: 1_795_000_000_000 }] }],
  [
    'desired',
    'the 30th of February',
    { ...document, codes: [{ ...entry, starts_at: '2026-02-30T00:00:00Z' }] },
  ],
  [
    'desired',
    'a year before 1970',
    { ...document, codes: [{ ...entry, starts_at: '1969-06-01T00:00:00Z' }] },
  ],
  ['desired', 'a frame without its end', { ...document, codes: [{ ...entry, type: 'time_bound' }] }],
  [
    'desired',
    'a window without days',
    { ...document, codes: [{ ...entry, weekly_windows: [{ ...window, days: [] }] }] },
  ],
  [
    'desired',
    'a window from 24:00',
    { ...document, codes: [{ ...entry, weekly_windows: [{ ...window, start: '24:00' }] }] },
  ],
  ['desired', 'no windows in the list', { ...document, codes: [{ ...entry, weekly_windows: [] }] }],
  [
    'desired',
    'two words for an offline code that differ',
    { ...document, codes: [{ ...entry, is_offline_access_code: true, use_offline_access_code: false }] },
  ],
  [
    'desired',
    'a code for one use that is no offline code',
    { ...document, codes: [{ ...entry, is_one_time_use: true }] },
  ],
  [
    'desired',
    'two words that mean the same and differ',
    {
      ...document,
      codes: [{ ...entry, allow_external_modification: true, is_external_modification_allowed: false }],
    },
  ],
  [
    'desired',
    'a PIN in clear and sealed',
    {
      ...document,
      codes: [{ ...entry, code: '1234', sealed_code: { key_id: 'k', enc: 'A'.repeat(43), ciphertext: 'A' } }],
    },
  ],
  ['desired', 'too many tombstones', { ...document, tombstones: Array.from({ length: 1001 }, () => 'a') }],
  ['command', 'no type', command],
  ['command', 'an unknown type', { ...command, type: 'open_sesame' }],
  ['command', 'no lock', { ...command, type: 'unlock_door', params: {} }],
  ['command', 'no parameters', { ...command, type: 'unlock_door' }],
  ['command', 'no end', { v: 1, command_id: 'c', type: 'ping' }],
  ['command', 'no id', { v: 1, expires_at: command.expires_at, type: 'ping' }],
  ['command', 'no key', { ...command, type: 'generate_code', params: { device_id: LOCK } }],
  ['ack', 'a negative number', { v: 1, epoch: LOCK, seq: -1 }],
  ['ack', 'no epoch', { v: 1, seq: 1 }],
  ['sync', 'an unknown verdict', { v: 1, devices: [{ device_id: LOCK, verdict: 'other' }] }],
])('%s with %s is refused by both', (name, _what, value) => {
  const sent = JSON.parse(JSON.stringify(value));
  expect(isTaken(messageNamed(name), sent)).toBe(false);
  expect(validatorOf(name)(sent)).toBe(false);
});

function changed(whole: Json, { at, how, by }: Change): Json {
  const places = placesOf(whole);
  const place = places[at % Math.max(places.length, 1)];
  if (place === undefined) return structuredClone(by);
  const { holder, key } = place;
  if (how === 'add') {
    if (Array.isArray(holder)) holder.push(structuredClone(by));
    else holder['unknown_to_all'] = structuredClone(by);
  } else if (how === 'replace') holder[key] = structuredClone(by);
  else if (Array.isArray(holder)) holder.splice(Number(key), 1);
  else delete holder[key];
  return whole;
}

type Holder = Record<string, Json>;

function placesOf(value: Json): { readonly holder: Holder; readonly key: string }[] {
  if (typeof value !== 'object' || value === null) return [];
  const holder = value as Holder;
  return Object.keys(holder).flatMap((key) => [{ holder, key }, ...placesOf(holder[key])]);
}

function partsOf(value: Json): Json[] {
  if (typeof value !== 'object' || value === null) return [value];
  return [value, ...Object.values(value).flatMap(partsOf)];
}

function isRecord(value: Json): value is Record<string, Json> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
