/** What a broken stick says: `bytes` are those that a well one would have said now, none if it would be silent. */
export type Nonsense = (bytes: Buffer, draw: (below: number) => number) => Buffer;

/** How frames of a stick begin and end, of those that have their length in them. */
export interface Framing {
  readonly start: number;
  /** Bytes of a frame with this content, which begins behind start and length. */
  readonly frame: (content: Buffer) => Buffer;
  /** The content of the frame that begins here; `null`: none does. */
  readonly contentAt: (
    bytes: Buffer,
    at: number,
  ) => { readonly content: Buffer; readonly end: number } | null;
}

function xorOf(bytes: Buffer, first: number): number {
  return bytes.reduce((folded, byte) => folded ^ byte, first);
}

/** Z-Wave Serial API (INS12350): SOF, length of all behind it, content, checksum. */
export const SERIAL_API: Framing = {
  start: 0x01,
  frame: (content) => {
    const body = Buffer.concat([Buffer.of(content.length + 1), content]);
    return Buffer.concat([Buffer.of(0x01), body, Buffer.of(xorOf(body, 0xff))]);
  },
  contentAt: (bytes, at) => {
    const length = bytes[at + 1] ?? 0;
    const end = at + 2 + length;
    return length < 3 || end > bytes.length ? null : { content: bytes.subarray(at + 2, end - 1), end };
  },
};

/** TI's Unified Network Processor Interface: start, length of what is behind two bytes of command, these, content, check. */
export const UNPI: Framing = {
  start: 0xfe,
  frame: (content) => {
    const body = Buffer.concat([Buffer.of(Math.max(0, content.length - 2)), content]);
    return Buffer.concat([Buffer.of(0xfe), body, Buffer.of(xorOf(body, 0))]);
  },
  contentAt: (bytes, at) => {
    const end = at + 5 + (bytes[at + 1] ?? 0);
    return end > bytes.length ? null : { content: bytes.subarray(at + 2, end - 1), end };
  },
};

function noise(length: number, draw: (below: number) => number): Buffer {
  return Buffer.from(Array.from({ length }, () => draw(256)));
}

/** Kinds of sticks that answer nonsense. */
export function nonsenseOf({ start, frame, contentAt }: Framing): Readonly<Record<string, Nonsense>> {
  /** The first byte or two say what a frame is; what is behind them is changed. */
  const changed = (bytes: Buffer, draw: (below: number) => number): Buffer => {
    const pieces: Buffer[] = [];
    for (let at = 0; at < bytes.length;) {
      const found = bytes[at] === start ? contentAt(bytes, at) : null;
      if (found === null) {
        pieces.push(bytes.subarray(at, at + 1));
        at += 1;
        continue;
      }
      const { content, end } = found;
      pieces.push(
        frame(Buffer.concat([content.subarray(0, 2), noise(Math.max(0, content.length - 2), draw)])),
      );
      at = end;
    }
    return Buffer.concat(pieces);
  };
  return {
    'random bytes in place of all it says': (bytes, draw) => noise(bytes.length, draw),
    'a flipped bit now and then': (bytes, draw) =>
      Buffer.from(bytes.map((byte) => (draw(20) === 0 ? byte ^ (1 << draw(8)) : byte))),
    'right frames with nonsense values': changed,
    'everything twenty times': (bytes) => Buffer.concat(Array.from({ length: 20 }, () => bytes)),
    'random bytes without end': (bytes, draw) => Buffer.concat([bytes, noise(256, draw)]),
    'frames that nobody asked for, without end': (bytes, draw) =>
      Buffer.concat([bytes, ...Array.from({ length: 4 }, () => frame(noise(3 + draw(40), draw)))]),
  };
}
