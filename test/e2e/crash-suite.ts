import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { SECOND_MS } from '../../src/core/time.ts';
import type { DesiredCode } from '../../src/demo/backend.ts';
import type { WorldRadio } from './house.ts';
import { pinAt, until, type World } from './world.ts';
import { startWorld } from './worlds.ts';

/** 50 with `scripts/test --full`, where a round takes about 8 s. */
const KILLS = process.env['LOCKHUB_TEST_FULL'] === '1' ? 50 : 6;
const CODES_PER_LOCK = 10;
/** Codes of a lock that each round replaces by new ones. */
const REPLACED = 5;
/** The load of a round takes about as long, so that kills fall anywhere into it; a prime spreads them. */
const LOAD_MS = 3000;
const SPREAD_MS = 1117;
const CONVERGED_WITHIN_MS = 60 * SECOND_MS;
const TEST_TIMEOUT_MS = KILLS * 30 * SECOND_MS;

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

/** The hub is killed at random moments under load; nothing is lost, and nothing written twice. */
export function crashSuite(radio: WorldRadio): void {
  beforeAll(async () => {
    world = await startWorld(radio, 'four');
  });
  afterEach(({ task }) => {
    if (task.result?.state === 'fail') console.error(world.lastWords());
  });
  afterAll(() => world.end());
  test(
    `killed ${KILLS} times under load, all locks and the hub's own table end as desired, without a write too many`,
    kills,
    TEST_TIMEOUT_MS,
  );
}

async function kills(): Promise<void> {
  const ids = (await world.locks()).map((lock) => lock.id);
  const wanted = new Map(ids.map((id) => [id, Array.from({ length: CODES_PER_LOCK }, newCode)]));
  for (const [id, codes] of wanted) await world.desire(id, codes);
  for (const [id, codes] of wanted) await agrees(id, codes);

  for (let round = 0; round < KILLS; round += 1) {
    const before = new Map<string, number>();
    for (const id of ids) before.set(id, await writesOf(id));
    for (const [id, codes] of wanted) {
      codes.splice(0, REPLACED, ...Array.from({ length: REPLACED }, newCode));
      await world.desire(id, codes);
    }
    await new Promise((resolve) => setTimeout(resolve, (round * SPREAD_MS) % LOAD_MS));
    expect(await world.endHub('SIGKILL')).toBe('SIGKILL');
    await world.startHub();
    for (const [id, codes] of wanted) {
      await agrees(id, codes);
      // One write takes each old code off, one puts each new one on.
      const written = (await writesOf(id)) - (before.get(id) ?? 0);
      expect({ round, id, written }).toEqual({ round, id, written: 2 * REPLACED });
    }
  }

  const atRest = new Map<string, number>();
  for (const id of ids) atRest.set(id, await writesOf(id));
  await world.endHub('SIGKILL');
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
}
