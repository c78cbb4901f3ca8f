import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';

/** Somebody who signs updates as minisign does. */
export function signer() {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const id = randomBytes(8);
  const raw = Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url');
  return {
    publicKey: Buffer.concat([Buffer.from('Ed'), id, raw]).toString('base64'),
    /** The text of the `.minisig` file. */
    sign: (content: Buffer, comment: string): string => {
      const signature = sign(null, createHash('blake2b512').update(content).digest(), privateKey);
      const global = sign(null, Buffer.concat([signature, Buffer.from(comment)]), privateKey);
      const packed = Buffer.concat([Buffer.from('ED'), id, signature]).toString('base64');
      return `untrusted comment: test\n${packed}\ntrusted comment: ${comment}\n${global.toString('base64')}\n`;
    },
  };
}
