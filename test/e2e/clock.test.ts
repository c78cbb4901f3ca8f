import { randomUUID } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { DAY_MS, HOUR_MS, SECOND_MS } from '../../src/core/time.ts';
import type { DesiredCode } from '../../src/demo/backend.ts';
import { until, World } from './world.ts';

const YEAR_MS = 365 * DAY_MS;
/** What the wall clock of the machine shows after the power cut, less the true time. */
const WALLS: readonly (readonly [name: string, aheadMs: () => number])[] = [
  ['a year ahead', () => YEAR_MS],
  ['1970', () => HOUR_MS - Date.now()],
  ['a day back', () => -DAY_MS],
  ['an hour ahead', () => HOUR_MS],
  ['2038', () => Date.parse('2038-01-19T03:14:00Z') - Date.now()],
];
const PLAYED = process.env['LOCKHUB_TEST_FULL'] === '1' ? WALLS : WALLS.slice(0, 1);

/** From its start on the hub counts from a floor that is as old as the run before, which took seconds here. */
const WITHIN_MS = 100 * SECOND_MS;
const ENDS_MS = 20 * SECOND_MS;
const TEST_TIMEOUT_MS = 4 * WITHIN_MS;

/** Steps the wall clock of a running process, and leaves its monotonic clock alone. */
const FAKETIME = ['x86_64-linux-gnu', 'aarch64-linux-gnu']
  .map((machine) => `/usr/lib/${machine}/faketime/libfaketimeMT.so.1`)
  .find((file) => existsSync(file));

let world: World;
let lock: string;
let pinsMade = 0;

beforeAll(async () => {
  world = await World.build({ config: { clock: { trust_system: false } } });
  mkdirSync(world.path('bin'));
  setWall(0, true);
  await startHub();
  [lock = ''] = (await world.byAbility()).plain;
  await world.endHub('SIGKILL');
});
afterEach(({ task }) => {
  if (task.result?.state === 'fail') console.error(world.lastWords());
});
afterAll(() => world.end());

function code(name: string, window: Pick<DesiredCode, 'starts_at' | 'ends_at'> = {}): DesiredCode {
  pinsMade += 1;
  return { access_code_id: randomUUID(), name, code: String(50_000_000 + 7919 * pinsMade), ...window };
}

function text(at: number): string {
  return new Date(at).toISOString();
}

/** Sets the wall clock of the hub, and what its system says of it. */
function setWall(aheadMs: number, isSynchronised: boolean): void {
  world.write('ahead', `${aheadMs < 0 ? '' : '+'}${Math.round(aheadMs / SECOND_MS)}`);
  world.write('bin/timedatectl', `#!/bin/sh\necho ${isSynchronised ? 'yes' : 'no'}\n`);
  chmodSync(world.path('bin/timedatectl'), 0o755);
}

async function startHub(): Promise<void> {
  if (FAKETIME === undefined) throw new Error('libfaketime is missing: install the Debian package faketime.');
  await world.startHub({
    LD_PRELOAD: FAKETIME,
    FAKETIME_TIMESTAMP_FILE: world.path('ahead'),
    FAKETIME_NO_CACHE: '1',
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
    PATH: `${world.path('bin')}${path.delimiter}${process.env['PATH'] ?? ''}`,
  });
}

test.each(PLAYED)(
  'booted with a clock that shows %s, the hub switches nothing on that needs the time, and switches off what has ended',
  async (_name, aheadMs) => {
    setWall(0, true);
    await startHub();
    const ongoing = code('ongoing');
    const ends = { starts_at: text(Date.now() - HOUR_MS), ends_at: text(Date.now() + ENDS_MS) };
    const ending = code('ends while nobody knows the time', ends);
    await world.desire(lock, [ongoing, ending]);
    await world.holds(lock, [ongoing.code, ending.code], WITHIN_MS);
    await world.endHub('SIGKILL');

    setWall(aheadMs(), false);
    world.backend.hello = undefined;
    await startHub();
    const window = { starts_at: text(Date.now() - HOUR_MS), ends_at: text(Date.now() + DAY_MS) };
    const [another, guest] = [code('ongoing too'), code('guest', window)];
    await world.desire(lock, [ongoing, ending, another, guest]);
    await world.holds(lock, [ongoing.code, another.code], WITHIN_MS);
    expect(world.backend.hello).toMatchObject({ clock: { trusted: false, latest: null } });
    const deviceId = await world.deviceId(lock);
    await until('the guest is told to wait for the time', WITHIN_MS, () => {
      const told = world.backend.reported.get(deviceId)?.codes ?? [];
      const reason = told.find((one) => one.access_code_id === guest.access_code_id)?.explanation?.reason;
      return reason === 'hub_clock_uncertain' ? true : undefined;
    });
    expect(await world.opens(lock, guest.code)).toBe(false);

    setWall(0, true);
    await world.holds(lock, [ongoing.code, another.code, guest.code], WITHIN_MS);
    await until('the step is told', WITHIN_MS, () =>
      world.backend.events.some(({ event_type }) => event_type === 'hub.clock_stepped') ? true : undefined,
    );
    await world.endHub('SIGKILL');
  },
  TEST_TIMEOUT_MS,
);
