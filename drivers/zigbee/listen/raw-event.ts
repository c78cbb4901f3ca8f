/** An event of a lock, as both ways to it give it. The PIN that some locks send along is left out. */
export type DoorLockEvent =
  | {
      readonly kind: 'operation';
      readonly source: number;
      readonly code: number;
      readonly user: number | null;
    }
  | {
      readonly kind: 'programming';
      readonly source: number;
      readonly code: number;
      readonly user: number | null;
    };

const MANUFACTURER_SPECIFIC = 0b0000_0100;
const FROM_SERVER = 0b0000_1000;
const FRAME_TYPE = 0b0000_0011;
const CLUSTER_SPECIFIC = 0b01;
const OPERATION_EVENT = 0x20;
const PROGRAMMING_EVENT = 0x21;
const NO_USER = 0xffff;

/** Header, source, code and user. */
const EVENT_BYTES_MIN = 7;

/** What a frame says, and its number, by which a repeated one is known. */
export interface RawEvent {
  readonly transaction: number;
  readonly event: DoorLockEvent;
}

/**
 * Reads an event that the library could not: many locks leave out its tail (trap 5 of the field notes). `undefined` for
 * anything else. The rest of the frame holds the PIN that was typed, and is not looked at.
 */
export function parseRawEvent(frame: Uint8Array): RawEvent | undefined {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  if (view.byteLength < EVENT_BYTES_MIN) return undefined;
  const control = view.getUint8(0);
  if ((control & FRAME_TYPE) !== CLUSTER_SPECIFIC || (control & FROM_SERVER) === 0) return undefined;
  if ((control & MANUFACTURER_SPECIFIC) !== 0) return undefined;
  const kind = kindOf(view.getUint8(2));
  if (kind === undefined) return undefined;
  const user = userOf(view.getUint16(5, true));
  return {
    transaction: view.getUint8(1),
    event: { kind, source: view.getUint8(3), code: view.getUint8(4), user },
  };
}

/** A user as the library gives it, where no number is NaN (trap 3); `null`: the lock names none. */
export function userOf(shown: unknown): number | null {
  return typeof shown === 'number' && Number.isInteger(shown) && shown !== NO_USER ? shown : null;
}

function kindOf(command: number): DoorLockEvent['kind'] | undefined {
  if (command === OPERATION_EVENT) return 'operation';
  return command === PROGRAMMING_EVENT ? 'programming' : undefined;
}
