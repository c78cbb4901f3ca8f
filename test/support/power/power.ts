import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Draw } from '../../../src/core/draw.ts';
import { cutPower, type CutReport } from './cut.ts';

const SHIM = fileURLToPath(new URL('shim.c', import.meta.url));

/** Compiles the shim; answers its file. */
export function compileShim(folder: string): string {
  const shim = path.join(folder, 'shim.so');
  execFileSync('gcc', ['-shared', '-fPIC', '-O1', '-Wall', '-Wextra', '-Werror', '-o', shim, SHIM]);
  return shim;
}

/** The power of one folder: a program that is started with `env` and killed can be made to have lost it. */
export class Power {
  readonly env: Readonly<Record<string, string>>;
  /** Of all cuts so far. */
  readonly total: Record<keyof CutReport, number> = { unsynced: 0, lost: 0, unsyncedNames: 0, lostNames: 0 };
  readonly #own: string;
  readonly #folder: string;

  /** Its notes are beside the temporary folder of a test, so on the same file system. */
  constructor(folder: string, shim: string) {
    this.#folder = folder;
    this.#own = mkdtempSync(path.join(os.tmpdir(), 'lockhub-power-'));
    mkdirSync(this.#kept);
    this.env = { LD_PRELOAD: shim, POWER_DIR: folder, POWER_LOG: this.#log, POWER_KEPT: this.#kept };
  }

  /** After the program was killed. */
  cut(draw: Draw): void {
    const report = cutPower({ folder: this.#folder, log: this.#log, kept: this.#kept }, draw);
    this.total.unsynced += report.unsynced;
    this.total.lost += report.lost;
    this.total.unsyncedNames += report.unsyncedNames;
    this.total.lostNames += report.lostNames;
  }

  end(): void {
    rmSync(this.#own, { recursive: true, force: true });
  }

  get #log(): string {
    return path.join(this.#own, 'log');
  }

  get #kept(): string {
    return path.join(this.#own, 'kept');
  }
}
