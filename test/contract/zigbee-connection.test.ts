import { afterAll, beforeAll, expect, it } from 'vitest';
import type { House } from '../../drivers/sim/house.ts';
import type { SimLock } from '../../drivers/sim/lock/lock.ts';
import { SUBSYSTEM } from '../../drivers/sim/zigbee/unpi.ts';
import { FastClock } from '../support/fast-clock.ts';
import { ZigbeeLine } from './zigbee-line.ts';
import { letIn, startZigbeeHouse, startZigbeeRig, zigbeeLock, type ZigbeeRig } from './zigbee-rig.ts';
import { eventually, heldBy, pinOf } from './zwave-rig.ts';

const TEST_MS = 40_000;
const DATA_REQUEST = 0x01;
/** After 0.5, 1, 2, 4 and 8 s, and then every 10 s. */
const ATTEMPTS = 8;
const ATTEMPTS_MS = 45_000;

const write = { kind: 'set_pin', slot: 2, pin: pinOf('2468'), enabled: true } as const;

/** The hub's clock runs so much faster than the world, for nobody waits 40 s for a stick that hangs. */
const FASTER = 40;

let house: House;
let line: ZigbeeLine;
let rig: ZigbeeRig;
let lock: SimLock;

beforeAll(async () => {
  house = await startZigbeeHouse(['dl-plain']);
  line = new ZigbeeLine(house.zigbee ?? '');
  const port = await line.plug();
  const first = await startZigbeeRig(house, {}, { port });
  lock = zigbeeLock(first, 'dl-plain');
  await letIn(first, lock);
  await first.stop();
  rig = await startZigbeeRig(house, first, { port, clock: new FastClock(FASTER) });
  await eventually(() => rig.told(lock, 'found').length > 0, 'the lock is met');
}, TEST_MS);

afterAll(async () => {
  await rig.stop();
  line.pull();
  await house.stop();
});

/** The stick is there again, and so is the lock. */
async function back(found: number): Promise<void> {
  await line.plug();
  await eventually(() => rig.states.at(-1) === 'ready', 'the stick is used again', 30_000);
  await eventually(() => rig.told(lock, 'found').length > found, 'the lock is met again');
}

it(
  'a stick that is pulled while a lock is written to and plugged in again is used again, and nothing is believed wrongly',
  async () => {
    const found = rig.told(lock, 'found').length;
    line.pass = (frame, from) => {
      const isWrite = from === 'host' && frame.subsystem === SUBSYSTEM.af && frame.command === DATA_REQUEST;
      if (isWrite) setImmediate(() => line.pull());
      return [frame];
    };
    expect((await rig.execute(lock, write)).kind).toBe('unknown');
    await eventually(() => rig.states.at(-1) === 'down', 'the loss is told');
    expect((await rig.execute(lock, write)).kind).toBe('radio_down');
    expect(await rig.driver.ping(`device-${lock.ieee}`)).toBe(false);
    expect(rig.driver.network()).toBeNull();
    await back(found);
    expect(await rig.execute(lock, write)).toMatchObject({ kind: 'done', proof: 'read_back' });
    expect(heldBy(lock, 2)).toBe('2468');
    expect(lock.membership.joined).toBe(true);
  },
  TEST_MS,
);

it(
  'a line that is open and dead is found and opened anew',
  async () => {
    const found = rig.told(lock, 'found').length;
    line.die();
    await eventually(() => rig.states.at(-1) === 'down', 'the dead line is found');
    await back(found);
    expect(await rig.execute(lock, { kind: 'clear_slot', slot: 2 })).toMatchObject({ kind: 'done' });
    expect(heldBy(lock, 2)).toBeUndefined();
  },
  TEST_MS,
);

it(
  'a stick that stays away is tried again, ever more rarely up to each 10 s',
  async () => {
    const losses = rig.states.filter((state) => state === 'down').length;
    line.pull();
    await eventually(() => rig.states.at(-1) === 'down', 'the loss is told');
    const attempts = (): number => rig.logged().split('the radio did not start').length - 1;
    const [before, from] = [attempts(), performance.now()];
    await eventually(() => attempts() >= before + ATTEMPTS, 'it is tried again');
    expect((performance.now() - from) * FASTER).toBeGreaterThan(ATTEMPTS_MS);
    expect(rig.states.filter((state) => state === 'down')).toHaveLength(losses + 1);
  },
  TEST_MS,
);
