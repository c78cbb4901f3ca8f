import { createHash, createPrivateKey, createPublicKey } from 'node:crypto';

/** DER of a raw X25519 private key up to its 32 bytes (RFC 8410). */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b656e04220420', 'hex');
const KEY_BYTES = 32;
const DSK_BYTES = 16;

/** Device class and product of a lock, as its QR code tells them. */
export interface Product {
  readonly genericDeviceClass: number;
  readonly specificDeviceClass: number;
  readonly manufacturerId: number;
  readonly productType: number;
  readonly productId: number;
}

/** What is printed on a lock that joins with S2, and the key behind it. */
export interface Label {
  /** Eight groups of five digits: the first half of its public key. */
  readonly dsk: string;
  /** The first group, which the hub can't learn by radio. */
  readonly pin: string;
  /** The text of its QR code, which also lets it join by SmartStart. */
  readonly qr: string;
  readonly privateKey: Uint8Array<ArrayBuffer>;
}

/** The same label for the same serial number. */
export function labelOf(serial: string, product: Product): Label {
  const privateKey = Uint8Array.from(createHash('sha256').update(serial).digest());
  const der = Buffer.concat([PKCS8_PREFIX, privateKey]);
  const publicKey = createPublicKey(createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }))
    .export({ format: 'der', type: 'spki' })
    .subarray(-KEY_BYTES);
  const words = Array.from({ length: DSK_BYTES / 2 }, (_, index) => publicKey.readUInt16BE(index * 2));
  const groups = words.map((word) => digits(word, 5));
  return { dsk: groups.join('-'), pin: groups[0] ?? '', qr: qrOf(groups.join(''), product), privateKey };
}

/** A SmartStart code that asks for S2 Access Control (Silicon Labs SDS13937, Node Provisioning QR Code Format). */
function qrOf(dsk: string, product: Product): string {
  const { genericDeviceClass, specificDeviceClass, manufacturerId, productType, productId } = product;
  const accessControl = '004';
  const deviceType = `0010${digits(genericDeviceClass * 256 + specificDeviceClass, 5)}${digits(0x0300, 5)}`;
  const ids = [manufacturerId, productType, productId, 0x0100].map((id) => digits(id, 5)).join('');
  const content = `${accessControl}${dsk}${deviceType}0220${ids}`;
  const checksum = createHash('sha1').update(content).digest().readUInt16BE(0);
  return `9001${digits(checksum, 5)}${content}`;
}

function digits(value: number, length: number): string {
  return String(value).padStart(length, '0');
}
