import { describe, expect, test } from 'vitest';
import { battery } from '../../src/core/observe/battery.ts';
import { lockWith, SAMPLE_AT, stateWith } from '../support/core-samples.ts';

function heard(
  before: { readonly batteryLevel: number | null; readonly batteryLow?: boolean },
  level: number | null,
  low = false,
) {
  const body = { kind: 'battery', level, low } as const;
  return battery(stateWith({ lock: lockWith(before) }), body, { deviceId: 'lock', at: SAMPLE_AT, body });
}

describe('a battery report', () => {
  test.each([
    [1, 'full'],
    [0.9, 'full'],
    [0.89, 'good'],
    [0.26, 'good'],
    [0.25, 'low'],
    [0.11, 'low'],
    [0.1, 'critical'],
    [0, 'critical'],
  ])('of %d is told as %s', (level, status) => {
    const from = status === 'full' ? 0.5 : 1;
    const { state, events } = heard({ batteryLevel: from, batteryLow: true }, level);
    expect(state.lock.batteryLevel).toBe(level);
    expect(events).toEqual([
      {
        event_type: 'device.battery_status_changed',
        occurredAt: SAMPLE_AT,
        device_id: 'lock',
        details: { battery_level: level, battery_status: status },
      },
    ]);
  });

  test.each([
    ['the first one', null, 0.5],
    ['one in the same bucket', 0.5, 0.3],
    ['one without a level', 0.5, null],
  ])('that is %s tells of no change', (_which, before, level) => {
    const { state, events } = heard({ batteryLevel: before }, level);
    expect(events).toEqual([]);
    expect(state.lock.batteryLevel).toBe(level ?? before);
  });

  test.each([
    ['a low level', 0.2, false],
    ['a critical level', 0.05, false],
    ["the lock's own warning", 0.5, true],
    ["the lock's own warning without a level", null, true],
  ])('tells of %s once', (_which, level, low) => {
    const first = heard({ batteryLevel: null }, level, low);
    expect(first.events).toEqual([
      {
        event_type: 'device.low_battery',
        occurredAt: SAMPLE_AT,
        device_id: 'lock',
        details: { battery_level: level },
      },
    ]);
    expect(first.state.lock.batteryLow).toBe(true);
    expect(heard(first.state.lock, level, low).events).toEqual([]);
  });

  test('leaves a warning in force until a level says that it is over', () => {
    expect(heard({ batteryLevel: 0.2, batteryLow: true }, null).state.lock.batteryLow).toBe(true);
    expect(heard({ batteryLevel: 0.5, batteryLow: true }, null).state.lock.batteryLow).toBe(true);
    expect(heard({ batteryLevel: 0.2, batteryLow: true }, 0.95).state.lock.batteryLow).toBe(false);
    expect(heard({ batteryLevel: null }, null).state.lock.batteryLow).toBe(false);
  });

  test('of what is known already changes nothing', () => {
    const state = stateWith({ lock: lockWith({ batteryLevel: 0.5 }) });
    const body = { kind: 'battery', level: 0.5, low: false } as const;
    expect(battery(state, body, { deviceId: 'lock', at: SAMPLE_AT, body }).state).toBe(state);
  });
});
