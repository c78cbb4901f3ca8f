import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { DesiredCode } from '../../src/demo/backend.ts';
import { SECOND_MS } from '../../src/core/time.ts';
import { until, World } from './world.ts';

const DISK_MEGABYTES = 32;
/** The promise is 10 s; a busy machine may take a little longer. */
const OFF_WITHIN_MS = 20 * SECOND_MS;
const SET_WITHIN_MS = 30 * SECOND_MS;
/** The hub looks at its disk every 5 s. */
const NOTICED_WITHIN_MS = 15 * SECOND_MS;
/** A broker that was left without an acknowledgement is called again after at most half a minute by then. */
const RECOVERED_WITHIN_MS = 90 * SECOND_MS;
const STAY_MS = 25 * SECOND_MS;
const TEST_TIMEOUT_MS = 240 * SECOND_MS;

let world: World;
let lock: string;

function code(name: string, digits: string, endsInMs?: number): DesiredCode {
  const now = Date.now();
  return {
    access_code_id: randomUUID(),
    name,
    code: digits,
    prefer_native_scheduling: false,
    ...(endsInMs !== undefined && {
      starts_at: new Date(now - SECOND_MS).toISOString(),
      ends_at: new Date(now + endsInMs).toISOString(),
    }),
  };
}

const told = (type: string, room?: string): true | undefined =>
  world.backend.events.some(
    (event) => event.event_type === type && (room === undefined || event['room'] === room),
  ) || undefined;

beforeEach(async () => {
  world = await World.build({ diskMegabytes: DISK_MEGABYTES });
  await world.startHub();
  const { plain } = await world.byAbility();
  lock = plain[0] ?? '';
  // What a first start writes is more than a hub that only goes on; that is the one that is to find no room.
  expect(await world.endHub()).toBe(0);
  await world.startHub();
}, TEST_TIMEOUT_MS);

afterEach(async (context) => {
  if (context.task.result?.state === 'fail') console.error(world.lastWords());
  await world.end();
});

test(
  'on a full disk codes are set from the reserve, ended ones go without it, and all is well when there is room again',
  async () => {
    const { disk } = world;
    if (disk === undefined) throw new Error('no disk');
    const resident = code('resident', '4711');
    await world.desire(lock, [resident]);
    await world.holds(lock, ['4711'], SET_WITHIN_MS);

    // Somebody else fills the disk: the hub gives up its reserve, and goes on with it.
    disk.fill();
    await until(
      'the reserve is given up',
      NOTICED_WITHIN_MS,
      () => disk.freeBytes() > 1024 * 1024 || undefined,
    );
    const guest = code('guest', '4712', STAY_MS);
    await world.desire(lock, [resident, guest]);
    await world.holds(lock, ['4711', '4712'], SET_WITHIN_MS);
    await until('it is told', SET_WITHIN_MS, () => told('hub.disk_short', 'none'));

    // The reserve is taken as well. A new code can't be written down, so it isn't set; the guest's goes at its end.
    const late = code('late', '4713');
    const filling = setInterval(() => disk.fill(), 200);
    try {
      await until('nothing is left', NOTICED_WITHIN_MS, () => disk.freeBytes() === 0 || undefined);
      await until(
        'the guest leaves',
        STAY_MS,
        () => Date.now() > Date.parse(guest.ends_at ?? '') || undefined,
      );
      await world.desire(lock, [resident, guest, late]);
      await world.holds(lock, ['4711'], OFF_WITHIN_MS);
      expect(await world.opens(lock, '4712')).toBe(false);
      expect(world.hubs.at(-1)?.child.exitCode).toBeNull();
    } finally {
      clearInterval(filling);
    }
    expect(await world.pins(lock)).toEqual(['4711']);

    // There is room: nothing was lost, and the same process goes on.
    disk.clear();
    await world.holds(lock, ['4711', '4713'], RECOVERED_WITHIN_MS);
    await until('it is told', RECOVERED_WITHIN_MS, () => told('hub.disk_recovered'));
    await world.event('access_code.removed_from_device', guest, RECOVERED_WITHIN_MS);
    expect(world.hubs).toHaveLength(2);
    expect(world.hubs.at(-1)?.child.exitCode).toBeNull();
    expect(world.backend.troubles).toEqual([]);
  },
  TEST_TIMEOUT_MS,
);

test(
  'a hub that starts on a full disk takes off what has ended',
  async () => {
    const { disk } = world;
    if (disk === undefined) throw new Error('no disk');
    const guest = code('guest', '4712', STAY_MS);
    await world.desire(lock, [guest]);
    await world.holds(lock, ['4712'], SET_WITHIN_MS);
    expect(await world.endHub()).toBe(0);
    disk.fill();
    await world.startHub();
    await world.holds(lock, [], STAY_MS + OFF_WITHIN_MS + SET_WITHIN_MS);
  },
  TEST_TIMEOUT_MS,
);
