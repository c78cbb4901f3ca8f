import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CheckUp } from '../../src/core/finding.ts';
import { SECOND_MS } from '../../src/core/time.ts';
import { ended, send } from './command.ts';
import { LOCKHUB, startProgram } from './program.ts';
import { until, World } from './world.ts';

/** What this machine may have wrong itself, whatever the hub is like. */
const OF_THE_MACHINE = ['clock_unsynchronised', 'undervoltage', 'card_worn', 'memory_short', 'zone_doubtful'];
const SOON_MS = 30 * SECOND_MS;
const EXIT_USAGE = 2;

let world: World;

beforeAll(async () => {
  const house = { locks: [{ id: 'door', model: 'uc-v2', address: 2 }] };
  world = await World.build({
    house: JSON.stringify(house),
    config: { http: false, backup: { recipients: ['A'.repeat(43)] } },
  });
  await world.startHub();
  await world.deviceId('door');
});
afterAll(() => world.end());

/** `lockhub doctor --json` in a process of its own, beside the hub. */
async function doctor(): Promise<CheckUp> {
  const run = startProgram(LOCKHUB, ['doctor', '--json', '--config', world.configFile]);
  const code = await run.ended();
  const checkUp = JSON.parse(run.stdout.join('')) as CheckUp;
  expect(code).toBe(checkUp.findings.length === 0 ? 0 : 1);
  return checkUp;
}

function namesOf({ findings }: CheckUp): readonly string[] {
  return findings.map(({ id }) => id).filter((id) => !OF_THE_MACHINE.includes(id));
}

test('a hub that runs has nothing wrong, and is not disturbed by who looks', async () => {
  const before = world.hubs.at(-1)?.stdout.length ?? 0;
  const checkUp = await doctor();
  expect(checkUp.hub).toBe('running');
  expect(namesOf(checkUp)).toEqual([]);
  const after = world.hubs.at(-1)?.stdout.slice(before) ?? [];
  expect(after.filter((line) => /"level":"(warn|error|fatal)"/.test(line))).toEqual([]);
  expect(await world.opens('door', '0000')).toBe(false);
});

test('people read the same, with what to do', async () => {
  const run = startProgram(LOCKHUB, ['doctor', '--config', world.configFile]);
  await run.ended();
  expect(run.stdout[0]).toMatch(/^The hub is running\. /);
});

test('the cloud gets the findings with the diagnostics', async () => {
  const { state, result } = await ended(world, await send(world, 'diagnostics', {}), SOON_MS);
  expect(state).toBe('succeeded');
  const { findings } = result as unknown as CheckUp;
  expect(findings.map(({ id }) => id).filter((id) => !OF_THE_MACHINE.includes(id))).toEqual([]);
});

test('a hub that hangs is found, and one that goes on is well again', async () => {
  const hub = world.hubs.at(-1);
  hub?.child.kill('SIGSTOP');
  expect(namesOf(await doctor())).toEqual(['hub_hangs']);
  hub?.child.kill('SIGCONT');
  expect(namesOf(await doctor())).toEqual([]);
});

test('a stick that is lost is found, and not that no lock is reached', async () => {
  await world.endHouse();
  await until('that is found', SOON_MS, async () =>
    namesOf(await doctor()).join() === 'stick_silent' ? true : undefined,
  );
});

test('a wrong command line is none of its findings', async () => {
  const run = startProgram(LOCKHUB, ['doctor', '--loudly']);
  expect(await run.ended()).toBe(EXIT_USAGE);
});
