import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { formsOf, searcher } from '../support/secret-search.ts';

const KEY = randomBytes(16);
const PIN = '48021573';
const search = searcher({ key: KEY, pin: PIN });

test('a planted secret is found in every form, wherever it stands', () => {
  for (const canary of [KEY, PIN]) {
    for (const [form, bytes] of formsOf(canary)) {
      for (let before = 0; before < 4; before += 1) {
        const planted = Buffer.concat([randomBytes(before), bytes, randomBytes(9)]);
        expect(search('file', planted), form).toContain(`file: ${canary === PIN ? 'pin' : 'key'} (${form})`);
      }
    }
  }
});

test('a secret in the middle of something else is found in its base64', () => {
  for (let before = 0; before < 6; before += 1) {
    for (const encoding of ['base64', 'base64url'] as const) {
      const around = Buffer.concat([randomBytes(before), KEY, randomBytes(7)]);
      expect(search('file', around.toString(encoding))).not.toEqual([]);
      expect(search('file', `{"pin":"${PIN}"}`.padStart(20 + before)), 'in clear').not.toEqual([]);
      expect(search('file', Buffer.from(`${'x'.repeat(before)}${PIN}yz`).toString(encoding))).not.toEqual([]);
    }
  }
});

test('what is no secret is not found', () => {
  const others = searcher({ other: randomBytes(16), pin: '90467128' });
  expect(others('file', Buffer.concat([KEY, randomBytes(1_000_000)]))).toEqual([]);
});
