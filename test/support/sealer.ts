import { seal } from './hpke.ts';

/** What a cloud reads of `sealing_key` in `up/hello`. */
export interface HubKey {
  readonly key_id: string;
  readonly public_key: string;
}

/** What a sealed PIN belongs to, in the words of the wire. */
export interface Belongs {
  readonly hub_id: string;
  readonly device_id: string;
  readonly access_code_id: string;
  readonly generation: number;
  readonly version: number;
}

/** Seals a PIN as a cloud does that has nothing but the contract's text: `sealed_code` of an entry. */
export function sealedCode(key: HubKey, code: string, place: Belongs): Record<string, string> {
  const { hub_id, device_id, access_code_id, generation, version } = place;
  const aad = `lockhub/v1/${hub_id}/${device_id}/${access_code_id}/${generation}/${version}`;
  const publicKey = Buffer.from(key.public_key, 'base64url');
  const { enc, ciphertext } = seal(publicKey, code, { info: 'lockhub v1 sealed code', aad });
  return {
    key_id: key.key_id,
    enc: enc.toString('base64url'),
    ciphertext: ciphertext.toString('base64url'),
  };
}
