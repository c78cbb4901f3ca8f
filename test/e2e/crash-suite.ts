import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { SECOND_MS } from '../../src/core/time.ts';
import type { DesiredCode } from '../../src/demo/backend.ts';
import type { WorldRadio } from './house.ts';
import { seededDraw } from '../support/seeded-draw.ts';
import { compileShim, Power } from '../support/power/power.ts';
import { pinAt, until, type World } from './world.ts';
import { startWorld } from './worlds.ts';

/** How often the hub ends: a round takes about 10 s. `LOCKHUB_CRASHES` and `LOCKHUB_SEED` make long runs of their own. */
const ROUNDS = Number(process.env['LOCKHUB_CRASHES'] ?? (process.env['LOCKHUB_TEST_FULL'] === '1' ? 50 : 4));
/** Of what a power cut takes back; when it comes is not seeded. */
const SEED = Number(process.env['LOCKHUB_SEED'] ?? 20_261_123);
const CODES_PER_LOCK = 10;
/** Codes of a lock that each round replaces by new ones. */
const REPLACED = 5;
/** The load of a round takes about as long, so that kills fall anywhere into it; a prime spreads them. */
const LOAD_MS = 3000;
const SPREAD_MS = 1117;
const CONVERGED_WITHIN_MS = 60 * SECOND_MS;
const TEST_TIMEOUT_MS = ROUNDS * 30 * SECOND_MS;
/** From its start to its end a code of each round opens so long: it may end while there is no hub. */
const SHORT_CODE_MS = 5 * SECOND_MS;
/** After its end, or the start of a hub, a code is gone within this. */
const EXPIRED_WITHIN_MS = 20 * SECOND_MS;

let world: World;
let pinsMade = 0;

function newCode(): DesiredCode {
  pinsMade += 1;
  return {
    access_code_id: randomUUID(),
    name: `Code ${pinsMade}`,
    code: String(40_000_000 + 7919 * pinsMade),
  };
}

/** Waits until the lock holds exactly these codes, in the slots that the hub reports. */
async function agrees(id: string, codes: readonly DesiredCode[]): Promise<void> {
  await world.holds(
    id,
    codes.map((code) => code.code),
    CONVERGED_WITHIN_MS,
  );
  const deviceId = await world.deviceId(id);
  await until(`${id} is reported as it is`, CONVERGED_WITHIN_MS, async () => {
    const report = world.backend.reported.get(deviceId);
    const truth = await world.lock(id);
    const isTold = codes.every((code) => {
      const told = report?.codes.find((entry) => entry.access_code_id === code.access_code_id);
      return told?.status === 'set' && pinAt(truth, told.slot) === code.code;
    });
    const isApplied = report !== undefined && report.version_applied === report.version_received;
    return isTold && isApplied && report.codes.length === codes.length ? true : undefined;
  });
}

async function writesOf(id: string): Promise<number> {
  return Object.values((await world.lock(id)).writes).reduce((sum, count) => sum + count, 0);
}

function shortCode(): DesiredCode {
  const [from, to] = [0, SHORT_CODE_MS].map((ms) => new Date(Date.now() + ms).toISOString());
  return { ...newCode(), starts_at: from ?? '', ends_at: to ?? '' };
}

/** A code that has ended opens no longer than the hub was away. */
async function isGone(id: string, code: DesiredCode): Promise<void> {
  const leftMs = Math.max(Date.parse(code.ends_at ?? '') - Date.now(), 0);
  await until(`${code.name} is gone from ${id}`, leftMs + EXPIRED_WITHIN_MS, async () =>
    (await world.pins(id)).includes(code.code) ? undefined : true,
  );
}

/** A command that the hub has said it took comes to an end, whatever happened to the hub. */
async function isEnded(commandId: string): Promise<void> {
  await until(`the end of command ${commandId}`, CONVERGED_WITHIN_MS, () =>
    ['accepted', 'running'].includes(world.backend.results.get(commandId)?.state ?? '') ? undefined : true,
  );
}

const toldSchema = z.object({ device_id: z.string(), version_received: z.int() });

/** Documents that the hub said it had, and knew nothing of later. */
function forgotten(upward: readonly string[]): readonly string[] {
  const newest = new Map<string, number>();
  return upward.flatMap((message) => {
    const space = message.indexOf(' ');
    const [topic, text] = [message.slice(0, space), message.slice(space)];
    if (!/\/up\/(reported\/|hello$)/.test(topic)) return [];
    const told = topic.endsWith('hello')
      ? z.object({ devices: z.array(toldSchema) }).parse(JSON.parse(text)).devices
      : [toldSchema.parse(JSON.parse(text))];
    return told.flatMap(({ device_id: deviceId, version_received: version }) => {
      const before = newest.get(deviceId) ?? 0;
      newest.set(deviceId, Math.max(before, version));
      return version < before ? [`${deviceId} had ${before}, and then ${version}`] : [];
    });
  });
}

/** How a hub ends without being asked. */
type Ending = 'kill' | 'power cut';

/** The hub ends at random moments under load; nothing is lost, and nothing written twice. */
export function crashSuite(radio: WorldRadio, ending: Ending): void {
  let power: Power | undefined;
  beforeAll(async () => {
    world = await startWorld(radio, 'four');
    if (ending === 'kill') return;
    await world.endHub();
    power = new Power(world.dataDir, compileShim(world.folder));
    world.hubEnv = power.env;
    await world.startHub();
  });
  afterEach(({ task }) => {
    if (task.result?.state === 'fail') console.error(world.lastWords());
  });
  afterAll(async () => {
    await world.end();
    power?.end();
  });
  test(
    `after each of ${ROUNDS} times (${ending}) under load, all locks and the hub's own table end as desired, without a write too many`,
    async () => {
      const draw = seededDraw(SEED);
      await crashes(async () => {
        expect(await world.endHub('SIGKILL')).toBe('SIGKILL');
        power?.cut(draw);
      });
      if (power === undefined) return;
      // Otherwise nothing was cut.
      console.info(`${radio}: ${JSON.stringify(power.total)}`);
      expect(power.total.unsynced).toBeGreaterThan(ROUNDS);
    },
    TEST_TIMEOUT_MS,
  );
}

async function crashes(crash: () => Promise<void>): Promise<void> {
  const ids = (await world.locks()).map((lock) => lock.id);
  /** The lock that gets a code in each round that ends about when the hub does. */
  const brief = ids.at(-1) ?? '';
  const wanted = new Map(ids.map((id) => [id, Array.from({ length: CODES_PER_LOCK }, newCode)]));
  for (const [id, codes] of wanted) await world.desire(id, codes);
  for (const [id, codes] of wanted) await agrees(id, codes);

  for (let round = 0; round < ROUNDS; round += 1) {
    const before = new Map<string, number>();
    for (const id of ids) before.set(id, await writesOf(id));
    const short = shortCode();
    for (const [id, codes] of wanted) {
      codes.splice(0, REPLACED, ...Array.from({ length: REPLACED }, newCode));
      await world.desire(id, id === brief ? [...codes, short] : codes);
    }
    const commandId = await world.backend.command('lock_door', { device_id: await world.deviceId(brief) });
    await new Promise((resolve) => setTimeout(resolve, (round * SPREAD_MS) % LOAD_MS));
    await crash();
    await world.startHub();
    await isGone(brief, short);
    // Where it had ended before it was heard of, it was refused and would stay in the report.
    await world.desire(brief, wanted.get(brief) ?? []);
    for (const [id, codes] of wanted) {
      await agrees(id, codes);
      // One write takes each old code off, one puts each new one on; the short one may have come and gone besides.
      const written = (await writesOf(id)) - (before.get(id) ?? 0) - 2 * REPLACED;
      const mostMore = id === brief ? 2 : 0;
      expect({ round, id, written, isRight: written >= 0 && written <= mostMore }).toMatchObject({
        isRight: true,
      });
    }
    await isEnded(commandId);
  }

  const atRest = new Map<string, number>();
  for (const id of ids) atRest.set(id, await writesOf(id));
  await crash();
  await world.startHub();
  // A Zigbee lock is met without a frame: one more code on each shows that the hub had its turn there.
  for (const [id, codes] of wanted) {
    codes.push(newCode());
    await world.desire(id, codes);
  }
  for (const [id, codes] of wanted) {
    await agrees(id, codes);
    expect({ id, written: await writesOf(id) }).toEqual({ id, written: (atRest.get(id) ?? 0) + 1 });
  }
  expect(world.backend.troubles).toEqual([]);
  const said = world.hubs.flatMap(({ stdout }) => stdout);
  expect(said.filter((line) => line.includes('DATABASE IS DAMAGED'))).toEqual([]);
  expect(forgotten(world.upward)).toEqual([]);
}
