import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { makeKeyPair, openSealed, sealReply, type KeyPair } from '../../src/cloud/sealing.ts';
import { open, privateKey, publicBytes, seal } from '../support/hpke.ts';

/**
 * The published test vector of this suite: base mode, kem_id 32, kdf_id 1, aead_id 2, first message
 * (github.com/cfrg/draft-irtf-cfrg-hpke, test-vectors.json, the file that RFC 9180 refers to).
 */
const VECTOR = {
  info: 'Ode on a Grecian Urn',
  aad: 'Count-0',
  text: 'Beauty is truth, truth beauty',
  recipientPublic: '430f4b9859665145a6b1ba274024487bd66f03a2dd577d7753c68d7d7d00c00c',
  recipientPrivate: '497b4502664cfea5d5af0b39934dac72242a74f8480451e1aee7d6a53320333d',
  ephemeralPrivate: '179d4b53b6365c45b600c4163b61d95cbc2f4d9e36f1695558dce265ab8bab11',
  enc: '6c93e09869df3402d7bf231bf540fadd35cd56be14f97178f0954db94b7fc256',
  ciphertext: 'e5d84cd531cfb583096e7cfa9641bd3079cf3a91cda813c52deb5f512be9931980a41de125a925cdad859d5b7a',
};

const hex = (text: string): Buffer => Buffer.from(text, 'hex');
const wire = (bytes: Buffer): string => bytes.toString('base64url');
const bytes = (text: string): Buffer => Buffer.from(text, 'base64url');

describe('the published test vector', () => {
  test('opens', async () => {
    const pair: KeyPair = {
      publicKey: wire(hex(VECTOR.recipientPublic)),
      privateKey: wire(hex(VECTOR.recipientPrivate)),
    };
    const sealed = { enc: wire(hex(VECTOR.enc)), ciphertext: wire(hex(VECTOR.ciphertext)) };
    expect(await openSealed(pair, sealed, VECTOR.info, VECTOR.aad)).toBe(VECTOR.text);
  });

  test('is what the second implementation makes, which checks the first in the other tests', () => {
    const ephemeral = privateKey(hex(VECTOR.ephemeralPrivate));
    const sealed = seal(hex(VECTOR.recipientPublic), VECTOR.text, VECTOR, ephemeral);
    expect(sealed.enc.toString('hex')).toBe(VECTOR.enc);
    expect(sealed.ciphertext.toString('hex')).toBe(VECTOR.ciphertext);
    expect(open(privateKey(hex(VECTOR.recipientPrivate)), sealed, VECTOR)).toBe(VECTOR.text);
  });
});

const pin = fc.stringMatching(/^[0-9]{4,12}$/);

test('what another implementation sealed opens for its key, its purpose and its place, and for nothing else', async () => {
  const other = makeKeyPair();
  await fc.assert(
    fc.asyncProperty(pin, fc.string(), fc.string(), fc.nat(), async (text, info, aad, flip) => {
      const pair = makeKeyPair();
      const { enc, ciphertext } = seal(bytes(pair.publicKey), text, { info, aad });
      const sealed = { enc: wire(enc), ciphertext: wire(ciphertext) };
      expect(await openSealed(pair, sealed, info, aad)).toBe(text);
      expect(await openSealed(other, sealed, info, aad)).toBeUndefined();
      expect(await openSealed(pair, sealed, `${info}.`, aad)).toBeUndefined();
      expect(await openSealed(pair, sealed, info, `${aad}.`)).toBeUndefined();
      const changed = Buffer.from(ciphertext);
      changed[flip % changed.length] = (changed[flip % changed.length] ?? 0) ^ 1;
      expect(await openSealed(pair, { ...sealed, ciphertext: wire(changed) }, info, aad)).toBeUndefined();
    }),
    { numRuns: 50 },
  );
});

test('a reply opens for another implementation, and no two of one PIN are alike', async () => {
  await fc.assert(
    fc.asyncProperty(pin, fc.string(), fc.string(), async (text, info, aad) => {
      const own = privateKey();
      const reply = () => sealReply(wire(publicBytes(own)), text, info, aad);
      const [first, second] = [await reply(), await reply()];
      for (const sealed of [first, second]) {
        const parts = { enc: bytes(sealed?.enc ?? ''), ciphertext: bytes(sealed?.ciphertext ?? '') };
        expect(open(own, parts, { info, aad })).toBe(text);
      }
      expect(first).not.toEqual(second);
    }),
    { numRuns: 50 },
  );
});

/** Points of small order (RFC 7748, section 6.1): whatever is sealed to one, anybody can open. */
test.each([
  '00'.repeat(32),
  `01${'00'.repeat(31)}`,
  'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
  '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
])('nothing is sealed to the key %s or opened by it', async (point) => {
  const key = wire(hex(point));
  expect(await sealReply(key, '1234', 'info', 'aad')).toBeUndefined();
  const sealed = { enc: key, ciphertext: wire(Buffer.alloc(20)) };
  expect(await openSealed(makeKeyPair(), sealed, 'info', 'aad')).toBeUndefined();
});

test.each(['', 'AA', 'A'.repeat(200)])('the ciphertext %j does not open', async (ciphertext) => {
  const { enc } = seal(bytes(makeKeyPair().publicKey), '1234', { info: '', aad: '' });
  expect(await openSealed(makeKeyPair(), { enc: wire(enc), ciphertext }, '', '')).toBeUndefined();
});
