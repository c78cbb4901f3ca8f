import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

const compress = promisify(gzip);
const BLOCK_BYTES = 512;
/** A file whose lines are more than this loses its oldest ones. */
const LINES_BYTES_MAX = 4 * 1024 * 1024;

/** One file of an archive. */
export interface TarFile {
  /** Up to 100 ASCII characters. */
  readonly name: string;
  readonly text: string;
}

/** Files as one archive (`.tar.gz`; POSIX ustar), of which only the owner may read what is unpacked. */
export function tarOf(files: readonly TarFile[], atMs: number): Promise<Buffer> {
  const blocks = files.flatMap(({ name, text }) => {
    const content = Buffer.from(text);
    const padding = Buffer.alloc((BLOCK_BYTES - (content.length % BLOCK_BYTES)) % BLOCK_BYTES);
    return [headerOf(name, content.length, atMs), content, padding];
  });
  return compress(Buffer.concat([...blocks, Buffer.alloc(2 * BLOCK_BYTES)]));
}

/** The newest of these lines, as far as they may be in a file. */
export function newestLines(lines: readonly string[]): string {
  let from = lines.length;
  let bytes = 0;
  while (from > 0) {
    bytes += Buffer.byteLength(lines[from - 1] ?? '') + 1;
    if (bytes > LINES_BYTES_MAX) break;
    from -= 1;
  }
  return lines
    .slice(from)
    .map((line) => `${line}\n`)
    .join('');
}

function headerOf(name: string, sizeBytes: number, atMs: number): Buffer {
  const header = Buffer.alloc(BLOCK_BYTES);
  const octal = (value: number, at: number, digits: number): void =>
    void header.write(`${value.toString(8).padStart(digits, '0')}\0`, at, 'latin1');
  header.write(name, 0, 'latin1');
  octal(0o600, 100, 7);
  octal(0, 108, 7);
  octal(0, 116, 7);
  octal(sizeBytes, 124, 11);
  octal(Math.max(0, Math.floor(atMs / 1000)), 136, 11);
  header.write('        0', 148, 'latin1');
  header.write('ustar\x0000', 257, 'latin1');
  // The sum of all bytes, for which that of the sum itself are blanks.
  octal(
    header.reduce((sum, byte) => sum + byte, 0),
    148,
    6,
  );
  return header;
}
