import { ZSpec } from 'zigbee-herdsman';

/** What the label of a lock says: who it is and what it proves that with. */
export interface Label {
  /** As `0x…`, in small letters. */
  readonly ieee: string;
  /** In the form that the library takes. */
  readonly text: string;
}

/** Install codes have 6, 8, 12 or 16 bytes and 2 of a checksum, which some labels leave out. */
const KEY_BYTES: ReadonlySet<number> = new Set([6, 8, 10, 12, 14, 16, 18]);
/** With so many bytes the last two are the checksum; 8 may be a code with or one without. */
const CHECKED_BYTES: ReadonlySet<number> = new Set([10, 14, 18]);
const CHECKSUM_BYTES = 2;

const FORMS = [
  // Zigbee's own: Z:<address>$I:<code>, with more around it.
  /Z:(?<ieee>[0-9a-fA-F]{16})\$I:(?<key>[0-9a-fA-F]+)/,
  /^\|?(?<ieee>[0-9a-fA-F]{16})\|(?<key>[0-9a-fA-F]+)\|?$/,
  /^G\$M:.+\$A:(?<ieee>[0-9a-fA-F]{16})\$I:(?<key>[0-9a-fA-F]+)/,
  /^HUE:Z:(?<key>[0-9a-fA-F]+) ?M:(?<ieee>[0-9a-fA-F]{16})/,
] as const;

/** Reads the text of a lock's QR code; `undefined` when it is none of a Zigbee lock. */
export function installCodeOf(text: string): Label | undefined {
  const trimmed = text.trim();
  for (const form of FORMS) {
    const { ieee, key } = form.exec(trimmed)?.groups ?? {};
    if (ieee === undefined || key === undefined) continue;
    if (!isWhole(key)) return undefined;
    return { ieee: `0x${ieee.toLowerCase()}`, text: `${ieee}|${key}` };
  }
  return undefined;
}

/** The library mends a checksum that is wrong, and a lock with a mistyped code would be waited for in vain. */
function isWhole(key: string): boolean {
  const length = key.length / 2;
  if (!KEY_BYTES.has(length)) return false;
  if (!CHECKED_BYTES.has(length)) return true;
  const bytes = Buffer.from(key, 'hex');
  const code = bytes.subarray(0, -CHECKSUM_BYTES);
  return ZSpec.Utils.crc16X25(code) === bytes.readUInt16LE(code.length);
}
