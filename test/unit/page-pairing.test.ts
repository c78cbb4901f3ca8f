import { describe, expect, it } from 'vitest';
import { adviceOn } from '../../src/page/views/pairing/advice.ts';
import { groupsOf, readQr } from '../../src/page/views/pairing/label.ts';
import { countdownText, deedAt, stepsOf } from '../../src/page/views/pairing/stages.ts';
import { securityVerdict } from '../../src/page/views/radio/security.ts';

const KEY = ['12345', '23456', '34567', '45678', '56789', '01234', '12345', '23456'];
const S2_CODE = `900012345004${KEY.join('')}0010`;
const SMART_START_CODE = `900112345004${KEY.join('')}0010`;

describe('the text of a QR code', () => {
  it('names the lock as its label does, with blanks and line ends left out', () => {
    const spaced = SMART_START_CODE.replaceAll(/(.{10})/g, '$1 \n');
    expect(readQr(spaced, 'zwave')).toEqual({
      kind: 'lock',
      text: SMART_START_CODE,
      key: KEY,
      joinsByItself: true,
    });
    expect(readQr(S2_CODE, 'zwave')).toMatchObject({ kind: 'lock', joinsByItself: false });
  });

  it('is taken without the rest, as some labels have it', () => {
    expect(readQr(`zws2dsk:${KEY.join('-')}`, 'zwave')).toMatchObject({ kind: 'lock', key: KEY });
  });

  it('says while it is typed how much is missing, from the first digit on', () => {
    expect(readQr('', 'zwave')).toEqual({ kind: 'nothing' });
    for (let length = 1; length < 52; length += 1) {
      expect(readQr(S2_CODE.slice(0, length), 'zwave')).toEqual({
        kind: 'partial',
        message: `At least ${52 - length} more digits.`,
      });
    }
    expect(readQr(S2_CODE.slice(0, 52), 'zwave').kind).toBe('lock');
  });

  it.each(['https://example.com', '9002', '1', `900012345004${'99999'.repeat(8)}`, '9'.repeat(501)])(
    'is refused where no Z-Wave lock has it: %s',
    (text) => {
      expect(readQr(text, 'zwave').kind).toBe('wrong');
    },
  );

  it('of a Zigbee lock is for the hub to judge', () => {
    expect(readQr('Z:00124B001234ABCD$I:83FED3', 'zigbee')).toMatchObject({ kind: 'lock', key: null });
  });

  it('has its digits in groups of five', () => {
    expect(groupsOf('23456-34567-45678')).toEqual(['23456', '34567', '45678']);
  });
});

describe('the steps of a pairing', () => {
  it('are done up to the one that is under way', () => {
    expect(stepsOf('pair', 'joining').map(({ state }) => state)).toEqual([
      'done',
      'done',
      'current',
      'to_come',
      'to_come',
    ]);
  });

  it('have the digits of the label as a part of the exchange of keys', () => {
    const current = stepsOf('replace', 'pin_needed').find(({ state }) => state === 'current');
    expect(current?.stage).toBe('exchanging_keys');
  });

  it('are all done at the end', () => {
    for (const kind of ['pair', 'replace', 'remove'] as const) {
      expect(stepsOf(kind, 'ended').every(({ state }) => state === 'done')).toBe(true);
    }
  });

  it('say what to do at the lock as long as it is waited for', () => {
    expect(deedAt('pair', 'waiting_for_lock')).toContain('inclusion');
    expect(deedAt('remove', 'opening')).toContain('exclusion');
    expect(deedAt('remove', 'joining')).toBeNull();
  });

  it('count down to nothing and no further', () => {
    expect([180_400, 59_999, 999, -5000].map(countdownText)).toEqual(['3:00', '0:59', '0:00', '0:00']);
  });
});

describe('what comes next', () => {
  it('is said for every way to fail, and after a removal nobody is told to come nearer', () => {
    for (const code of ['timed_out', 'refused_by_lock', 'radio_down', 'busy', 'never_heard_of']) {
      expect(adviceOn('pair', code).length).toBeGreaterThan(0);
    }
    expect(adviceOn('remove', 'timed_out')).not.toEqual(adviceOn('pair', 'timed_out'));
  });

  it.each([
    ['S2_AccessControl', 'good'],
    ['S2 Authenticated', 'good'],
    ['S2_Unauthenticated', 'warn'],
    ['S0_Legacy', 'warn'],
    ['None', 'bad'],
    [null, 'quiet'],
    ['something new', 'quiet'],
  ])('is a warning only where the security is low: %s', (security, tone) => {
    const verdict = securityVerdict(security);
    expect(verdict.tone).toBe(tone);
    expect(verdict.meaning !== null).toBe(tone === 'warn' || tone === 'bad');
  });
});
