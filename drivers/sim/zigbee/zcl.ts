import { concat, eui, octets, Reader, u16, u32, u8, type Bytes } from './bytes.ts';

/** Data types of the Zigbee cluster library that a lock uses. */
export const KIND = {
  bool: 0x10,
  map8: 0x18,
  map16: 0x19,
  map32: 0x1b,
  u8: 0x20,
  u16: 0x21,
  u32: 0x23,
  i32: 0x2b,
  enum8: 0x30,
  enum16: 0x31,
  octets: 0x41,
  text: 0x42,
  utc: 0xe2,
  ieee: 0xf0,
} as const;
export type Kind = (typeof KIND)[keyof typeof KIND];

export type Value = number | string;

export const STATUS = {
  success: 0x00,
  failure: 0x01,
  unsupportedCommand: 0x81,
  unsupportedGeneral: 0x82,
  malformed: 0x80,
  unsupportedAttribute: 0x86,
  invalidValue: 0x87,
  readOnly: 0x88,
  insufficientSpace: 0x89,
  notFound: 0x8b,
  unreportable: 0x8c,
  invalidType: 0x8d,
} as const;

/** General commands, the same in every cluster. */
export const GENERAL = {
  read: 0x00,
  readResponse: 0x01,
  write: 0x02,
  writeUndivided: 0x03,
  writeResponse: 0x04,
  writeNoResponse: 0x05,
  configureReporting: 0x06,
  configureReportingResponse: 0x07,
  readReporting: 0x08,
  readReportingResponse: 0x09,
  report: 0x0a,
  defaultResponse: 0x0b,
  discover: 0x0c,
  discoverResponse: 0x0d,
} as const;

const MANUFACTURER = 0x04;
const FROM_SERVER = 0x08;
const NO_DEFAULT_RESPONSE = 0x10;

/** A frame of the cluster library. */
export interface ZclFrame {
  /** False: one of the general commands. */
  readonly specific: boolean;
  readonly fromServer: boolean;
  readonly wantsDefaultResponse: boolean;
  /** Code of the maker whose own command this is. */
  readonly manufacturer?: number;
  readonly sequence: number;
  readonly command: number;
  readonly payload: Bytes;
}

export function encodeZcl(frame: ZclFrame): Bytes {
  const control =
    (frame.specific ? 1 : 0) |
    (frame.manufacturer === undefined ? 0 : MANUFACTURER) |
    (frame.fromServer ? FROM_SERVER : 0) |
    (frame.wantsDefaultResponse ? 0 : NO_DEFAULT_RESPONSE);
  const maker = frame.manufacturer === undefined ? new Uint8Array(0) : u16(frame.manufacturer);
  return concat(u8(control), maker, u8(frame.sequence), u8(frame.command), frame.payload);
}

/** Throws `ShortFrameError` for what is too short to be one. */
export function decodeZcl(bytes: Uint8Array): ZclFrame {
  const reader = new Reader(bytes);
  const control = reader.u8();
  const maker = (control & MANUFACTURER) === 0 ? {} : { manufacturer: reader.u16() };
  return {
    ...maker,
    specific: (control & 0b11) === 1,
    fromServer: (control & FROM_SERVER) !== 0,
    wantsDefaultResponse: (control & NO_DEFAULT_RESPONSE) === 0,
    sequence: reader.u8(),
    command: reader.u8(),
    payload: reader.rest(),
  };
}

export function encodeValue(kind: Kind, value: Value): Bytes {
  if (typeof value === 'string') return kind === KIND.ieee ? eui(value) : octets(value);
  const width = widthOf(kind);
  if (width === 1) return u8(value);
  return width === 2 ? u16(value) : u32(value);
}

/** `undefined`: of a type that no attribute of a lock has. */
export function readValue(reader: Reader, kind: number): Value | undefined {
  switch (widthOf(kind)) {
    case 'text':
      return reader.octets();
    case 'ieee':
      return reader.eui();
    case 1:
      return reader.u8();
    case 2:
      return reader.u16();
    case 4:
      return kind === KIND.i32 ? reader.u32() | 0 : reader.u32();
    case undefined:
      return undefined;
  }
}

/** Whether a report of such an attribute is configured with a smallest change. */
export function isAnalog(kind: number): boolean {
  return kind === KIND.u8 || kind === KIND.u16 || kind === KIND.u32 || kind === KIND.i32 || kind === KIND.utc;
}

function widthOf(kind: number): 1 | 2 | 4 | 'text' | 'ieee' | undefined {
  switch (kind) {
    case KIND.bool:
    case KIND.map8:
    case KIND.u8:
    case KIND.enum8:
      return 1;
    case KIND.map16:
    case KIND.u16:
    case KIND.enum16:
      return 2;
    case KIND.map32:
    case KIND.u32:
    case KIND.i32:
    case KIND.utc:
      return 4;
    case KIND.octets:
    case KIND.text:
      return 'text';
    case KIND.ieee:
      return 'ieee';
    default:
      return undefined;
  }
}
