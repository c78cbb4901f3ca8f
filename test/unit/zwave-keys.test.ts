import { expect, it } from 'vitest';
import {
  describeKeysFileProblem,
  makeSecurityKeys,
  parseSecurityKeysFile,
} from '../../drivers/zwave/keys.ts';

const KEYS = {
  S0_Legacy: '0'.repeat(32),
  S2_Unauthenticated: '1'.repeat(32),
  S2_Authenticated: '2'.repeat(32),
  S2_AccessControl: 'abcdef0123456789ABCDEF0123456789',
};

it('makes keys that are all different, each time', () => {
  const flat = [makeSecurityKeys(), makeSecurityKeys()].flatMap(({ longRange, ...keys }) => [
    ...Object.values(keys),
    ...Object.values(longRange ?? {}),
  ]);
  expect(new Set(flat).size).toBe(12);
  for (const key of flat) expect(key).toMatch(/^[0-9a-f]{32}$/);
});

it('reads the keys of an existing network', () => {
  const file = parseSecurityKeysFile(JSON.stringify({ ...KEYS, note: 'kept by the installer' }));
  expect(file).toEqual({
    ok: true,
    keys: { ...KEYS, S2_AccessControl: KEYS.S2_AccessControl.toLowerCase() },
  });
});

it('accepts the keys that it makes', () => {
  expect(parseSecurityKeysFile(JSON.stringify(makeSecurityKeys())).ok).toBe(true);
});

it('names every mistake without showing a key', () => {
  const secret = '5ec5ec5ec5ec5ec5ec5ec5ec5ec5ec5e';
  const file = parseSecurityKeysFile(
    JSON.stringify({ S0_Legacy: secret, S2_Unauthenticated: secret, S2_Authenticated: `${secret}0` }),
  );
  expect(file).toEqual({
    ok: false,
    problems: [
      { kind: 'same_key_twice', name: 'S2_Unauthenticated' },
      { kind: 'malformed_key', name: 'S2_Authenticated' },
      { kind: 'missing_key', name: 'S2_AccessControl' },
    ],
  });
  const sentences = file.ok ? [] : file.problems.map(describeKeysFileProblem);
  expect(sentences).toHaveLength(3);
  expect(sentences.join(' ')).not.toContain(secret);
});

it.each(['', '[]', 'null', '{', '"x"'])('does not take %j for a keys file', (text) => {
  const file = parseSecurityKeysFile(text);
  expect(file).toEqual({ ok: false, problems: [{ kind: 'not_json' }] });
});
