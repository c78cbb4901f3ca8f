import { describe, expect, test } from 'vitest';
import { instantsOf, wallTime } from '../../src/page/site-time.ts';

const BERLIN = 'Europe/Berlin';

describe('wall times of the site', () => {
  test('an ordinary minute is one instant, in winter and in summer', () => {
    expect(instantsOf('2026-11-22T16:00', BERLIN)).toEqual(['2026-11-22T15:00:00.000Z']);
    expect(instantsOf('2026-07-22T16:00', BERLIN)).toEqual(['2026-07-22T14:00:00.000Z']);
  });

  test('a minute that clocks go forward over is none', () => {
    expect(instantsOf('2027-03-28T02:30', BERLIN)).toEqual([]);
    expect(instantsOf('2027-03-28T03:00', BERLIN)).toEqual(['2027-03-28T01:00:00.000Z']);
  });

  test('a minute that comes twice is two, the earlier first', () => {
    expect(instantsOf('2026-10-25T02:30', BERLIN)).toEqual([
      '2026-10-25T00:30:00.000Z',
      '2026-10-25T01:30:00.000Z',
    ]);
  });

  test('a half-hour change, and a zone far from UTC', () => {
    expect(instantsOf('2026-04-05T01:45', 'Australia/Lord_Howe')).toHaveLength(2);
    expect(instantsOf('2026-12-31T23:30', 'Pacific/Kiritimati')).toEqual(['2026-12-31T09:30:00.000Z']);
  });

  test('what is no time is none', () => {
    expect(instantsOf('', BERLIN)).toEqual([]);
    expect(instantsOf('2026-13-01T00:00', BERLIN)).toEqual([]);
  });

  test('every fifth hour of a year comes back as the wall time that it was', () => {
    const start = Date.UTC(2026, 0, 1);
    for (let hour = 0; hour < 8760; hour += 5) {
      const iso = new Date(start + hour * 3_600_000).toISOString();
      expect(instantsOf(wallTime(iso, 'America/New_York'), 'America/New_York')).toContain(iso);
    }
  });
});
