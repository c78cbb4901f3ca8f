import { randomUUID } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { SECOND_MS } from '../../src/core/time.ts';
import type { DesiredCode } from '../../src/demo/backend.ts';
import { nonsenseOf, SERIAL_API, UNPI } from '../support/nonsense.ts';
import { seededDraw } from '../support/seeded-draw.ts';
import { StickCable } from '../support/stick-cable.ts';
import { letIn } from './let-in.ts';
import { until, World } from './world.ts';

const SEED = 9;
const HELD_WITHIN_MS = 60 * SECOND_MS;
const NONSENSE_MS = 5 * SECOND_MS;
/** A stick that was given up is opened again after a minute at most; a lock that was lost is served within 200 s. */
const WELL_WITHIN_MS = 200 * SECOND_MS;
const GROWS_MEGABYTES_MAX = 150;
const TEST_TIMEOUT_MS = 400 * SECOND_MS;
const HOUSE = JSON.stringify({
  locks: [
    { id: 'zwave', model: 'uc-v2', address: 2 },
    { id: 'zigbee', model: 'dl-plain', address: '0x000d6ffffe000010' },
  ],
});
const SIDES = [
  ['zwave', SERIAL_API],
  ['zigbee', UNPI],
] as const;
const configSchema = z.looseObject({
  radios: z.array(z.looseObject({ kind: z.string(), port: z.string() })),
});

let world: World;
const cables = new Map<string, StickCable>();
let before = 0;

beforeAll(async () => {
  world = await World.build({ house: HOUSE, radio: 'both' });
  const config = configSchema.parse(JSON.parse(readFileSync(world.configFile, 'utf8')));
  const radios = [];
  for (const radio of config.radios) {
    const cable = await StickCable.lay(radio.port);
    cables.set(radio.kind, cable);
    radios.push({ ...radio, port: cable.url });
  }
  writeFileSync(world.configFile, JSON.stringify({ ...config, radios, log: { level: 'info' } }));
  const hub = await world.startHub();
  await hub.line((line) => /"zigbee".*the radio is up/.test(line), HELD_WITHIN_MS);
  await letIn(world);
  for (const [id] of SIDES) await world.desire(id, [code('480215')]);
  for (const [id] of SIDES) await world.holds(id, ['480215'], HELD_WITHIN_MS);
  before = memoryMegabytes();
}, TEST_TIMEOUT_MS);

afterEach((context) => {
  if (context.task.result?.state === 'fail') console.error(world.lastWords());
});

afterAll(async () => {
  await world.end();
  for (const cable of cables.values()) cable.end();
});

function code(digits: string): DesiredCode {
  return { access_code_id: randomUUID(), name: digits, code: digits };
}

function memoryMegabytes(): number {
  const status = readFileSync(`/proc/${world.hubs.at(-1)?.child.pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;
}

function garble(kind: string): void {
  const draw = seededDraw(SEED);
  for (const [id, framing] of SIDES) {
    const cable = cables.get(id);
    const nonsense = nonsenseOf(framing)[kind];
    if (cable !== undefined && nonsense !== undefined) cable.garbled = (bytes) => nonsense(bytes, draw);
  }
}

test.each(Object.keys(nonsenseOf(UNPI)))(
  'sticks that say %s: the hub goes on, and is well when they are',
  async (kind) => {
    const hub = world.hubs.at(-1);
    garble(kind);
    // Something to do meanwhile.
    for (const [id] of SIDES) await world.desire(id, [code('480226')]);
    const end = Date.now() + NONSENSE_MS;
    await until('some time goes by', 2 * NONSENSE_MS, () => Date.now() > end || undefined);
    for (const cable of cables.values()) cable.garbled = (bytes) => bytes;
    for (const [id] of SIDES) await world.desire(id, [code('480237')]);
    for (const [id] of SIDES) await world.holds(id, ['480237'], WELL_WITHIN_MS);
    expect(hub?.child.exitCode).toBeNull();
    expect(hub?.stderr).toEqual([]);
    expect(memoryMegabytes()).toBeLessThan(before + GROWS_MEGABYTES_MAX);
  },
  TEST_TIMEOUT_MS,
);

test.each(['right frames with nonsense values', 'random bytes without end'])(
  'a hub that starts while its sticks say %s has all its locks when they are well',
  async (kind) => {
    expect(await world.endHub()).toBe(0);
    garble(kind);
    const hub = await world.startHub();
    const end = Date.now() + NONSENSE_MS;
    await until('some time goes by', 2 * NONSENSE_MS, () => Date.now() > end || undefined);
    for (const cable of cables.values()) cable.garbled = (bytes) => bytes;
    for (const [id] of SIDES) await world.desire(id, [code('480248')]);
    for (const [id] of SIDES) await world.holds(id, ['480248'], WELL_WITHIN_MS);
    expect(hub.child.exitCode).toBeNull();
    expect(hub.stderr).toEqual([]);
  },
  TEST_TIMEOUT_MS,
);
