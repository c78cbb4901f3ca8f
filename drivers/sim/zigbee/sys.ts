import { concat, eui, u16, u32, u8, type Bytes, type Reader } from './bytes.ts';
import type { StickMemory } from './memory.ts';
import { MT, type MtAnswer } from './mt.ts';

/** Transport, product (Z-Stack 3.x.0), release 2.7.1, and the date of the firmware. */
const VERSION = [2, 1, 2, 7, 1] as const;
const REVISION = 20_240_710;
const CAPABILITIES = 0x0779;
/** Bytes of an item that one answer carries. */
const CHUNK_BYTES = 240;
/** Largest item that a host may create. */
const ITEM_MAX_BYTES = 1024;

/** What the stick says of itself after a restart: reason, then the version. */
export const RESET_INDICATION = Uint8Array.of(0, ...VERSION);

/** The SYS commands: who the stick is, and its memory. */
export function answerSys(memory: StickMemory, command: number, request: Reader): MtAnswer {
  switch (command) {
    case 0x01:
      return u16(CAPABILITIES);
    case 0x02:
      return concat(Uint8Array.of(...VERSION), u32(REVISION));
    case 0x04:
      return eui(memory.address);
    case 0x0f:
      request.u8();
      return u8(request.u8());
    default:
      return answerItem(memory, command, request) ?? answerEntry(memory, command, request);
  }
}

function answerItem(memory: StickMemory, command: number, request: Reader): MtAnswer {
  switch (command) {
    case 0x07: {
      const [id, length] = [request.u16(), request.u16()];
      const initial = request.take(request.u8());
      if (memory.item(id) !== undefined) return u8(MT.success);
      if (length > ITEM_MAX_BYTES || initial.length > length) return u8(MT.invalidParameter);
      memory.setItem(id, patched(new Uint8Array(length), 0, initial));
      return u8(MT.itemCreated);
    }
    case 0x08:
    case 0x1c: {
      const item = memory.item(request.u16());
      return chunk(item, command === 0x08 ? request.u8() : request.u16(), CHUNK_BYTES);
    }
    case 0x09:
    case 0x1d: {
      const id = request.u16();
      const offset = command === 0x09 ? request.u8() : request.u16();
      const value = request.take(command === 0x09 ? request.u8() : request.u16());
      const item = memory.item(id);
      if (item === undefined || offset + value.length > item.length) return u8(MT.invalidParameter);
      memory.setItem(id, patched(item, offset, value));
      return u8(MT.success);
    }
    case 0x12:
      return u8(memory.deleteItem(request.u16()) ? MT.success : MT.itemCreated);
    case 0x13:
      return u16(memory.item(request.u16())?.length ?? 0);
    default:
      return undefined;
  }
}

/** Tables that the host reaches by system, item and index. */
function answerEntry(memory: StickMemory, command: number, request: Reader): MtAnswer {
  if (command < 0x30 || command > 0x34) return undefined;
  const at = [request.u8(), request.u16(), request.u16()] as const;
  const entry = memory.entry(...at);
  switch (command) {
    case 0x30: {
      const length = request.u32();
      if (length > ITEM_MAX_BYTES) return u8(MT.invalidParameter);
      if (entry === undefined) memory.setEntry(...at, new Uint8Array(length));
      return u8(MT.success);
    }
    case 0x31:
      return u8(memory.deleteEntry(...at) ? MT.success : MT.failure);
    case 0x32:
      return u32(entry?.length ?? 0);
    case 0x33:
      return chunk(entry, request.u16(), request.u8());
    default: {
      const offset = request.u16();
      const value = request.take(request.u8());
      if (entry === undefined || offset + value.length > entry.length) return u8(MT.invalidParameter);
      memory.setEntry(...at, patched(entry, offset, value));
      return u8(MT.success);
    }
  }
}

function chunk(held: Bytes | undefined, offset: number, length: number): Bytes {
  if (held === undefined) return Uint8Array.of(MT.failure, 0);
  const value = held.slice(offset, offset + Math.min(length, CHUNK_BYTES));
  return concat(Uint8Array.of(MT.success, value.length), value);
}

function patched(held: Bytes, offset: number, value: Bytes): Bytes {
  const copy = held.slice();
  copy.set(value, offset);
  return copy;
}
