import type { Bytes } from './bytes.ts';

/** What a stick is asked: a response of these bytes, or `undefined` for a command that it does not know. */
export type MtAnswer = Bytes | undefined;

/** Status bytes of the stick itself and of its transmissions (Z-Stack). */
export const MT = {
  success: 0x00,
  failure: 0x01,
  invalidParameter: 0x02,
  itemCreated: 0x09,
  deviceNotFound: 0x81,
  noRoute: 0xcd,
  noAck: 0xe9,
  expired: 0xf0,
} as const;
