import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { BootPartition } from './partition.ts';

/** Largest file of a boot partition that is read back; kernels are larger and never read. */
const READ_BYTES_MAX = 512 * 1024 * 1024;

/** The files of a FAT partition, without mounting it (mtools), so that an image needs no root. */
export class BootFiles {
  readonly #drive: string;

  constructor(image: string, { offset }: BootPartition) {
    this.#drive = `${image}@@${offset}`;
  }

  /** Names at the top, as they are spelt. Throws `BootFilesError` where there is no FAT file system. */
  names(): readonly string[] {
    return this.#run('mdir', ['-b', '-i', this.#drive, '::/'])
      .toString('utf8')
      .split('\n')
      .flatMap((line) => (line.startsWith('::/') && !line.endsWith('/') ? [line.slice('::/'.length)] : []));
  }

  read(name: string): Buffer {
    return this.#run('mcopy', ['-i', this.#drive, `::/${name}`, '-']);
  }

  /** Writes a text, and reads it back. */
  writeText(name: string, text: string): void {
    this.#run('mcopy', ['-o', '-i', this.#drive, '-', `::/${name}`], text);
    if (this.read(name).toString('utf8') !== text) throw new BootFilesError(`${name} reads back differently`);
  }

  /** Copies a file of this machine, and reads it back. */
  copy(file: string, name: string): void {
    this.#run('mcopy', ['-o', '-i', this.#drive, file, `::/${name}`]);
    if (!this.read(name).equals(readFileSync(file)))
      throw new BootFilesError(`${name} reads back differently`);
  }

  delete(name: string): void {
    this.#run('mdel', ['-i', this.#drive, `::/${name}`]);
  }

  #run(program: string, options: readonly string[], input = ''): Buffer {
    try {
      return execFileSync(program, options, {
        input,
        stdio: ['pipe', 'pipe', 'pipe'],
        maxBuffer: READ_BYTES_MAX,
        // Images are cut to the size of their partitions, and the settings of whoever runs this must not matter.
        env: { ...process.env, MTOOLS_SKIP_CHECK: '1', MTOOLSRC: '/dev/null' },
      });
    } catch (error) {
      throw new BootFilesError(saidBy(error), { cause: error });
    }
  }
}

/** The boot partition could not be read or written; the message is what the tool says. */
export class BootFilesError extends Error {}

function saidBy(error: unknown): string {
  const said = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : '';
  return said || (error instanceof Error ? error.message : String(error));
}
