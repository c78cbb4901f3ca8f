import { UserIDStatus } from '@zwave-js/cc';
import { ZWaveError, ZWaveErrorCodes } from '@zwave-js/core';
import { describe, expect, it } from 'vitest';
import { Evidence } from '../../drivers/zwave/evidence.ts';
import { fromYearDay, toYearDay } from '../../drivers/zwave/execute/year-day.ts';
import { outcomeOfError } from '../../drivers/zwave/outcome.ts';
import { contentOf, contentOfReport } from '../../drivers/zwave/slot-content.ts';
import { within } from '../../drivers/zwave/within.ts';
import { Pin } from '../../src/core/pin.ts';

const error = (code: ZWaveErrorCodes) => new ZWaveError('sent 73914682', code);

describe('an error of the library', () => {
  it.each([
    [ZWaveErrorCodes.Argument_Invalid, 'refused', 'refused'],
    [ZWaveErrorCodes.CC_NotSupported, 'refused', 'refused'],
    [ZWaveErrorCodes.Controller_CallbackNOK, 'unreachable', 'unreachable'],
    [ZWaveErrorCodes.Controller_MessageDropped, 'unreachable', 'unreachable'],
    [ZWaveErrorCodes.Controller_Jammed, 'unknown', 'radio_down'],
    [ZWaveErrorCodes.Controller_NodeTimeout, 'unknown', 'unknown'],
    [ZWaveErrorCodes.Controller_Timeout, 'unknown', 'unknown'],
  ])('with code %i is %s for a write and %s for a read', (code, write, read) => {
    expect(outcomeOfError(error(code), 'set_pin', true).kind).toBe(write);
    expect(outcomeOfError(error(code), 'read_slot', true).kind).toBe(read);
  });

  it('never repeats what the library quotes', () => {
    const outcome = outcomeOfError(error(ZWaveErrorCodes.Argument_Invalid), 'set_pin', true);
    expect(outcome).toMatchObject({ reason: 'pin_format' });
    expect(JSON.stringify(outcome)).not.toContain('73914682');
  });

  it('leaves a write in doubt when the radio went away in the middle of it', () => {
    expect(outcomeOfError(error(ZWaveErrorCodes.Driver_Destroyed), 'set_pin', false).kind).toBe('unknown');
    expect(outcomeOfError(error(ZWaveErrorCodes.Driver_Destroyed), 'read_slot', false).kind).toBe(
      'radio_down',
    );
  });

  it('is not an excuse for a bug of ours', () => {
    expect(() => outcomeOfError(new TypeError('x'), 'set_pin', true)).toThrow(TypeError);
  });
});

describe('the content of a slot', () => {
  const pin = Pin.parse('0000');

  it('is judged by its status before its value', () => {
    expect(contentOfReport(UserIDStatus.Available, '0000')).toEqual({ kind: 'empty' });
    expect(contentOfReport(UserIDStatus.Enabled, '0000')).toEqual({ kind: 'pin', pin, enabled: true });
    expect(contentOfReport(UserIDStatus.Disabled, '0000')).toEqual({ kind: 'pin', pin, enabled: false });
    expect(contentOfReport(UserIDStatus.StatusNotAvailable, '')).toBeUndefined();
  });

  it('is masked when the lock shows asterisks or nothing', () => {
    for (const shown of ['**********', '', undefined, Buffer.from('****')]) {
      expect(contentOf(shown, true)).toEqual({ kind: 'masked', enabled: true });
    }
    expect(contentOf(Buffer.from('0000'), true)).toEqual({ kind: 'pin', pin, enabled: true });
  });
});

describe('a window', () => {
  const window = { start: '2026-12-24T15:30', stop: '2027-01-02T11:00' };

  it('travels with two-digit years and comes back whole', () => {
    const schedule = toYearDay(window);
    expect(schedule).toMatchObject({
      startYear: 26,
      startMonth: 12,
      startDay: 24,
      stopYear: 27,
      stopMonth: 1,
    });
    expect(schedule && fromYearDay(schedule)).toEqual(window);
  });

  it('cannot lie in another century, and is nothing when the lock has none', () => {
    expect(toYearDay({ ...window, stop: '2100-01-01T00:00' })).toBeUndefined();
    expect(fromYearDay({})).toBeNull();
  });
});

it('hears a complaint that comes before, during and never', async () => {
  const early = new Evidence();
  early.note();
  expect(await early.within(0)).toBe(true);
  const late = new Evidence();
  const heard = late.within(10_000);
  late.note();
  expect(await heard).toBe(true);
  expect(await new Evidence().within(1)).toBe(false);
});

it('waits for work, but not for ever', async () => {
  expect(await within(Promise.resolve('done'), 10_000)).toBe('done');
  expect(await within(new Promise(() => {}), 1)).toBeUndefined();
  await expect(within(Promise.reject(new Error('bug')), 10_000)).rejects.toThrow('bug');
});
