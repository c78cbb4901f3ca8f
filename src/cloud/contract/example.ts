import type { CodePlace, SealedReply, SealingKey } from '../messages/sealed.ts';
import { SEALING_SUITE } from '../messages/sealed.ts';

/** A message as it could be on the wire. Its name is that of its file. */
export interface Example {
  readonly name: string;
  readonly summary: string;
  readonly payload: { readonly [field: string]: unknown };
}

// One small story goes through all examples: a hub with two locks, a guest, and one evening in November.

export const HUB = 'hub-0042';
export const LOCK = '6aae9d08-fed6-4ca5-8328-e36849ab48fe';
export const OTHER_LOCK = '0d2b0f0a-93b4-5c3e-a1f0-4f7b6c1d2e3f';
export const GUEST = '3b9f4c1e-7a52-4d0b-9c6e-0a1b2c3d4e5f';
export const CLEANER = 'cleaning-team';
export const BACKUP = '81f6c2d4-5e3a-8b7c-9d01-23456789abcd';
export const FOUND = 'c7a1e5d2-4b3f-8e6a-8c09-fedcba987654';
export const EPOCH = 'f2c7a9d4-8e1b-4f6a-b3d5-1a2b3c4d5e6f';
export const BOOT = '5d9e2b7c-1f4a-4c8d-9e3b-7a6f5e4d3c2b';
export const COMMAND = 'b1c2d3e4-f5a6-4b7c-8d9e-0f1a2b3c4d5e';
export const WEBHOOK = '2c4e6a8b-0d1f-4357-9b7d-f1e3c5a79b0d';
export const PROGRAM = '0.1.0';
export const AT = '2026-11-22T14:03:06.981Z';
export const DIGEST = '9f2b1c7d8e4a5f60312233445566778899aabbccddeeff00112233445566778a';

/** A `.minisig`, made by minisign 0.11, of the ten bytes `an update` and a line feed. */
export const UPDATE_SIGNATURE =
  'untrusted comment: signature of lockhub\nRUQ992VTM/00gXSuYbM+HHn2nczPAOSf3oeK1ENO3A9yc9OAIRbEW1sDr12mus0H9Yn3f36exF9ZbhFDiFbV5PoqdrQIYyLdGwI=\ntrusted comment: version:0.2.0 arch:arm64 bytes:10\n7mDoqHd4VT6Am/4POwX5Mykvt3wudKNZCtPDGiPtuHaveiLFOWXVQOPjXRCweHjxtNJTaMU9e7xJTLzDSxUIBA==\n';
/** The key that it is of. */
export const UPDATE_PUBLIC_KEY = 'RWQ992VTM/00gef+dIOtaVevGavZgiCM2U0yMC7JNcnUjB+zks9TJU50';

/** What the sealed code of the examples belongs to. */
export const SEALED_PLACE: CodePlace = {
  hubId: HUB,
  deviceId: LOCK,
  accessCodeId: GUEST,
  generation: 1,
  version: 8,
};

/** A test vector: `SEALED` opens with the private key of `SEALING_KEY` to the PIN 493817. */
export const VECTOR_PRIVATE_KEY = 'YzHCiUdnE7tnyu2cAEtQrJJix1yFe98vLNNRyhaCy18';
export const SEALING_KEY: SealingKey = {
  key_id: '35be647583625305',
  suite: SEALING_SUITE,
  public_key: '2cUfEHZgNpQO-tNMzXcZW6N0R7wQ6e8bFoFWKt6i1As',
};
export const SEALED: SealedReply = {
  enc: 'goQGCZihR-pdoV5yn90VmCATvl2Eu5KV6paMR6P1ajI',
  ciphertext: 'dpzFZXxIFKGqRtI_62eolF6K5r_rXw',
};
/** The secret of the vectors in README, sealed to the same key under the id `autumn`. */
export const SEALED_SECRET: SealedReply = {
  enc: 'HXfei1BC4J63M3bPyDFIhNuYAgb6dycgCyPtRv0R9nA',
  ciphertext: 'UDzYk4PHJYghRx2CyeU3QdDS4quaef7XX43Kp3uosLPxB9lCp1qJUD755LmhbnOF_dm5RC7rS7k_xPk',
};
/** The same PIN in the result of `COMMAND`, sealed to the same key as its `reply_key`. */
export const SEALED_REPLY: SealedReply = {
  enc: 'nGR8g4EVB5JWA22HxHMMTfkylWAby6ZdEJ2J5_n_d1A',
  ciphertext: 'P0v3N9Ml2ff6nRTpS0D38hfvyO1Z-A',
};
