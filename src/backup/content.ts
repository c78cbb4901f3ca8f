import { createReadStream, statSync } from 'node:fs';
import { BackupError } from './errors.ts';

/** What a backup holds, by name. */
export const PARTS = ['lockhub.db', 'hub.key', 'config.json'] as const;
export type PartName = (typeof PARTS)[number];

/** One part: its bytes, or the file that has them. */
export interface Part {
  readonly name: PartName;
  readonly from: Buffer | { readonly file: string };
}

const NAME_BYTES_MAX = 255;
const SIZE_BYTES = 6;

/** The parts one behind the other: length of the name (1 byte), name, size (6 bytes, big endian), content; a zero ends it. */
export async function* written(parts: readonly Part[]): AsyncGenerator<Buffer> {
  for (const { name, from } of parts) {
    const size = Buffer.isBuffer(from) ? from.length : statSync(from.file).size;
    yield headOf(name, size);
    if (Buffer.isBuffer(from)) yield from;
    else for await (const chunk of createReadStream(from.file)) yield chunk as Buffer;
  }
  yield Buffer.of(0);
}

function headOf(name: string, size: number): Buffer {
  const text = Buffer.from(name);
  const head = Buffer.alloc(1 + text.length + SIZE_BYTES);
  head.writeUInt8(text.length);
  text.copy(head, 1);
  head.writeUIntBE(size, 1 + text.length, SIZE_BYTES);
  return head;
}

/** Told of each part, then of its content piece by piece. */
export interface PartSink {
  begin(name: string, sizeBytes: number): void;
  content(piece: Buffer): void;
  end(): void;
}

/** Takes the parts apart again. Rejects with `BackupError` of kind `damaged` when they end too early. */
export async function readParts(stream: AsyncIterable<Buffer>, sink: PartSink): Promise<void> {
  let held: Buffer = Buffer.alloc(0);
  let left = 0;
  let isInside = false;
  let isOver = false;
  for await (const piece of stream) {
    held = held.length === 0 ? piece : Buffer.concat([held, piece]);
    while (held.length > 0 && !isOver) {
      if (isInside) {
        const content = held.subarray(0, left);
        sink.content(content);
        left -= content.length;
        held = held.subarray(content.length);
      } else {
        const head = headIn(held);
        if (head === 'end') isOver = true;
        if (head === 'end' || head === 'incomplete') break;
        sink.begin(head.name, head.size);
        held = held.subarray(head.length);
        left = head.size;
        isInside = true;
      }
      if (isInside && left === 0) {
        sink.end();
        isInside = false;
      }
    }
  }
  if (!isOver) throw new BackupError('damaged', 'The content of the backup ends too early.');
}

function headIn(
  bytes: Buffer,
): { readonly name: string; readonly size: number; readonly length: number } | 'end' | 'incomplete' {
  const nameBytes = Math.min(bytes.readUInt8(), NAME_BYTES_MAX);
  if (nameBytes === 0) return 'end';
  const length = 1 + nameBytes + SIZE_BYTES;
  if (bytes.length < length) return 'incomplete';
  const name = bytes.toString('utf8', 1, 1 + nameBytes);
  return { name, size: bytes.readUIntBE(1 + nameBytes, SIZE_BYTES), length };
}
