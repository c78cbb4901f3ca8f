import { randomFillSync } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';

const CHUNK_BYTES = 256 * 1024;

/**
 * A file that keeps room on the disk free for codes: it is given up when nothing more can be written. It holds noise,
 * because a file system that compresses would keep no room for anything else.
 */
export class Reserve {
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
  }

  /** What it keeps free; 0: it is given up. */
  bytes(): number {
    return existsSync(this.#file) ? statSync(this.#file).size : 0;
  }

  /** Makes it anew, whole or not at all. Throws what the system says. */
  make(bytes: number): void {
    const unfinished = `${this.#file}.new`;
    const chunk = Buffer.alloc(CHUNK_BYTES);
    try {
      const file = openSync(unfinished, 'w', 0o600);
      try {
        for (let left = bytes; left > 0; left -= CHUNK_BYTES) {
          writeSync(file, randomFillSync(chunk), 0, Math.min(left, CHUNK_BYTES));
        }
        fsyncSync(file);
      } finally {
        closeSync(file);
      }
      renameSync(unfinished, this.#file);
    } catch (error) {
      rmSync(unfinished, { force: true });
      throw error;
    }
  }

  /** Gives its room to whoever writes next. Throws what the system says. */
  release(): void {
    rmSync(this.#file, { force: true });
  }
}
