import { concat, type Bytes } from './bytes.ts';

/** Start of every frame on the line between a host and a ZNP stick (TI's Unified Network Processor Interface). */
const START = 0xfe;
/** Start, length, two command bytes and the checksum. */
const OVERHEAD_BYTES = 5;

/** Who speaks to whom, in the upper three bits of the first command byte. */
export const TYPE = { request: 1, indication: 2, response: 3 } as const;

export const SUBSYSTEM = { error: 0, sys: 1, af: 4, zdo: 5, util: 7, appConfig: 15 } as const;

/** One frame of the line. */
export interface LineFrame {
  readonly type: number;
  readonly subsystem: number;
  readonly command: number;
  /** At most 250 bytes. */
  readonly content: Uint8Array;
}

export function encodeLine({ type, subsystem, command, content }: LineFrame): Bytes {
  const body = concat(Uint8Array.of(content.length, (type << 5) | subsystem, command), content);
  return concat(Uint8Array.of(START), body, Uint8Array.of(checksum(body)));
}

/** Cuts a stream into frames. What is no frame, or has a wrong checksum, is left out. */
export class LineParser {
  #held = new Uint8Array(0);

  /** The frames that these bytes complete. At most one unfinished frame is held meanwhile. */
  push(bytes: Uint8Array): readonly LineFrame[] {
    this.#held = concat(this.#held, bytes);
    const frames: LineFrame[] = [];
    for (;;) {
      const start = this.#held.indexOf(START);
      this.#held = start === -1 ? new Uint8Array(0) : this.#held.slice(start);
      const length = (this.#held[1] ?? 0) + OVERHEAD_BYTES;
      if (this.#held.length < 2 || this.#held.length < length) return frames;
      const frame = decode(this.#held.slice(0, length));
      // As in the stick's firmware a frame with a wrong checksum goes as a whole.
      this.#held = this.#held.slice(length);
      if (frame !== undefined) frames.push(frame);
    }
  }
}

function decode(frame: Uint8Array): LineFrame | undefined {
  const body = frame.slice(1, -1);
  if (checksum(body) !== frame.at(-1)) return undefined;
  const [, first = 0, command = 0] = body;
  return { type: first >> 5, subsystem: first & 0x1f, command, content: body.slice(3) };
}

function checksum(bytes: Uint8Array): number {
  return bytes.reduce((folded, byte) => folded ^ byte, 0);
}
