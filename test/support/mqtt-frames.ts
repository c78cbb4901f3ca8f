/** Types of MQTT control packets that tests tell apart: the upper half of the first byte, the same in 3.1.1 and 5. */
export const PUBLISH = 3;
export const PUBACK = 4;

/** One control packet, as its bytes are. */
export interface Frame {
  readonly type: number;
  /** Of a PUBLISH with QoS above 0, and of a PUBACK. */
  readonly packetId: number | undefined;
  readonly bytes: Buffer;
}

/** Cuts a stream of bytes into MQTT control packets, knowing only the fixed header and where packet ids are. */
export class FrameReader {
  #rest: Buffer = Buffer.alloc(0);

  /** The packets that are complete with these bytes. */
  push(bytes: Buffer): readonly Frame[] {
    this.#rest = Buffer.concat([this.#rest, bytes]);
    const frames: Frame[] = [];
    for (;;) {
      const frame = firstFrame(this.#rest);
      if (frame === undefined) return frames;
      this.#rest = this.#rest.subarray(frame.bytes.length);
      frames.push(frame);
    }
  }
}

function firstFrame(bytes: Buffer): Frame | undefined {
  let length = 0;
  for (let at = 1; at <= 4; at += 1) {
    const byte = bytes[at];
    if (byte === undefined) return undefined;
    length += (byte & 0x7f) * 128 ** (at - 1);
    if (byte < 0x80) {
      const end = at + 1 + length;
      return end <= bytes.length ? read(bytes.subarray(0, end), at + 1) : undefined;
    }
  }
  throw new Error('Not MQTT: the remaining length has more than 4 bytes');
}

function read(bytes: Buffer, bodyAt: number): Frame {
  const first = bytes.readUInt8(0);
  const type = first >> 4;
  if (type === PUBACK) return { type, packetId: bytes.readUInt16BE(bodyAt), bytes };
  const isAcknowledged = type === PUBLISH && (first & 0x06) !== 0;
  const idAt = isAcknowledged ? bodyAt + 2 + bytes.readUInt16BE(bodyAt) : 0;
  return { type, packetId: isAcknowledged ? bytes.readUInt16BE(idAt) : undefined, bytes };
}
