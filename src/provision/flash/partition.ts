import type { Loaded } from '../../config.ts';

/** A sector as partition tables count, whatever the card's own are. */
const SECTOR_BYTES = 512;
const TABLE_AT = 446;
const ENTRY_BYTES = 16;
const ENTRIES = 4;
const SIGNATURE_AT = 510;
/** Types of FAT partitions in a DOS partition table: FAT16 and FAT32, with and without LBA. */
const FAT_TYPES: readonly number[] = [0x06, 0x0b, 0x0c, 0x0e];
const GPT_TYPE = 0xee;

/** How much of an image is read to find its partitions. */
export const TABLE_BYTES = SECTOR_BYTES;

/** Where the FAT file system of a card is, in bytes from the card's start. */
export interface BootPartition {
  readonly offset: number;
  readonly sizeBytes: number;
}

/**
 * The boot partition of a card or image: the first partition of the DOS table that Raspberry Pi OS images have.
 * `sizeBytes` is that of the whole.
 */
export function bootPartitionOf(table: Uint8Array, sizeBytes: number): Loaded<BootPartition> {
  if (table.length < TABLE_BYTES) return failed('it is too short to be a card');
  const view = new DataView(table.buffer, table.byteOffset, table.length);
  if (view.getUint16(SIGNATURE_AT, true) !== 0xaa55) return failed('it has no partition table');
  const entries = Array.from({ length: ENTRIES }, (_, index) => {
    const at = TABLE_AT + index * ENTRY_BYTES;
    return {
      type: view.getUint8(at + 4),
      offset: view.getUint32(at + 8, true) * SECTOR_BYTES,
      sizeBytes: view.getUint32(at + 12, true) * SECTOR_BYTES,
    };
  });
  const [first] = entries;
  if (first?.type === GPT_TYPE) return failed('it has a GPT partition table, which no card of a Pi has');
  if (first === undefined || !FAT_TYPES.includes(first.type) || first.offset === 0) {
    return failed('its first partition is not a FAT boot partition');
  }
  if (first.offset + first.sizeBytes > sizeBytes) {
    return failed('its boot partition is longer than itself: the image was cut off');
  }
  return { ok: true, value: { offset: first.offset, sizeBytes: first.sizeBytes } };
}

function failed(mistake: string): Loaded<never> {
  return { ok: false, mistakes: [mistake] };
}
