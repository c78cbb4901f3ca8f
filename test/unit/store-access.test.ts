import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { MINUTE_MS } from '../../src/core/time.ts';
import { hubPlace } from './store-fixture.ts';
import { NOON } from './store-rows.ts';

describe('API keys', () => {
  test('are found by their text and by nothing near it, also by another process', () => {
    const place = hubPlace();
    const here = place.open();
    const there = place.open();
    const { key, text } = here.apiKeys.create('desk', ['write', 'pins'], NOON)!;
    expect(there.apiKeys.find(text)).toEqual(key);
    const other = there.apiKeys.create('other', ['read'], NOON)!.text;
    const changed = text.slice(0, -1) + (text.endsWith('0') ? '1' : '0');
    const mixed = text.slice(0, 17) + other.slice(17);
    for (const wrong of ['', 'seam_hub_', changed, mixed, text.toUpperCase(), `${text} `, `${text}\n`]) {
      expect(here.apiKeys.find(wrong)).toBeUndefined();
    }
    there.apiKeys.revoke('desk');
    expect(here.apiKeys.find(text)).toBeUndefined();
    expect(here.apiKeys.find(other)).toBeDefined();
  });

  test('have a name of their own, and there is an end to them', () => {
    const { apiKeys } = hubPlace().open();
    const made = Array.from({ length: 101 }, (_, index) => apiKeys.create(`key ${index}`, ['read'], NOON));
    expect(made.map((key) => key !== undefined)).toEqual([...Array.from({ length: 100 }, () => true), false]);
    expect([apiKeys.revoke('key 7'), apiKeys.revoke('key 7')]).toEqual([true, false]);
    expect(apiKeys.create('key 8', ['read'], NOON)).toBeUndefined();
    expect(apiKeys.create('key 7', ['read'], NOON)).toBeDefined();
  });

  test('were last used to the minute', () => {
    const { apiKeys } = hubPlace().open();
    const { text } = apiKeys.create('desk', ['read'], NOON)!;
    const use = (at: number) => {
      apiKeys.used(apiKeys.find(text)!, at);
      return apiKeys.list()[0]?.lastUsedAt;
    };
    expect([use(NOON), use(NOON + MINUTE_MS - 1), use(NOON + MINUTE_MS)]).toEqual([
      NOON,
      NOON,
      NOON + MINUTE_MS,
    ]);
    expect(use(NOON - MINUTE_MS)).toBe(NOON - MINUTE_MS);
  });
});

describe('login codes', () => {
  test('work once, within ten minutes, in any spelling', () => {
    const { loginCodes } = hubPlace().open();
    const [first, second, third] = [1, 2, 3].map(() => loginCodes.create(NOON)) as [string, string, string];
    expect(new Set([first, second, third]).size).toBe(3);
    const spelled = ` ${first.slice(0, 4).toUpperCase()}-${first.slice(4)}`;
    expect([loginCodes.redeem(spelled, NOON), loginCodes.redeem(first, NOON)]).toEqual([true, false]);
    expect(loginCodes.redeem(second, NOON + 10 * MINUTE_MS)).toBe(false);
    // A clock that was set back does not bring a code back to life.
    expect(loginCodes.redeem(third, NOON - 1)).toBe(false);
    expect(loginCodes.redeem('', NOON)).toBe(false);
  });

  test('only the newest ten are open', () => {
    const { loginCodes } = hubPlace().open();
    const codes = Array.from({ length: 11 }, (_, index) => loginCodes.create(NOON + index));
    const worked = codes.map((code) => loginCodes.redeem(code, NOON + MINUTE_MS));
    expect(worked.filter(Boolean)).toHaveLength(10);
    expect(worked[0]).toBe(false);
  });
});

test('neither keys nor login codes are in the file', () => {
  const place = hubPlace();
  const store = place.open();
  const secret = store.apiKeys.create('desk', ['read'], NOON)!.text.slice(-32);
  const code = store.loginCodes.create(NOON);
  store.close();
  const bytes = readFileSync(place.file);
  expect(bytes.includes('desk')).toBe(true);
  for (const hidden of [secret, Buffer.from(secret, 'hex'), code]) expect(bytes.includes(hidden)).toBe(false);
});
