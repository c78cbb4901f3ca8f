import { describe, expect, it } from 'vitest';
import type { Measurement, PageCommand, SelfTestResult } from '../../src/http/page/types.ts';
import { faultOf, isBad, merged, standing } from '../../src/page/views/lock/deeds.ts';
import { isDrawn, QUANTITIES, summaryOf } from '../../src/page/views/lock/measurements/series.ts';

function command(change: Partial<PageCommand>): PageCommand {
  return {
    command_id: 'a',
    type: 'unlock_door',
    device_id: 'd',
    received_at: '2026-06-10T12:00:00Z',
    state: 'accepted',
    result: null,
    error: null,
    ...change,
  };
}

function selfTest(isReadBack: boolean): PageCommand {
  const result: SelfTestResult = {
    steps: [
      { step: 'write', ok: true, took_ms: 900, message: 'The lock took a test code.' },
      { step: 'read_back', ok: isReadBack, took_ms: 5000, message: 'The lock did not answer.' },
    ],
  };
  return command({ type: 'self_test', state: 'succeeded', result: { ...result } });
}

function told(list: readonly PageCommand[]) {
  return list.map(({ command_id, state }) => [command_id, state]);
}

function at(day: number, level: number | null): Measurement {
  return {
    at: `2026-06-0${day}T12:00:00Z`,
    battery_level: level,
    rssi_dbm: null,
    round_trip_ms: null,
  };
}

describe('commands of a lock', () => {
  it('are told once each, the newest first, in the state that they came to last', () => {
    const listed = [command({ state: 'running' })];
    const heard = [
      command({ state: 'succeeded' }),
      command({ command_id: 'b', received_at: '2026-06-10T12:01:00Z' }),
    ];
    const wanted = [
      ['b', 'accepted'],
      ['a', 'succeeded'],
    ];
    expect(told(merged(heard, listed))).toEqual(wanted);
    // An answer that was on its way when the end was heard takes nothing back.
    expect(told(merged(listed, heard))).toEqual(wanted);
  });

  it('end in words of their own, with what the hub says of a failure', () => {
    expect(standing(command({ state: 'running' }))).toBe('Unlocking…');
    expect(standing(command({ state: 'succeeded' }))).toBe('Unlocked.');
    const error = { code: 'jammed', message: 'The bolt is jammed.' } as const;
    expect(standing(command({ state: 'failed', error }))).toBe('Not unlocked. The bolt is jammed.');
  });
});

describe('a self-test', () => {
  it('that ran to its end and found a fault is not told as a success', () => {
    expect(isBad(selfTest(false))).toBe(true);
    expect(standing(selfTest(false))).toBe('Read it back: The lock did not answer.');
  });

  it('that found none is', () => {
    expect([faultOf(selfTest(true)), isBad(selfTest(true))]).toEqual([null, false]);
  });
});

describe('what was measured, in words', () => {
  const [battery, signal] = QUANTITIES;
  const measured = [at(1, 0.96), at(2, null), at(4, 0.8), at(5, 0.82)];

  it('is its last, its bounds and its time, over gaps', () => {
    expect(battery && summaryOf(measured, battery)).toBe(
      'Last 82 %. In 4 days between 80 % and 96 %, at first 96 %.',
    );
  });

  it('is nothing where nothing was measured, and one value is no line', () => {
    expect(signal && summaryOf(measured, signal)).toBeNull();
    expect(battery && isDrawn(measured, battery)).toBe(true);
    expect(battery && isDrawn([at(1, 0.9), at(2, null)], battery)).toBe(false);
  });
});
