import type { Random } from '../../drivers/sim/random.ts';

export type Json = unknown;
type Holder = Record<string, Json>;

export function pick<T>(random: Random, from: readonly [T, ...T[]]): T {
  return from[Math.floor(random() * from.length)] ?? from[0];
}

export function below(random: Random, bound: number): number {
  return Math.floor(random() * bound);
}

/** Values at the edges of what some field takes. None is a PIN that is looked for, and none is a text of digits. */
const ODD: readonly [Json, ...Json[]] = [
  null,
  true,
  false,
  0,
  1,
  -1,
  1.5,
  -0,
  12,
  5000,
  2 ** 53,
  2 ** 31,
  1e300,
  5e-324,
  '',
  ' ',
  'x',
  '12a4',
  '٣٤٥٦',
  'x'.repeat(64),
  'x'.repeat(65),
  'x'.repeat(200),
  'x'.repeat(201),
  '\0',
  'a\0b',
  '\uD800',
  '\uDC00\uD800',
  '\u{1F512}',
  '\u202E',
  '\uFEFF',
  '\r\n',
  '"',
  '\\',
  "'; DROP TABLE",
  '__proto__',
  'constructor',
  'toString',
  'monday',
  '09:00',
  '24:00',
  '9:00',
  '25:00',
  '-',
  '.',
  ':',
  '../..',
  '2026-11-22T14:04:07Z',
  '2026-11-22T15:04:07.5+01:00',
  '2026-11-22T15:04Z',
  '2026-11-22',
  '2026-02-30T00:00:00Z',
  '1969-12-31T23:59:59Z',
  '9999-12-31T23:59:59Z',
  '2026-11-22T24:00:00Z',
  '+010000-01-01T00:00:00Z',
  'ongoing',
  'time_bound',
  'zwave',
  'zigbee',
  'forget',
  'same',
  'unlock_door',
  'remove_device',
  'open_sesame',
  '1h',
  '00000000-0000-0000-0000-000000000000',
  'ffffffff-ffff-ffff-ffff-ffffffffffff',
  'A'.repeat(43),
  [],
  {},
  [[]],
  [null],
  ['x'],
  { a: 1 },
  { length: 3 },
  { toJSON: 1 },
  { __proto__: null },
];

function odd(random: Random): Json {
  return structuredClone(pick(random, ODD));
}

/** Names that a field may get; none of them is told to anybody, so that a PIN stays where no PIN may leave. */
const NAMES = [
  'unknown_to_all',
  '__proto__',
  'constructor',
  'Code',
  'toString',
  '',
  'v ',
  '\uD800',
  '0',
] as const;

/** So deep that something recursive would fall over; far below the largest message. */
const DEPTH = 20_000;

/** What only whoever holds the JSON text can write. */
const TEXTS: readonly [string, ...string[]] = [
  '{"__proto__":{"polluted":true}}',
  '{"constructor":{"prototype":{"polluted":true}}}',
  `${'['.repeat(DEPTH)}${']'.repeat(DEPTH)}`,
  `${'{"a":'.repeat(DEPTH / 2)}1${'}'.repeat(DEPTH / 2)}`,
  '{"then":1}',
  '1e999',
  '-1e999',
  '9007199254740993',
  '0.1e1',
  '1.0',
  '"\\ud800"',
  '"\\u0000"',
  '{"v":1,"v":2}',
];
const PLACE = '"<<here>>"';

/** Changes from one to four places of a message, which is its own; the answer is the JSON text. */
export function changedText(random: Random, message: Json, parts: readonly Json[]): string {
  let whole = structuredClone(message);
  const rounds = 1 + below(random, 4);
  for (let round = 0; round < rounds; round += 1) whole = changed(random, whole, parts);
  if (random() > 0.1) return textOf(whole);
  return textOf(changedPlace(random, whole, '<<here>>')).replace(PLACE, pick(random, TEXTS));
}

function textOf(value: Json): string {
  return JSON.stringify(value) ?? 'null';
}

function changed(random: Random, whole: Json, parts: readonly Json[]): Json {
  const places = placesOf(whole);
  const place = places[below(random, places.length)];
  if (place === undefined) return odd(random);
  const { holder, key } = place;
  const roll = random();
  if (roll < 0.2) remove(holder, key);
  else if (roll < 0.3) add(holder, pick(random, NAMES), odd(random));
  else if (roll < 0.4 && Array.isArray(holder)) holder.push(structuredClone(holder[Number(key)]));
  else if (roll < 0.45) rename(random, holder, key);
  else if (roll < 0.6) holder[key] = structuredClone(parts[below(random, parts.length)]);
  else holder[key] = nearby(random, holder[key]);
  return whole;
}

function changedPlace(random: Random, whole: Json, by: Json): Json {
  const places = placesOf(whole);
  const place = places[below(random, places.length)];
  if (place === undefined) return by;
  place.holder[place.key] = by;
  return whole;
}

/** Something that differs a little, or something odd. */
function nearby(random: Random, value: Json): Json {
  if (random() < 0.6) return odd(random);
  if (typeof value === 'number')
    return value + pick(random, [-1, 1, 0.5, 1e6, -1e6, Number.MAX_SAFE_INTEGER]);
  if (typeof value === 'string') return changedString(random, value);
  if (typeof value === 'boolean') return !value;
  return odd(random);
}

function changedString(random: Random, text: string): string {
  const at = below(random, text.length + 1);
  const letter = pick(random, ['0', 'x', ' ', 'é', '\0', '\uD800', '"', '/', '-', 'Z']);
  return pick(random, [
    text.slice(0, at),
    text.slice(0, at) + letter + text.slice(at),
    text.slice(0, at) + letter + text.slice(at + 1),
    text.toUpperCase(),
    `${text}${text}`,
  ]);
}

function remove(holder: Holder, key: string): void {
  if (Array.isArray(holder)) holder.splice(Number(key), 1);
  else delete holder[key];
}

function add(holder: Holder, name: string, value: Json): void {
  if (Array.isArray(holder)) holder.push(value);
  else Object.defineProperty(holder, name, { value, enumerable: true, configurable: true, writable: true });
}

function rename(random: Random, holder: Holder, key: string): void {
  if (Array.isArray(holder)) return;
  const value = holder[key];
  delete holder[key];
  add(holder, pick(random, NAMES), value);
}

interface Place {
  readonly holder: Holder;
  readonly key: string;
}

function placesOf(value: Json): readonly Place[] {
  if (typeof value !== 'object' || value === null) return [];
  const holder = value as Holder;
  return Object.keys(holder).flatMap((key) => [{ holder, key }, ...placesOf(holder[key])]);
}

/** The value and all that is in it, but for PINs, which must not come where they may be told. */
export function partsOf(value: Json): readonly Json[] {
  if (typeof value !== 'object' || value === null) return [value];
  const parts = Object.entries(value).flatMap(([key, part]) => (key === 'code' ? [] : partsOf(part)));
  return 'code' in value ? parts : [value, ...parts];
}

/**
 * Changes bytes of a message, and never joins what was apart: the name of one field and the value of another would
 * make a PIN a name, which is told.
 */
export function changedBytes(random: Random, message: Uint8Array): Uint8Array {
  const bytes = Uint8Array.from(message);
  const roll = random();
  if (roll < 0.3) return bytes.subarray(0, below(random, bytes.length + 1));
  if (roll < 0.4) return Uint8Array.from([0xef, 0xbb, 0xbf, ...bytes]);
  if (roll < 0.5) return Uint8Array.from([...bytes, ...randomBytes(random, 1 + below(random, 8))]);
  const flips = 1 + below(random, 3);
  for (let flip = 0; flip < flips; flip += 1) {
    const at = below(random, bytes.length);
    bytes[at] = random() < 0.5 ? (bytes[at] ?? 0) ^ (1 << below(random, 8)) : below(random, 256);
  }
  return bytes;
}

export function randomBytes(random: Random, length: number): Uint8Array {
  return Uint8Array.from({ length }, () => below(random, 256));
}
