import { randomUUID } from 'node:crypto';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { MINUTE_MS, SECOND_MS } from '../../src/core/time.ts';
import { readLast, readTrial } from '../../src/update/trial.ts';
import { compileShim, Power } from '../support/power/power.ts';
import { seededDraw } from '../support/seeded-draw.ts';
import { InstalledHub, migration, NEVER_PROVES, type Change } from './installed-hub.ts';
import { until, World } from './world.ts';

const CHILD = fileURLToPath(new URL('units-child.ts', import.meta.url));
/** A round takes about half a minute. Cuts by the hundred, with a stand-in for the hub, are in `test/contract`. */
const ROUNDS = Number(process.env['LOCKHUB_CUTS'] ?? (process.env['LOCKHUB_TEST_FULL'] === '1' ? 10 : 1));
const SEED = Number(process.env['LOCKHUB_SEED'] ?? 20_261_123);
const PROVE_WITHIN_MS = 30 * SECOND_MS;
/** From the offer of an update to the proof that it works, on a machine with little else to do. */
const UPDATE_MS = 15 * SECOND_MS;
const SOON_MS = 60 * SECOND_MS;
const ENDS_WITHIN_MS = 3 * MINUTE_MS;
const GOOD: readonly Change[] = [];
const BAD: readonly Change[] = [migration('CREATE TABLE another (x)'), NEVER_PROVES];

let world: World;
let hub: InstalledHub;
let power: Power;
let units: ChildProcess | undefined;

beforeAll(async () => {
  world = await World.build({ config: { http: false } });
  hub = new InstalledHub(world, '1.0.0');
  power = new Power(world.folder, compileShim(world.folder));
  boot();
}, ENDS_WITHIN_MS);
afterAll(async () => {
  await cut();
  power.end();
  await world.end();
});

function boot(): void {
  units = spawn(process.execPath, [CHILD, hub.root, world.configFile, String(PROVE_WITHIN_MS)], {
    env: { ...process.env, ...power.env },
    stdio: 'ignore',
    detached: true,
  });
}

/** The power of the whole machine goes: nobody ends anything any more. */
async function cut(): Promise<void> {
  if (units?.pid === undefined) return;
  const ended = once(units, 'exit');
  process.kill(-units.pid, 'SIGKILL');
  await ended;
  units = undefined;
}

test(
  `after each of ${ROUNDS} power cuts in the middle of an update the hub serves as one of the two versions`,
  async () => {
    const draw = seededDraw(SEED);
    const pins = ['41414141', '42424242'];
    const codes = pins.map((code) => ({ access_code_id: randomUUID(), name: code, code }));
    await world.desire('front-door', codes);
    await world.holds('front-door', pins, SOON_MS);
    const { writes } = await world.lock('front-door');
    const outcomes: string[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const from = hub.version;
      const version = `2.${round}.0`;
      const isGood = round % 2 === 0;
      const archive = hub.archive(version, isGood ? GOOD : BAD);
      expect(await hub.lockhub('update', 'offer', archive, '--config', world.configFile).ended()).toBe(0);
      await new Promise((resolve) => setTimeout(resolve, draw(UPDATE_MS)));
      await cut();
      power.cut(draw);
      const atBoot = hub.version;
      expect([from, version]).toContain(atBoot);
      boot();
      const last = await until(`the end of ${version}`, ENDS_WITHIN_MS, () => {
        const told = readLast(hub.root);
        const isOver = readTrial(hub.root) === null && [told?.to, told?.from].includes(version);
        return isOver ? told?.outcome : undefined;
      });
      // A good version that the cut met before it was ready is taken all the same.
      expect({ version: hub.version, last }).toEqual(
        last === 'done' ? { version, last } : { version: from, last: 'back' },
      );
      if (!isGood) expect(last).toBe('back');
      await until('the hub is online', SOON_MS, () => (isOnline() ? true : undefined));
      expect(await world.opens('front-door', pins[round % 2] ?? '')).toBe(true);
      outcomes.push(`${atBoot === version ? 'new' : 'old'} at the boot, then ${last}`);
      rmSync(archive);
    }
    console.info(outcomes.join('\n'), JSON.stringify(power.total));
    const fresh = { access_code_id: randomUUID(), name: 'fresh', code: '43434343' };
    await world.desire('front-door', [...codes, fresh]);
    await world.holds('front-door', [...pins, fresh.code], SOON_MS);
    const now = (await world.lock('front-door')).writes;
    for (const slot of Object.keys(writes)) expect(now[slot], `slot ${slot}`).toBe(writes[slot]);
  },
  ROUNDS * 5 * MINUTE_MS,
);

/** By the last thing that the hub, or its last will, said. */
function isOnline(): boolean {
  const told = world.upward.findLast((message) => message.includes('/up/status '));
  return told?.includes('"online"') ?? false;
}
