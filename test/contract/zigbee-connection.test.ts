import { expect, it, onTestFinished } from 'vitest';
import type { House } from '../../drivers/sim/house.ts';
import { SUBSYSTEM } from '../../drivers/sim/zigbee/unpi.ts';
import { FastClock } from '../support/fast-clock.ts';
import { ZigbeeLine } from './zigbee-line.ts';
import { letIn, startZigbeeHouse, startZigbeeRig, zigbeeLock, type ZigbeeRig } from './zigbee-rig.ts';
import { eventually, heldBy, pinOf } from './zwave-rig.ts';

const TEST_MS = 40_000;
const DATA_REQUEST = 0x01;
/** Attempts of a hub in 60 s: 0.5, 1, 2, 4 and 8 s apart, then each 10 s; and a few that were under way. */
const ATTEMPTS_A_MINUTE_MAX = 14;

const write = { kind: 'set_pin', slot: 2, pin: pinOf('2468'), enabled: true } as const;

interface Wired {
  readonly house: House;
  readonly line: ZigbeeLine;
  readonly rig: ZigbeeRig;
}

/** A driver in front of a house with one lock, with a cable in between. */
async function wired(factor = 1): Promise<Wired> {
  const house = await startZigbeeHouse(['dl-plain']);
  const line = new ZigbeeLine(house.zigbee ?? '');
  const rig = await startZigbeeRig(house, {}, { port: await line.open(), clock: new FastClock(factor) });
  onTestFinished(async () => {
    await rig.stop();
    await line.close();
    await house.stop();
  });
  await letIn(rig, zigbeeLock(rig, 'dl-plain'));
  return { house, line, rig };
}

it(
  'a stick that is pulled while a lock is written to and plugged in again is used again, and nothing is believed wrongly',
  async () => {
    const { line, rig } = await wired();
    const lock = zigbeeLock(rig, 'dl-plain');
    line.pass = (frame, from) => {
      const isWrite = from === 'host' && frame.subsystem === SUBSYSTEM.af && frame.command === DATA_REQUEST;
      if (isWrite) setImmediate(() => line.cut());
      return [frame];
    };
    expect((await rig.execute(lock, write)).kind).toBe('unknown');
    await eventually(() => rig.states.at(-1) === 'down', 'the loss is told');
    expect((await rig.execute(lock, write)).kind).toBe('radio_down');
    expect(await rig.driver.ping(`device-${lock.ieee}`)).toBe(false);
    expect(rig.driver.network()).toBeNull();
    line.mend();
    await eventually(() => rig.states.at(-1) === 'ready', 'the stick is used again', 20_000);
    await eventually(() => rig.told(lock, 'found').length > 1, 'the lock is met again');
    expect(await rig.execute(lock, write)).toMatchObject({ kind: 'done', proof: 'read_back' });
    expect(heldBy(lock, 2)).toBe('2468');
    expect(lock.membership.joined).toBe(true);
  },
  TEST_MS,
);

it(
  'a line that is open and dead is found and opened anew',
  async () => {
    const { line, rig } = await wired(40);
    const lock = zigbeeLock(rig, 'dl-plain');
    line.die();
    await eventually(() => rig.states.at(-1) === 'down', 'the dead line is found');
    line.mend();
    await eventually(() => rig.states.at(-1) === 'ready', 'the stick is used again', 30_000);
    await eventually(() => rig.told(lock, 'found').length > 1, 'the lock is met again');
    expect(await rig.execute(lock, write)).toMatchObject({ kind: 'done' });
    expect(heldBy(lock, 2)).toBe('2468');
  },
  TEST_MS,
);

it(
  'a stick that stays away is tried again, ever more rarely up to each 10 s',
  async () => {
    const factor = 60;
    const { line, rig } = await wired(factor);
    line.cut();
    await eventually(() => rig.states.at(-1) === 'down', 'the loss is told');
    const before = line.attempts;
    const from = performance.now();
    await eventually(() => line.attempts >= before + 6, 'it is tried again');
    const minutes = ((performance.now() - from) * factor) / 60_000;
    expect(line.attempts - before).toBeLessThanOrEqual(ATTEMPTS_A_MINUTE_MAX * Math.ceil(minutes));
    expect(rig.states.filter((state) => state === 'down')).toHaveLength(1);
  },
  TEST_MS,
);
