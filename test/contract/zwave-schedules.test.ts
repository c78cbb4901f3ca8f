import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Operation, Outcome } from '../../src/core/operation.ts';
import { WEEK_DAYS, type Schedule } from '../../src/core/slot.ts';
import type { SimLock } from '../../drivers/sim/lock/lock.ts';
import { heldBy, lockOf, pinOf, startRigWithLocks, type Rig } from './zwave-rig.ts';

const WINDOW = { start: '2026-12-24T15:30', stop: '2026-12-27T11:00' };
const SITE = 'America/New_York';
const CLOCK_TOLERANCE_SECONDS = 5;

const zoneBefore = process.env['TZ'];
let rig: Rig;
let lock: SimLock;

beforeAll(async () => {
  // As the composition root does: locks get the zone of the process.
  process.env['TZ'] = SITE;
  rig = await startRigWithLocks();
  lock = lockOf(rig, 'uc-v2');
});

afterAll(async () => {
  await rig.stop();
  await rig.house.stop();
  if (zoneBefore === undefined) delete process.env['TZ'];
  else process.env['TZ'] = zoneBefore;
});

function give(slot: number, window: Schedule): Promise<Outcome> {
  return rig.execute(lock, { kind: 'set_schedule', slot, window });
}

/** The first so many days of a week, all day long but for the night. */
function week(days: number): Schedule {
  return { weekDays: WEEK_DAYS.slice(0, days).map((day) => ({ day, start: '08:00', stop: '17:00' })) };
}

/** Frames in both directions that an operation takes. */
async function cost(operation: Operation): Promise<number> {
  const before = lock.frames.received + lock.frames.sent;
  expect(await rig.execute(lock, operation)).toMatchObject({ kind: 'done' });
  return lock.frames.received + lock.frames.sent - before;
}

it('leaves the window on a code that the lock confirmed to erase and did not', async () => {
  await rig.execute(lock, { kind: 'set_schedule', slot: 6, window: WINDOW });
  await rig.execute(lock, { kind: 'set_pin', slot: 6, pin: pinOf('6667'), enabled: true });
  lock.fault = { kind: 'drops_writes' };
  expect(await rig.execute(lock, { kind: 'clear_slot', slot: 6 })).toMatchObject({ kind: 'unknown' });
  lock.fault = { kind: 'none' };
  expect(lock.codes.schedule(6)).toMatchObject({ ...WINDOW, enabled: true });
  expect(lock.codes.opensAt(6, '2026-12-28T12:00:00')).toBe(false);
  expect(await rig.execute(lock, { kind: 'clear_slot', slot: 6 })).toMatchObject({ proof: 'read_back' });
  expect(heldBy(lock, 6)).toBeUndefined();
});

it('passes on a window within the hour that the process does not have', async () => {
  const night = { start: '2026-03-08T02:15', stop: '2026-03-08T02:45' };
  const set = await rig.execute(lock, { kind: 'set_schedule', slot: 5, window: night });
  expect(set).toEqual({ kind: 'done', proof: 'read_back' });
  expect(lock.codes.schedule(5)).toMatchObject(night);
});

describe('a week', () => {
  const WEEK = {
    weekDays: [
      { day: 'monday', start: '08:00', stop: '12:00' },
      { day: 'monday', start: '13:00', stop: '17:30' },
      { day: 'saturday', start: '00:00', stop: '24:00' },
    ],
  } as const;
  const SHORT_WEEK = { weekDays: [{ day: 'friday', start: '10:00', stop: '11:00' }] } as const;
  const proven = { kind: 'done', proof: 'read_back' };

  it('is put on the lock day by day, reads back as asked, and is enforced', async () => {
    expect(await give(11, WEEK)).toEqual(proven);
    expect(lock.codes.weekDays(11)).toEqual([
      { entry: 1, day: 'monday', start: '08:00', stop: '12:00', enabled: true },
      { entry: 2, day: 'monday', start: '13:00', stop: '17:30', enabled: true },
      { entry: 3, day: 'saturday', start: '00:00', stop: '23:59', enabled: true },
    ]);
    await rig.execute(lock, { kind: 'set_pin', slot: 11, pin: pinOf('1199'), enabled: true });
    const read = await rig.execute(lock, { kind: 'read_slot', slot: 11 });
    expect(read).toMatchObject({ reading: { content: { kind: 'pin' }, schedule: WEEK } });
    expect(lock.codes.opensAt(11, '2026-11-23T07:59:59')).toBe(false);
    expect(lock.codes.opensAt(11, '2026-11-23T08:00:00')).toBe(true);
    expect(lock.codes.opensAt(11, '2026-11-23T12:00:00')).toBe(false);
    expect(lock.codes.opensAt(11, '2026-11-23T17:29:59')).toBe(true);
    expect(lock.codes.opensAt(11, '2026-11-24T08:00:00')).toBe(false);
    expect(lock.codes.opensAt(11, '2026-11-28T23:58:59')).toBe(true);
    expect(await rig.execute(lock, { kind: 'clear_slot', slot: 11 })).toMatchObject({ kind: 'done' });
    expect(lock.codes.slotsInUse()).not.toContain(11);
  });

  it('takes the place of a longer week, of a window, and gives way to one', async () => {
    expect(await give(12, WEEK)).toEqual(proven);
    expect(await give(12, SHORT_WEEK)).toEqual(proven);
    expect(lock.codes.weekDays(12)).toHaveLength(1);
    expect(await give(12, WINDOW)).toEqual(proven);
    expect(lock.codes.weekDays(12)).toEqual([]);
    expect(lock.codes.schedule(12)).toMatchObject({ ...WINDOW, enabled: true });
    expect(await give(12, SHORT_WEEK)).toEqual(proven);
    expect(lock.codes.schedule(12)).toBeUndefined();
    expect(lock.codes.weekDays(12)).toMatchObject([{ ...SHORT_WEEK.weekDays[0], enabled: true }]);
    expect(await rig.execute(lock, { kind: 'clear_schedule', slot: 12 })).toEqual(proven);
    expect(lock.codes.slotsInUse()).not.toContain(12);
  });

  it('that has become mixed up with a window is no schedule that anybody wants', async () => {
    await give(13, SHORT_WEEK);
    lock.codes.setSchedule(13, WINDOW);
    const read = await rig.execute(lock, { kind: 'read_slot', slot: 13 });
    expect(read).toMatchObject({ reading: { schedule: { weekDays: [] } } });
    expect(await give(13, SHORT_WEEK)).toEqual(proven);
    expect(lock.codes.schedule(13)).toBeUndefined();
    await rig.execute(lock, { kind: 'clear_slot', slot: 13 });
  });
});

it('costs the frames that the drivers page says', async () => {
  const slot = 15;
  await rig.execute(lock, { kind: 'read_slot', slot });
  expect(await cost({ kind: 'read_slot', slot })).toBe(6);
  expect(await cost({ kind: 'set_schedule', slot, window: WINDOW })).toBe(6);
  expect(await cost({ kind: 'read_slot', slot })).toBe(6);
  expect(await cost({ kind: 'clear_schedule', slot })).toBe(12);
  expect(await cost({ kind: 'set_schedule', slot, window: week(5) })).toBe(24);
  expect(await cost({ kind: 'read_slot', slot })).toBe(16);
  expect(await cost({ kind: 'set_schedule', slot, window: WINDOW })).toBe(30);
});

it('says no where the lock keeps another window than it was given', async () => {
  const keep = lock.codes.setSchedule.bind(lock.codes);
  lock.codes.setSchedule = (slot, window) => keep(slot, window && { ...window, stop: '2099-12-31T23:59' });
  const outcome = await rig.execute(lock, { kind: 'set_schedule', slot: 6, window: WINDOW });
  lock.codes.setSchedule = keep;
  expect(outcome).toMatchObject({ kind: 'refused', reason: 'unsupported' });
});

// In November one of them has winter and the other summer time; in June it is the other way round.
it.each(['America/New_York', 'Australia/Sydney'])('gives the lock the wall time of %s', async (zone) => {
  process.env['TZ'] = zone;
  lock.clock.setOffsetMs(86_400_000);
  lock.clock.zone = { standardMinutes: 0, dstMinutes: 0, dst: null };
  const outcome = await rig.execute(lock, { kind: 'set_clock' });
  expect(outcome).toEqual({ kind: 'done', proof: 'read_back' });
  const apartMs = Date.parse(`${lock.clock.local()}Z`) - Date.parse(`${wallTimeIn(zone)}Z`);
  expect(Math.abs(apartMs) / 1000).toBeLessThan(CLOCK_TOLERANCE_SECONDS);
  process.env['TZ'] = SITE;
});

/** `YYYY-MM-DDTHH:mm:ss` now, by the zone's own rules and not by the process's. */
function wallTimeIn(zone: string): string {
  const style = { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' } as const;
  return new Intl.DateTimeFormat('sv-SE', style).format(new Date()).replace(' ', 'T');
}

it('sets the clock of a lock that knows only weekday and minute', async () => {
  const office = lockOf(rig, 'u3c');
  office.clock.setOffsetMs(3 * 3_600_000);
  expect(await rig.execute(office, { kind: 'set_clock' })).toEqual({ kind: 'done', proof: 'read_back' });
});
