import { describe, expect, test } from 'vitest';
import { timezone } from '../../src/page/time.ts';
import { told } from '../../src/page/told.ts';
import {
  batterySaid,
  boltSaid,
  bytesText,
  codesText,
  signalSaid,
  uncertaintyText,
} from '../../src/page/words.ts';

describe('words of the page', () => {
  test('a sentence of the hub has the time of the site in it, and no ids beside names', () => {
    timezone.value = 'Asia/Tokyo';
    const year = new Date().getUTCFullYear();
    expect(told(`It goes on at ${year}-06-22T22:03:44.849Z.`)).toBe('It goes on at 23 Jun, 07:03.');
    expect(told('code "Anna" (ded08fdc-e138-8eef-ba61-7f352c56e277) has it')).toBe('code "Anna" has it');
  });

  test('a signal is judged by what is left above the noise', () => {
    const signals = [null, -70, -71, -85, -86].map((rssi_dbm) => ({
      rssi_dbm,
      last_heard_at: null,
      round_trip_ms: null,
    }));
    expect(signals.map((signal) => signalSaid(signal).text)).toEqual([
      'Not known',
      'Strong, −70 dBm',
      'Fair, −71 dBm',
      'Fair, −85 dBm',
      'Weak, −86 dBm',
    ]);
  });

  test('a radio that tells only how well it hears is judged by that', () => {
    const signals = [120, 119, 50, 49].map(
      (link_quality) => signalSaid({ rssi_dbm: null, link_quality }).text,
    );
    expect(signals.map((text) => text.split(',')[0])).toEqual(['Strong', 'Fair', 'Fair', 'Weak']);
    expect(signals[0]).toContain('120 of 255');
  });

  test('bolt and battery', () => {
    expect(boltSaid({ locked: true, jammed: true }).text).toBe('Jammed');
    expect(boltSaid({ locked: null, jammed: false }).text).toBe('Bolt not known');
    expect(batterySaid({ battery_level: 0.06, battery_status: 'critical' }).text).toBe('6 %, change it now');
    expect(batterySaid({ battery_level: null, battery_status: null }).text).toBe('Not known');
  });

  test('counts and sizes', () => {
    expect(codesText({ total: 1, pending: 0, with_errors: 1 })).toBe('1 code, 1 with an error');
    expect(codesText({ total: 0, pending: 0, with_errors: 0 })).toBe('No codes');
    expect([900, 3 * 2 ** 20, 1.5 * 2 ** 30].map(bytesText)).toEqual(['1 kB', '3 MB', '1.5 GB']);
    expect([40, 5000, 300_000].map(uncertaintyText)).toEqual(['a second', '5 s', '5 min']);
  });
});
