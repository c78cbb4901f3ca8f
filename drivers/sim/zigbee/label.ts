import { createCipheriv, createHash } from 'node:crypto';
import { concat, u16, type Bytes } from './bytes.ts';

const CODE_BYTES = 16;
const BLOCK_BYTES = 16;
/** CRC-16/X-25, turned around. */
const CRC_POLYNOMIAL = 0x8408;

/** What is printed on a Zigbee lock. */
export interface ZigbeeLabel {
  /** With its checksum, in hex. */
  readonly installCode: string;
  /** The text of its QR code. */
  readonly qr: string;
}

/** The install code of a lock with its checksum. The same for the same serial number. */
export function installCodeOf(serial: string): Bytes {
  const code = Uint8Array.from(createHash('sha256').update(serial).digest().subarray(0, CODE_BYTES));
  return concat(code, u16(crc16(code)));
}

export function zigbeeLabelOf(serial: string, ieee: string): ZigbeeLabel {
  const installCode = Buffer.from(installCodeOf(serial)).toString('hex').toUpperCase();
  return { installCode, qr: `Z:${ieee.slice(2).toUpperCase()}$I:${installCode}` };
}

/** The link key that an install code stands for: its hash by AES-MMO (Zigbee specification, B.6). */
export function linkKeyOf(installCode: Uint8Array): Bytes {
  const padded = concat(installCode, Uint8Array.of(0x80), new Uint8Array(2 * BLOCK_BYTES));
  const length = Math.ceil((installCode.length + 3) / BLOCK_BYTES) * BLOCK_BYTES;
  const message = padded.slice(0, length);
  const bits = installCode.length * 8;
  message.set([bits >> 8, bits & 0xff], length - 2);
  let hash = new Uint8Array(BLOCK_BYTES);
  for (let at = 0; at < length; at += BLOCK_BYTES) {
    const block = message.slice(at, at + BLOCK_BYTES);
    const cipher = createCipheriv('aes-128-ecb', hash, null).setAutoPadding(false);
    const encrypted = cipher.update(block);
    hash = block.map((byte, index) => byte ^ (encrypted[index] ?? 0));
  }
  return hash;
}

function crc16(bytes: Uint8Array): number {
  let crc = 0xffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc & 1) === 1 ? (crc >>> 1) ^ CRC_POLYNOMIAL : crc >>> 1;
  }
  return crc ^ 0xffff;
}
