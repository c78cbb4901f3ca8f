import { describe, expect, it } from 'vitest';
import type { Operation, Outcome } from '../../src/core/operation.ts';
import type { Schedule } from '../../src/core/slot.ts';
import { HOUR_MS, MINUTE_MS } from '../../src/core/time.ts';
import { faulty, pin, set, started } from './sim-direct-rig.ts';

const arm = (slot: number, digits: string): Operation =>
  ({ ...set(slot, digits), enabled: false }) as Operation;

function shown(slot: number, digits: string, enabled: boolean) {
  return {
    kind: 'done',
    proof: 'read_back',
    reading: { slot, content: { kind: 'pin', pin: pin(digits), enabled } },
  };
}

describe('a disabled code', () => {
  it.each(['uc-v2', 'u3c'] as const)('%s holds it until it is written enabled', async (model) => {
    const rig = await started();
    expect(await rig.execute(model, arm(3, '0042'))).toMatchObject(shown(3, '0042', false));
    expect(rig.lock(model).typePin('0042').opened).toBe(false);
    expect(await rig.execute(model, set(3, '0042'))).toMatchObject({ kind: 'done' });
    expect(rig.lock(model).typePin('0042').opened).toBe(true);
    expect(await rig.execute(model, arm(3, '0043'))).toMatchObject(shown(3, '0043', false));
    expect(rig.lock(model).typePin('0043').opened).toBe(false);
  });

  it.each(['uc-v2', 'u3c'] as const)('%s shows when it was enabled all the same', async (model) => {
    const rig = await faulty(model, { kind: 'refuses_disabled' });
    expect(await rig.execute(model, arm(3, '0042'))).toMatchObject(shown(3, '0042', true));
  });

  it.each(['uc-v1', 'uc-v1-masked'] as const)('%s is given none', async (model) => {
    const rig = await started();
    expect(await rig.execute(model, arm(3, '0042'))).toMatchObject({
      kind: 'refused',
      reason: 'unsupported',
    });
    expect(rig.lock(model).writes.size).toBe(0);
  });
});

describe('a question', () => {
  it('about the clock is answered with the sign of the difference', async () => {
    const rig = await started();
    await rig.execute('uc-v2', { kind: 'set_clock' });
    for (const offsetMs of [0, 45_000, -45_000, 30 * HOUR_MS]) {
      rig.lock('uc-v2').clock.setOffsetMs(offsetMs);
      const outcome = await rig.execute('uc-v2', { kind: 'read_clock' });
      const aheadMs = (outcome.kind === 'done' && outcome.clockAheadMs) || 0;
      expect(Math.abs(aheadMs - offsetMs)).toBeLessThanOrEqual(1_000);
    }
    expect(await rig.execute('uc-v1', { kind: 'read_clock' })).toMatchObject({ reason: 'unsupported' });
  });

  it('about a clock that shows minutes is answered with the least that explains the minute', async () => {
    const rig = await started();
    await rig.execute('u3c', { kind: 'set_clock' });
    expect(await rig.execute('u3c', { kind: 'read_clock' })).toMatchObject({ clockAheadMs: 0 });
    const rightMs = rig.lock('u3c').clock.offsetMs;
    for (const offsetMs of [10 * MINUTE_MS, -10 * MINUTE_MS]) {
      rig.lock('u3c').clock.setOffsetMs(rightMs + offsetMs);
      const outcome = await rig.execute('u3c', { kind: 'read_clock' });
      const aheadMs = (outcome.kind === 'done' && outcome.clockAheadMs) || 0;
      expect(Math.abs(aheadMs - offsetMs)).toBeLessThanOrEqual(MINUTE_MS);
      expect(Math.sign(aheadMs)).toBe(Math.sign(offsetMs));
      expect(Math.abs(aheadMs)).toBeLessThanOrEqual(Math.abs(offsetMs));
    }
  });

  it('about the checksum tells whether the lock holds just that', async () => {
    const rig = await started();
    await rig.execute('uc-v2', set(3, '0042'));
    const held = [{ slot: 3, pin: pin('0042'), enabled: true }];
    expect(await rig.execute('uc-v2', { kind: 'compare_checksum', held })).toEqual({
      kind: 'done',
      proof: 'checksum',
      matches: true,
    });
    rig.lock('uc-v2').programPin(9, '4711');
    expect(await rig.execute('uc-v2', { kind: 'compare_checksum', held })).toMatchObject({ matches: false });
    expect(await rig.execute('u3c', { kind: 'compare_checksum', held })).toMatchObject({
      reason: 'unsupported',
    });
  });

  it('that is not answered says that the lock is there', async () => {
    const rig = await faulty('uc-v2', { kind: 'no_answer' });
    expect(await rig.execute('uc-v2', { kind: 'read_slot', slot: 3 })).toMatchObject({ kind: 'unknown' });
    expect(rig.bodies).not.toContainEqual({ kind: 'offline' });
  });
});

describe('a week', () => {
  const window = { start: '2026-11-22T13:00', stop: '2026-11-22T14:00' };
  const week = {
    weekDays: [
      { day: 'sunday', start: '08:00', stop: '12:00' },
      { day: 'friday', start: '20:00', stop: '24:00' },
    ],
  } as const;

  it('is written, read back as asked, and gives way to a window and back', async () => {
    const rig = await started();
    const give = (schedule: Schedule): Promise<Outcome> =>
      rig.execute('uc-v2', { kind: 'set_schedule', slot: 3, window: schedule });
    const read = (): Promise<Outcome> => rig.execute('uc-v2', { kind: 'read_slot', slot: 3 });
    for (const schedule of [week, window, week, { weekDays: week.weekDays.slice(1) }, window]) {
      expect(await give(schedule)).toEqual({ kind: 'done', proof: 'read_back' });
      expect(await read()).toMatchObject({ reading: { schedule } });
    }
    await give(week);
    expect(rig.lock('uc-v2').codes.weekDays(3)[1]?.stop).toBe('23:59');
    expect(await rig.execute('uc-v2', { kind: 'clear_schedule', slot: 3 })).toMatchObject({ kind: 'done' });
    expect(rig.lock('uc-v2').codes.slotsInUse()).toEqual([]);
    await give(week);
    await rig.execute('uc-v2', { kind: 'clear_slot', slot: 3 });
    expect(rig.lock('uc-v2').codes.slotsInUse()).toEqual([]);
  });

  it('of more windows than the lock has places is refused', async () => {
    const rig = await started();
    const weekDays = Array.from({ length: 8 }, (_, hour) => ({
      day: 'sunday' as const,
      start: `0${hour}:00`,
      stop: `0${hour}:30`,
    }));
    expect(await rig.execute('uc-v2', { kind: 'set_schedule', slot: 3, window: { weekDays } })).toMatchObject(
      { kind: 'refused', reason: 'unsupported' },
    );
  });
});

describe('a lock with the keys of somebody else', () => {
  it('is there and does nothing, and that is told until it understands again', async () => {
    const rig = await faulty('uc-v2', { kind: 'foreign_keys' });
    expect(await rig.execute('uc-v2', set(3, '0042'))).toMatchObject({ kind: 'unreachable' });
    expect(await rig.run(rig.driver.ping(`device-${rig.lock('uc-v2').address}`))).toBe(true);
    expect(rig.lock('uc-v2').writes.size).toBe(0);
    rig.lock('uc-v2').fault = { kind: 'none' };
    await rig.execute('uc-v2', set(3, '0042'));
    await rig.execute('uc-v2', set(3, '0042'));
    const told = rig.bodies.filter((body) => body.kind === 'credentials');
    expect(told).toContainEqual({ kind: 'credentials', missing: true });
    expect(told.at(-1)).toEqual({ kind: 'credentials', missing: false });
  });
});
