import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { SimLock } from '../../drivers/sim/lock/lock.ts';
import type { HeldPin, Outcome } from '../../src/core/operation.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../src/core/time.ts';
import { lockOf, pinOf, startRigWithLocks, type Rig } from './zwave-rig.ts';

/** What a question takes on the simulated air, with room for a busy machine. */
const AIR_MS = 3 * SECOND_MS;

let rig: Rig;
let lock: SimLock;

beforeAll(async () => {
  rig = await startRigWithLocks();
  lock = lockOf(rig, 'uc-v2');
});

afterAll(async () => {
  await rig.stop();
  await rig.house.stop();
});

function held(slot: number, digits: string, enabled = true): HeldPin {
  return { slot, pin: pinOf(digits), enabled };
}

function compare(codes: readonly HeldPin[]): Promise<Outcome> {
  return rig.execute(lock, { kind: 'compare_checksum', held: codes });
}

const yes = { kind: 'done', proof: 'checksum', matches: true };
const no = { kind: 'done', proof: 'checksum', matches: false };

async function aheadMs(of: SimLock): Promise<number> {
  const outcome = await rig.execute(of, { kind: 'read_clock' });
  expect(outcome).toMatchObject({ kind: 'done', proof: 'read_back' });
  return (outcome.kind === 'done' && outcome.clockAheadMs) || 0;
}

describe('the checksum of all codes', () => {
  it('matches an empty lock', async () => {
    expect(await compare([])).toEqual(yes);
    expect(await compare([held(2, '0202')])).toEqual(no);
  });

  it('tells a foreign code, another PIN, another slot and another status from what should be there', async () => {
    await rig.execute(lock, { kind: 'set_pin', slot: 2, pin: pinOf('0202'), enabled: true });
    await rig.execute(lock, { kind: 'set_pin', slot: 41, pin: pinOf('98765432'), enabled: false });
    const ours = [held(2, '0202'), held(41, '98765432', false)];
    expect(await compare(ours)).toEqual(yes);
    expect(await compare([held(2, '0203'), held(41, '98765432', false)])).toEqual(no);
    expect(await compare([held(3, '0202'), held(41, '98765432', false)])).toEqual(no);
    expect(await compare([held(2, '0202'), held(41, '98765432')])).toEqual(no);
    expect(await compare([held(2, '0202')])).toEqual(no);
    lock.codes.set(30, '3030', 'enabled');
    expect(await compare(ours)).toEqual(no);
    expect(await compare([held(2, '0202'), held(30, '3030'), held(41, '98765432', false)])).toEqual(yes);
    for (const slot of [2, 30, 41]) lock.codes.clear(slot);
  });

  it('costs two frames', async () => {
    await compare([]);
    const { received, sent } = lock.frames;
    await compare([]);
    expect(lock.frames.received + lock.frames.sent - received - sent).toBe(2);
  });
});

describe('the clock of a lock', () => {
  afterEach(() => {
    lock.clock.setOffsetMs(0);
    lockOf(rig, 'u3c').clock.setOffsetMs(0);
  });

  it.each([0, 45 * SECOND_MS, -45 * SECOND_MS, 7 * MINUTE_MS, -3 * DAY_MS, 400 * DAY_MS])(
    'is told with its sign when it is %i ms ahead',
    async (offsetMs) => {
      await rig.execute(lock, { kind: 'set_clock' });
      lock.clock.setOffsetMs(offsetMs);
      expect(Math.abs((await aheadMs(lock)) - offsetMs)).toBeLessThan(AIR_MS);
    },
  );

  it('is wrong when the lock has forgotten its zone', async () => {
    await rig.execute(lock, { kind: 'set_clock' });
    const { zone } = lock.clock;
    const minutes = lock.clock.utcOffsetMinutes() - 90;
    lock.clock.zone = { standardMinutes: minutes, dstMinutes: minutes, dst: null };
    const offMs = await aheadMs(lock);
    lock.clock.zone = zone;
    expect(Math.abs(offMs + 90 * MINUTE_MS)).toBeLessThan(AIR_MS);
  });

  it('that tells only minutes is right within its minute, and no further off than that shows', async () => {
    const office = lockOf(rig, 'u3c');
    await rig.execute(office, { kind: 'set_clock' });
    office.clock.setOffsetMs(0);
    expect(await aheadMs(office)).toBe(0);
    for (const offsetMs of [10 * MINUTE_MS, -10 * MINUTE_MS, 5 * HOUR_MS]) {
      office.clock.setOffsetMs(offsetMs);
      const shownMs = await aheadMs(office);
      expect(Math.abs(shownMs - offsetMs)).toBeLessThan(MINUTE_MS + AIR_MS);
      expect(Math.abs(shownMs)).toBeLessThanOrEqual(Math.abs(offsetMs) + AIR_MS);
    }
  });

  it('is asked by radio each time, and not where there is none', async () => {
    lock.fault = { kind: 'no_answer' };
    expect(await rig.execute(lock, { kind: 'read_clock' })).toMatchObject({ kind: 'unknown' });
    lock.fault = { kind: 'none' };
    expect(await rig.execute(lockOf(rig, 'uc-v1'), { kind: 'read_clock' })).toMatchObject({
      kind: 'refused',
      reason: 'unsupported',
    });
  });
});
