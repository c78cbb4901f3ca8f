import { expect, it } from 'vitest';
import type { Schedule } from '../../../../src/core/slot.ts';
import { pinOf } from '../../zwave-rig.ts';
import { houseSlot } from '../face.ts';
import type { Standing } from '../standing.ts';

const WINDOW = { start: '2030-07-01T15:30', stop: '2030-07-03T11:00' };
const OUTSIDE = ['2030-07-01T15:29:59', '2030-07-03T11:00:00', '2031-07-02T12:00:00'];
/** The last minute may be cut off, and never a moment more be given. */
const INSIDE = ['2030-07-01T15:30:00', '2030-07-02T12:00:00', '2030-07-03T10:58:59'];
const WEEK = {
  weekDays: [
    { day: 'monday', start: '08:00', stop: '12:00' },
    { day: 'monday', start: '13:00', stop: '17:30' },
    { day: 'saturday', start: '00:00', stop: '24:00' },
  ],
} as const;
/** 1 July 2030 is a Monday. */
const IN_THE_WEEK = ['2030-07-01T08:00:00', '2030-07-01T17:29:59', '2030-07-06T23:58:59'];
const OFF_THE_WEEK = ['2030-07-01T07:59:59', '2030-07-01T12:00:00', '2030-07-02T09:00:00'];
const PIN = '97531';
const EMPTY = { kind: 'empty' };

/** Windows that a lock keeps by its own clock. */
export function promiseSchedules(model: string, rig: Standing): void {
  const lock = () => rig().lock(model);

  const keepsThem = () => rig().capabilities(lock()).nativeScheduling !== null;
  const give = (slot: number, window: Schedule) =>
    rig().insist(lock(), { kind: 'set_schedule', slot, window });
  const set = (slot: number, enabled = true) =>
    rig().insist(lock(), rig().setPin(lock(), slot, PIN, enabled));
  const clear = (slot: number) => rig().insist(lock(), { kind: 'clear_slot', slot });
  const free = (slot: number) => rig().insist(lock(), { kind: 'clear_schedule', slot });
  const read = (slot: number) => rig().execute(lock(), { kind: 'read_slot', slot });
  const opensAt = (slot: number, times: readonly string[]) =>
    times.filter((time) => lock().codes.opensAt(houseSlot(lock(), slot), time));
  const expectWindow = (slot: number): void => {
    expect(opensAt(slot, INSIDE)).toEqual(INSIDE);
    expect(opensAt(slot, OUTSIDE)).toEqual([]);
  };
  const done = { kind: 'done' };

  it('that is there before its code holds from the first moment, is read back, and goes with it', async () => {
    if (!keepsThem()) return;
    expect(await give(8, WINDOW)).toMatchObject(done);
    expect(await read(8)).toMatchObject({ reading: { content: EMPTY, schedule: WINDOW } });
    expect(await set(8)).toMatchObject(done);
    expectWindow(8);
    const content = { kind: 'pin', pin: pinOf(rig().digitsFor(lock(), PIN)), enabled: true };
    expect(await read(8)).toMatchObject({ reading: { content, schedule: WINDOW } });
    expect(await set(8)).toMatchObject(done);
    expectWindow(8);
    expect(await clear(8)).toMatchObject(done);
    expect(lock().codes.slotsInUse()).toEqual([]);
    expect(await read(8)).toMatchObject({ reading: { content: EMPTY, schedule: null } });
    expect(await set(8)).toMatchObject(done);
    expect(opensAt(8, OUTSIDE)).toEqual(OUTSIDE);
    await clear(8);
  });

  it('that comes after its code, and that of a disabled one, hold too', async () => {
    if (!keepsThem()) return;
    expect(await set(8)).toMatchObject(done);
    expect(await give(8, WINDOW)).toMatchObject(done);
    expectWindow(8);
    expect(await read(8)).toMatchObject({ reading: { schedule: WINDOW } });
    await clear(8);
    if (!rig().capabilities(lock()).disabledCodes) return;
    await give(8, WINDOW);
    expect(await set(8, false)).toMatchObject(done);
    expect(opensAt(8, [...INSIDE, ...OUTSIDE])).toEqual([]);
    expect(await set(8)).toMatchObject(done);
    expectWindow(8);
    await clear(8);
  });

  it('is taken off, and its code opens at any time', async () => {
    if (!keepsThem()) return;
    await give(8, WINDOW);
    await set(8);
    expect(await free(8)).toMatchObject(done);
    expect(opensAt(8, [...INSIDE, ...OUTSIDE])).toHaveLength(INSIDE.length + OUTSIDE.length);
    expect(await read(8)).toMatchObject({ reading: { content: { kind: 'pin' }, schedule: null } });
    await clear(8);
    await give(8, WINDOW);
    expect(await free(8)).toMatchObject(done);
    expect(lock().codes.slotsInUse()).toEqual([]);
    expect(await read(8)).toMatchObject({ reading: { content: EMPTY, schedule: null } });
  });

  it('of a week is kept, reads back as asked, and gives way to another one', async () => {
    if (rig().capabilities(lock()).weekDaySchedules === 0) return;
    expect(await give(9, WEEK)).toMatchObject(done);
    expect(await set(9)).toMatchObject(done);
    expect(opensAt(9, IN_THE_WEEK)).toEqual(IN_THE_WEEK);
    expect(opensAt(9, OFF_THE_WEEK)).toEqual([]);
    expect(await read(9)).toMatchObject({ reading: { content: { kind: 'pin' }, schedule: WEEK } });
    expect(await give(9, WINDOW)).toMatchObject(done);
    expectWindow(9);
    expect(await read(9)).toMatchObject({ reading: { schedule: WINDOW } });
    const shorter = { weekDays: WEEK.weekDays.slice(0, 1) };
    expect(await give(9, WEEK)).toMatchObject(done);
    expect(await give(9, shorter)).toMatchObject(done);
    expect(await read(9)).toMatchObject({ reading: { schedule: shorter } });
    expect(opensAt(9, IN_THE_WEEK)).toEqual(IN_THE_WEEK.slice(0, 1));
    expect(await clear(9)).toMatchObject(done);
    expect(lock().codes.slotsInUse()).toEqual([]);
  });

  it('of more parts than the lock has places is refused, and nothing of it sent', async () => {
    const { weekDaySchedules } = rig().capabilities(lock());
    if (weekDaySchedules === 0) return;
    const { received } = lock().frames;
    const weekDays = Array.from({ length: weekDaySchedules + 1 }, (_, hour) => ({
      day: 'sunday' as const,
      start: `${String(hour).padStart(2, '0')}:00`,
      stop: `${String(hour).padStart(2, '0')}:30`,
    }));
    expect(await give(9, { weekDays })).toMatchObject({ kind: 'refused', reason: 'unsupported' });
    expect(lock().frames.received).toBe(received);
  });
}
