import { beforeEach, describe, expect, it } from 'vitest';
import { SimLock, type LockReport } from '../../drivers/sim/lock/lock.ts';
import { crc16 } from '../../drivers/sim/lock/checksum.ts';
import { LOCK_MODELS, type ModelName } from '../../drivers/sim/lock/model.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../src/core/time.ts';

const NOON = Date.UTC(2026, 10, 22, 12);
let now = NOON;
let reports: LockReport[] = [];

function lockOf(model: ModelName, driftPpm = 0): SimLock {
  const lock = new SimLock({
    id: 'door',
    model: LOCK_MODELS[model],
    address: 2,
    now: () => now,
    driftPpm,
    adminPin: '99990000',
  });
  lock.onReport((report) => reports.push(report));
  return lock;
}

beforeEach(() => {
  now = NOON;
  reports = [];
});

function opensAt(lock: SimLock, at: number): boolean {
  now = at;
  return lock.typePin('1234').opened;
}

describe('a code with a schedule', () => {
  const window = { start: '2026-11-22T13:00', stop: '2026-11-22T14:00' };

  function scheduled(): SimLock {
    const lock = lockOf('uc-v2');
    expect(lock.radioSetSchedule(7, window)).toBeUndefined();
    expect(lock.radioSetPin(7, '1234')).toBeUndefined();
    return lock;
  }

  it('opens from its first minute and no longer in its stop minute', () => {
    const lock = scheduled();
    expect(opensAt(lock, NOON + HOUR_MS - 1)).toBe(false);
    expect(opensAt(lock, NOON + HOUR_MS)).toBe(true);
    expect(opensAt(lock, NOON + 2 * HOUR_MS - 1)).toBe(true);
    expect(opensAt(lock, NOON + 2 * HOUR_MS)).toBe(false);
  });

  it('goes by the clock of the lock, however wrong', () => {
    const lock = scheduled();
    lock.clock.setOffsetMs(HOUR_MS);
    expect(opensAt(lock, NOON)).toBe(true);
    expect(opensAt(lock, NOON + HOUR_MS)).toBe(false);
  });

  it('goes by the zone that the lock was told', () => {
    const lock = scheduled();
    lock.clock.zone = { standardMinutes: -300, dstMinutes: -240, dst: null };
    expect(opensAt(lock, NOON + HOUR_MS)).toBe(false);
    expect(opensAt(lock, NOON + 6 * HOUR_MS)).toBe(true);
  });

  it('opens at any time while its schedule is switched off', () => {
    const lock = scheduled();
    lock.codes.enableSchedules(7, false);
    expect(opensAt(lock, NOON)).toBe(true);
    lock.codes.enableSchedules(null, true);
    expect(opensAt(lock, NOON)).toBe(false);
  });

  it('keeps its schedule when the code is erased', () => {
    const lock = scheduled();
    lock.radioClearPin(7);
    lock.radioSetPin(7, '1234');
    expect(opensAt(lock, NOON)).toBe(false);
    lock.radioSetSchedule(7, null);
    expect(opensAt(lock, NOON)).toBe(true);
  });

  it('is refused where the lock keeps none, or it ends before it starts', () => {
    expect(lockOf('uc-v1').radioSetSchedule(7, window)).toBe('unsupported');
    expect(lockOf('uc-v2').radioSetSchedule(7, { start: window.stop, stop: window.start })).toBe('refused');
  });
});

describe('a code with a week', () => {
  const monday = { day: 'monday', start: '08:00', stop: '12:00' } as const;
  const nextMonday = Date.UTC(2026, 10, 23);

  it('opens on its days within its hours, by the kind of schedule that was set last', () => {
    const lock = lockOf('uc-v2');
    lock.radioSetPin(7, '1234');
    expect(lock.radioSetWeekDay(7, 1, monday)).toBeUndefined();
    expect(opensAt(lock, NOON)).toBe(false);
    expect(opensAt(lock, nextMonday + 8 * HOUR_MS - 1)).toBe(false);
    expect(opensAt(lock, nextMonday + 8 * HOUR_MS)).toBe(true);
    expect(opensAt(lock, nextMonday + 12 * HOUR_MS)).toBe(false);
    lock.radioSetSchedule(7, { start: '2026-11-24T00:00', stop: '2026-11-25T00:00' });
    expect(opensAt(lock, nextMonday + 8 * HOUR_MS)).toBe(false);
    expect(opensAt(lock, nextMonday + DAY_MS)).toBe(true);
    expect(lock.codes.weekDays(7)).toEqual([{ ...monday, entry: 1, enabled: false }]);
    lock.radioSetWeekDay(7, 2, { day: 'tuesday', start: '20:00', stop: '21:00' });
    expect(opensAt(lock, nextMonday + DAY_MS)).toBe(false);
  });

  it('is refused beyond the places of the lock, and where it has none', () => {
    expect(lockOf('uc-v2').radioSetWeekDay(7, 8, monday)).toBe('unsupported');
    expect(lockOf('uc-v1').radioSetWeekDay(7, 1, monday)).toBe('unsupported');
    expect(lockOf('uc-v2').radioSetWeekDay(7, 1, { ...monday, stop: '08:00' })).toBe('refused');
  });
});

describe('the checksum', () => {
  it('is the one of the Z-Wave specification', () => {
    // The example of User Code Checksum Report: slot 1 in status 4 with 9277, slot 3 in status 1 with 88473.
    expect(crc16([...Buffer.from('000104393237370003013838343733', 'hex')])).toBe(0xeaad);
    expect(crc16([...Buffer.from('123456789')])).toBe(0xe5cc);
  });

  it('covers slot, status and digits of every code but the admin', () => {
    const lock = lockOf('uc-v2');
    expect(lock.codes.checksum()).toBe(0);
    lock.radioSetPin(40, '98765');
    lock.radioSetPin(2, '0042', 'disabled');
    const bytes = Buffer.concat([
      Buffer.from([0, 2, 2]),
      Buffer.from('0042'),
      Buffer.from([0, 40, 1]),
      Buffer.from('98765'),
    ]);
    expect(lock.codes.checksum()).toBe(crc16([...bytes]));
  });
});

describe('a lock that goes wrong', () => {
  it('shows a slot as it was for a while after a write', () => {
    const lock = lockOf('uc-v1');
    lock.radioSetPin(3, '1111');
    lock.fault = { kind: 'stale_reads', delayMs: 10 * SECOND_MS };
    lock.radioSetPin(3, '2222');
    expect(lock.codes.read(3)?.pin.reveal()).toBe('2222');
    expect(lock.shown(3)?.pin.reveal()).toBe('1111');
    lock.radioClearPin(3);
    expect(lock.shown(3)?.pin.reveal()).toBe('2222');
    now += 10 * SECOND_MS;
    expect(lock.shown(3)).toBeUndefined();
  });

  it('confirms writes and does not execute them', () => {
    const lock = lockOf('uc-v2');
    lock.radioSetPin(3, '1111');
    lock.fault = { kind: 'drops_writes' };
    expect(lock.radioSetPin(3, '2222')).toBeUndefined();
    expect(lock.radioClearPin(3)).toBeUndefined();
    expect(lock.radioSetSchedule(3, { start: '2026-11-22T13:00', stop: '2026-11-22T14:00' })).toBeUndefined();
    expect(lock.codes.read(3)?.pin.reveal()).toBe('1111');
    expect(lock.codes.schedule(3)).toBeUndefined();
    expect(lock.writes.get(3)).toBe(3);
  });

  it('puts back what it had also when its timer comes a moment early by the clock', () => {
    const timers: (() => void)[] = [];
    const lock = new SimLock({
      id: 'door',
      model: LOCK_MODELS['uc-v1'],
      address: 2,
      now: () => now,
      driftPpm: 0,
      adminPin: '99990000',
      later: (_delayMs, work) => timers.push(work),
    });
    lock.programPin(3, '1111');
    lock.fault = { kind: 'fights_back', delayMs: 10 * SECOND_MS };
    lock.radioSetPin(3, '2222');
    now += 10 * SECOND_MS - 1;
    for (const fire of timers) fire();
    expect(lock.codes.read(3)?.pin.reveal()).toBe('1111');
  });

  it('puts back what it had, and tells it like any edit at the lock', () => {
    const lock = lockOf('uc-v1');
    lock.programPin(3, '1111');
    lock.fault = { kind: 'fights_back', delayMs: 10 * SECOND_MS };
    lock.radioSetPin(3, '2222');
    lock.radioSetPin(3, '3333');
    lock.radioSetPin(4, '4444');
    reports = [];
    now += 10 * SECOND_MS - 1;
    lock.frameReceived();
    expect(lock.codes.read(3)?.pin.reveal()).toBe('3333');
    now += 1;
    lock.frameReceived();
    expect(lock.codes.read(3)?.pin.reveal()).toBe('1111');
    expect(lock.codes.read(4)).toBeUndefined();
    expect(reports).toEqual([
      { kind: 'slot_changed', slot: 3 },
      { kind: 'slot_cleared', slot: 4 },
    ]);
  });

  it('enables what it was given disabled', () => {
    const lock = lockOf('uc-v2');
    lock.fault = { kind: 'refuses_disabled' };
    lock.radioSetPin(3, '1111', 'disabled');
    expect(lock.codes.read(3)?.status).toBe('enabled');
  });
});

describe('the clock of a lock', () => {
  it('drifts from when it was set', () => {
    const lock = lockOf('uc-v2', 100);
    now += DAY_MS;
    expect(lock.clock.offsetMs).toBeCloseTo(8.64 * SECOND_MS);
    lock.clock.setUtc(now);
    expect(lock.clock.offsetMs).toBe(0);
    now += DAY_MS;
    expect(lock.clock.offsetMs).toBeCloseTo(8.64 * SECOND_MS);
    lock.clock.setDriftPpm(-100);
    now += DAY_MS;
    expect(lock.clock.offsetMs).toBeCloseTo(0);
  });

  it('changes to summer time on the days it was told', () => {
    const lock = lockOf('uc-v2');
    const dst = { start: { month: 3, day: 29, hour: 1 }, end: { month: 10, day: 25, hour: 1 } };
    lock.clock.zone = { standardMinutes: 60, dstMinutes: 120, dst };
    now = Date.UTC(2026, 2, 29, 0, 59);
    expect(lock.clock.local()).toBe('2026-03-29T01:59:00');
    now += MINUTE_MS;
    expect(lock.clock.local()).toBe('2026-03-29T03:00:00');
    now = Date.UTC(2026, 9, 25, 1);
    expect(lock.clock.local()).toBe('2026-10-25T02:00:00');
  });

  it('knows summer in the southern hemisphere', () => {
    const lock = lockOf('uc-v2');
    const dst = { start: { month: 10, day: 3, hour: 16 }, end: { month: 4, day: 4, hour: 16 } };
    lock.clock.zone = { standardMinutes: 600, dstMinutes: 660, dst };
    expect(lock.clock.utcOffsetMinutes()).toBe(660);
    now = Date.UTC(2026, 6, 1);
    expect(lock.clock.utcOffsetMinutes()).toBe(600);
  });
});

describe('what a lock refuses', () => {
  it('is a PIN that another slot or the admin holds, and it keeps what it held', () => {
    const lock = lockOf('uc-v2');
    lock.radioSetPin(1, '1234');
    lock.radioSetPin(2, '5678');
    reports = [];
    expect(lock.radioSetPin(2, '1234')).toBe('duplicate_pin');
    expect(lock.radioSetPin(2, '99990000')).toBe('duplicate_pin');
    expect(lock.codes.read(2)?.pin.reveal()).toBe('5678');
    expect(reports).toEqual([
      { kind: 'duplicate_refused', slot: 2 },
      { kind: 'duplicate_refused', slot: 2 },
    ]);
    expect(lock.radioSetPin(1, '1234')).toBeUndefined();
  });

  it('is a PIN of the wrong length or with other characters', () => {
    const lock = lockOf('uc-v1');
    for (const pin of ['123', '123456789', '12a4', '**********', '']) {
      expect(lock.radioSetPin(1, pin), pin).toBe('pin_format');
    }
    expect(lock.codes.slotsInUse()).toEqual([]);
  });

  it('is a slot that it does not have, and the admin slot', () => {
    const lock = lockOf('uc-v2');
    expect(lock.radioSetPin(0, '1234')).toBe('slot_out_of_range');
    expect(lock.radioSetPin(52, '1234')).toBe('slot_out_of_range');
    expect(lock.radioSetPin(51, '1234')).toBe('refused');
    expect(lock.radioClearPin(51)).toBe('refused');
    expect(lock.programPin(51, '1234')).toBe('refused');
    expect(lock.typePin('99990000')).toEqual({ opened: true, slot: 51 });
  });
});

it('refuses PINs that break a rule of the model', () => {
  expect(lockOf('u3c').radioSetPin(1, '1111')).toBe('pin_format');
  expect(lockOf('u3c').radioSetPin(1, '1112')).toBeUndefined();
  expect(lockOf('uc-v1').radioSetPin(1, '1111')).toBeUndefined();
});

describe('the keypad', () => {
  it('opens with an enabled code, counts wrong ones and reports both', () => {
    const lock = lockOf('uc-v1');
    lock.radioSetPin(3, '0042');
    expect(lock.typePin('4242')).toEqual({ opened: false, slot: null });
    expect(lock.typePin('42')).toEqual({ opened: false, slot: null });
    expect(lock.wrongCodes).toBe(2);
    expect(lock.bolt).toBe('locked');
    expect(lock.typePin('0042')).toEqual({ opened: true, slot: 3 });
    expect(lock.wrongCodes).toBe(0);
    expect(lock.bolt).toBe('unlocked');
    expect(reports.map((report) => report.kind)).toEqual(['access_denied', 'access_denied', 'unlocked']);
  });

  it('does not open with a disabled code, or when the bolt is jammed', () => {
    const lock = lockOf('uc-v1');
    lock.radioSetPin(3, '0042', 'disabled');
    expect(lock.typePin('0042')).toEqual({ opened: false, slot: 3 });
    lock.radioSetStatus(3, 'enabled');
    lock.setJammed(true);
    expect(lock.typePin('0042').opened).toBe(false);
    lock.setJammed(false);
    expect(lock.typePin('0042').opened).toBe(true);
  });

  it('programs and erases codes, and tells it', () => {
    const lock = lockOf('uc-v1');
    lock.programPin(4, '1111');
    lock.unprogramPin(4);
    lock.programPin(5, '2222');
    lock.unprogramPin(0);
    expect(lock.codes.slotsInUse()).toEqual([]);
    expect(reports).toEqual([
      { kind: 'slot_changed', slot: 4 },
      { kind: 'slot_cleared', slot: 4 },
      { kind: 'slot_changed', slot: 5 },
      { kind: 'slot_cleared', slot: null },
    ]);
    expect(lock.writes.size).toBe(0);
  });
});

describe('what a lock counts', () => {
  it('is every write that arrives by radio, refused ones too', () => {
    const lock = lockOf('uc-v2');
    lock.radioSetPin(1, '1234');
    lock.radioSetPin(1, '1234');
    lock.radioSetPin(2, '1234');
    lock.radioClearPin(1);
    lock.radioSetSchedule(2, null);
    expect(Object.fromEntries(lock.writes)).toEqual({ 1: 3, 2: 1 });
    expect(Object.fromEntries(lock.scheduleWrites)).toEqual({ 2: 1 });
  });

  it('is what a frame costs its battery, which it reports percent by percent and when it is low', () => {
    const lock = lockOf('uc-v1');
    lock.setBatteryPercent(10.0005);
    reports = [];
    for (let frame = 0; frame < 1200; frame++) lock.frameReceived();
    expect(lock.frames.received).toBe(1200);
    expect(reports).toEqual([
      { kind: 'battery', level: 0.1, low: false },
      { kind: 'battery', level: 0.09, low: true },
    ]);
  });

  it('echoes radio writes only where the model does', () => {
    lockOf('uc-v1').radioSetPin(1, '1234');
    expect(reports).toEqual([]);
    lockOf('uc-v2').radioSetPin(1, '1234');
    expect(reports).toEqual([{ kind: 'slot_changed', slot: 1 }]);
  });
});

it('a factory reset empties the lock, which tells it', () => {
  const lock = lockOf('uc-v2');
  lock.radioSetPin(1, '1234');
  lock.radioSetSchedule(1, { start: '2026-01-01T00:00', stop: '2027-01-01T00:00' });
  lock.clock.zone = { standardMinutes: 60, dstMinutes: 60, dst: null };
  lock.reset();
  expect(lock.codes.slotsInUse()).toEqual([]);
  expect(lock.clock.utcOffsetMinutes()).toBe(0);
  expect(reports.at(-1)).toEqual({ kind: 'slot_cleared', slot: null });
});
