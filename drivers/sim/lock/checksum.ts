import type { Pin } from '../../../src/core/pin.ts';

const POLYNOMIAL = 0x1021;
const INITIAL = 0x1d0f;
const ENABLED = 1;
const DISABLED = 2;

/** A code as the checksum of User Code CC version 2 counts it. */
export interface CountedCode {
  readonly slot: number;
  readonly pin: Pin;
  readonly enabled: boolean;
}

/**
 * The checksum over all occupied slots, ascending: CRC-16/AUG-CCITT over (slot as 16 bits, status, digits in ASCII),
 * 0 when there are none (Z-Wave specification CC:0063.02.12.11.001 to .006). Written for the lock's side of the air, so that it can disagree with the hub's.
 */
export function checksumOf(codes: readonly CountedCode[]): number {
  if (codes.length === 0) return 0;
  return crc16(
    codes.flatMap(({ slot, pin, enabled }) => [
      slot >> 8,
      slot & 0xff,
      enabled ? ENABLED : DISABLED,
      ...Buffer.from(pin.reveal(), 'ascii'),
    ]),
  );
}

/** CRC-16/AUG-CCITT: polynomial 0x1021, initial value 0x1D0F, no reflection. */
export function crc16(bytes: readonly number[]): number {
  let crc = INITIAL;
  for (const byte of bytes) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 0x8000) === 0 ? crc << 1 : (crc << 1) ^ POLYNOMIAL;
    crc &= 0xffff;
  }
  return crc;
}
