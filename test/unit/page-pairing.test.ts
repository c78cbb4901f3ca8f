import { describe, expect, it } from 'vitest';
import { adviceOn } from '../../src/page/views/pairing/advice.ts';
import { groupsOf, radioOfCode, readQr } from '../../src/page/views/pairing/label.ts';
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

  it.each([
    'Z:00124B001234ABCD$I:83FED3407A939723A5C639B26916D505C3B5',
    'SN:1$Z:00124b001234abcd$I:83FED3407A939723A5C639B26916D505C3B5%Yale',
    '00124B001234ABCD|83FED3407A939723A5C639B26916D505C3B5',
    'G$M:LOCK$A:00124B001234ABCD$I:83FED3407A939723A5C639B26916D505C3B5',
    'HUE:Z:83FED3407A939723A5C639B26916D505C3B5 M:00124B001234ABCD',
  ])('names a Zigbee lock by its address: %s', (text) => {
    const key = ['0012', '4B00', '1234', 'ABCD'];
    expect(readQr(text, 'zigbee')).toEqual({ kind: 'lock', text, key, joinsByItself: false });
    expect(radioOfCode(text)).toBe('zigbee');
    expect(readQr(text, 'zwave')).toMatchObject({
      kind: 'wrong',
      message: expect.stringContaining('Zigbee'),
    });
  });

  it('of a Zigbee lock is not whole without its install code, and no other code will do', () => {
    for (const text of ['0012', 'Z:00124B001234ABCD', '00124B001234ABCD|'])
      expect(readQr(text, 'zigbee').kind).toBe('partial');
    for (const text of ['https://example.com', '12345-67890', 'x'.repeat(501)])
      expect(readQr(text, 'zigbee').kind).toBe('wrong');
  });

  it('of a Z-Wave lock says so where a Zigbee one is to join, and is of either while nobody can tell', () => {
    expect(readQr(S2_CODE, 'zigbee')).toMatchObject({
      kind: 'wrong',
      message: expect.stringContaining('Z-Wave'),
    });
    for (const text of [S2_CODE, SMART_START_CODE, `zws2dsk:${KEY.join('-')}`, KEY.join('-')])
      expect(radioOfCode(text)).toBe('zwave');
    for (const text of ['', '9', '0012', 'https://example.com']) expect(radioOfCode(text)).toBeNull();
  });

  it('has its digits in groups of five', () => {
    expect(groupsOf('23456-34567-45678')).toEqual(['23456', '34567', '45678']);
  });
});

describe('the steps of a pairing', () => {
  it('are done up to the one that is under way', () => {
    expect(stepsOf('pair', 'joining', 'zwave').map(({ state }) => state)).toEqual([
      'done',
      'done',
      'current',
      'to_come',
      'to_come',
    ]);
  });

  it('have the digits of the label as a part of the exchange of keys', () => {
    const current = stepsOf('replace', 'pin_needed', 'zwave').find(({ state }) => state === 'current');
    expect(current?.stage).toBe('exchanging_keys');
  });

  it('are all done at the end', () => {
    for (const kind of ['pair', 'replace', 'remove'] as const) {
      for (const radio of ['zwave', 'zigbee'] as const)
        expect(stepsOf(kind, 'ended', radio).every(({ state }) => state === 'done')).toBe(true);
    }
  });

  it('say what to do at the lock as long as it is waited for', () => {
    expect(deedAt('pair', 'waiting_for_lock', 'zwave')).toContain('inclusion');
    expect(deedAt('remove', 'opening', 'zwave')).toContain('exclusion');
    expect(deedAt('remove', 'joining', 'zwave')).toBeNull();
  });

  it('of a Zigbee lock have no exchange of keys, and nothing is done at one that is to leave', () => {
    expect(stepsOf('pair', 'joining', 'zigbee').map(({ stage }) => stage)).not.toContain('exchanging_keys');
    expect(deedAt('pair', 'waiting_for_lock', 'zigbee')).not.toContain('inclusion');
    expect(deedAt('remove', 'opening', 'zigbee')).toBeNull();
  });

  it('count down to nothing and no further', () => {
    expect([180_400, 59_999, 999, -5000].map(countdownText)).toEqual(['3:00', '0:59', '0:00', '0:00']);
  });
});

describe('what comes next', () => {
  it('is said for every way to fail, and after a removal nobody is told to come nearer', () => {
    for (const code of ['timed_out', 'refused_by_lock', 'radio_down', 'busy', 'never_heard_of']) {
      expect(adviceOn('pair', code, 'zigbee').length).toBeGreaterThan(0);
    }
    expect(adviceOn('remove', 'timed_out', 'zwave')).not.toEqual(adviceOn('pair', 'timed_out', 'zwave'));
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
