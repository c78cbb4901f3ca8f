import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs';
import path from 'node:path';
import { startProgram, type Program } from './program.ts';

const MOUNT_WITHIN_MS = 10_000;
const CHUNK_BYTES = 4096;

/**
 * A real file system of a few megabytes that only the hub of a test sees, in a mount namespace of its own: it needs no
 * root where users may make namespaces.
 */
export class SmallDisk {
  /** Options of `nsenter` that run the program that follows where the disk is. */
  readonly entrance: readonly string[];
  readonly #holder: Program;
  /** The disk as this process reaches it. */
  readonly #folder: string;
  #files = 0;
  readonly #mountPoint: string;

  private constructor(holder: Program, folder: string) {
    this.#mountPoint = folder;
    const pid = String(holder.child.pid);
    this.#holder = holder;
    this.#folder = path.join('/proc', pid, 'root', folder);
    this.entrance = ['-t', pid, '-U', '-m', '--preserve-credentials', '--'];
  }

  /** Makes one and mounts it at `folder`, which it makes too. */
  static async at(folder: string, megabytes: number): Promise<SmallDisk> {
    mkdirSync(folder, { mode: 0o700 });
    const script = `mount -t tmpfs -o size=${megabytes}m,mode=0700 lockhub "$0" && echo mounted && exec sleep infinity`;
    const holder = startProgram('unshare', ['-rm', 'sh', '-c', script, folder]);
    try {
      await holder.line((line) => line === 'mounted', MOUNT_WITHIN_MS);
    } catch (error) {
      const why =
        'A disk for this test needs unshare and nsenter of util-linux, and leave to make namespaces';
      throw new Error(`${why} (as root, or kernel.unprivileged_userns_clone=1): ${holder.stderr.join(' ')}`, {
        cause: error,
      });
    }
    return new SmallDisk(holder, folder);
  }

  freeBytes(): number {
    const { bavail, bsize } = statfsSync(this.#folder);
    return bavail * bsize;
  }

  /** Somebody else takes all that is free. */
  fill(): void {
    this.#files += 1;
    const file = openSync(path.join(this.#folder, `of-somebody-else-${this.#files}`), 'w');
    try {
      for (;;) writeSync(file, Buffer.alloc(CHUNK_BYTES));
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
    } finally {
      closeSync(file);
    }
  }

  /** Whether it takes something, as a card that a kernel no longer trusts does not; nobody may have a file of it open. */
  setWritable(isWritable: boolean): void {
    const how = `remount,${isWritable ? 'rw' : 'ro'}`;
    execFileSync('nsenter', [...this.entrance, 'mount', '-o', how, this.#mountPoint]);
  }

  /** And gives it back. */
  clear(): void {
    for (let file = 1; file <= this.#files; file += 1) {
      rmSync(path.join(this.#folder, `of-somebody-else-${file}`), { force: true });
    }
  }

  async end(): Promise<void> {
    await this.#holder.end('SIGKILL');
  }
}
