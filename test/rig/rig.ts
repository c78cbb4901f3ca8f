import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { z } from 'zod';

const RIG = fileURLToPath(new URL('../../scripts/rig', import.meta.url));
/** Making the file system is done before the tests; booting takes a second. */
const BOOT_WITHIN_MS = 120_000;
const RUN_WITHIN_MS = 60_000;
const OUTPUT_BYTES_MAX = 16 * 1024 * 1024;

const execute = promisify(execFile);

/** A small Debian with systemd, fresh for whoever boots it. It shares the network of this machine. */
export class Rig {
  readonly #boot: ChildProcess;
  readonly #leader: string;

  private constructor(boot: ChildProcess, leader: number) {
    this.#boot = boot;
    this.#leader = String(leader);
  }

  /** Options are those of systemd-nspawn, such as `--bind-ro=HERE:THERE`. */
  static async boot(...options: readonly string[]): Promise<Rig> {
    // While its standard input is open it runs: also a test that is killed leaves none behind.
    const boot = spawn(RIG, ['boot', ...options], { stdio: ['pipe', 'pipe', 'inherit'] });
    const lines = createInterface({ input: boot.stdout });
    const [line] = await Promise.race([
      once(lines, 'line', { signal: AbortSignal.timeout(BOOT_WITHIN_MS) }),
      once(boot, 'exit').then(([code]) => Promise.reject(new Error(`The rig ended with ${String(code)}.`))),
    ]);
    return new Rig(boot, z.object({ leader: z.int() }).parse(JSON.parse(String(line))).leader);
  }

  /** Runs a script of `sh` as root; answers what it prints. Rejects with all that it said where it fails. */
  async run(script: string, withinMs = RUN_WITHIN_MS): Promise<string> {
    const args = ['exec', this.#leader, 'sh', '-euc', script];
    const { stdout } = await execute(RIG, args, { timeout: withinMs, maxBuffer: OUTPUT_BYTES_MAX });
    return stdout.trim();
  }

  /** Starts a script that goes on; resolves when it ends. What it says is of no interest. */
  start(script: string): ChildProcess {
    return spawn(RIG, ['exec', this.#leader, 'sh', '-euc', script], { stdio: 'ignore' });
  }

  /** A property of a unit, such as `MainPID`. */
  show(unit: string, property: string): Promise<string> {
    return this.run(`systemctl show ${unit} --property=${property} --value`);
  }

  /** Writes a file. */
  async write(file: string, text: string, mode = '644'): Promise<void> {
    const coded = Buffer.from(text).toString('base64');
    await this.run(
      `mkdir -p "$(dirname ${file})"; echo ${coded} | base64 -d >${file}; chmod ${mode} ${file}`,
    );
  }

  async end(): Promise<void> {
    const ended = once(this.#boot, 'exit');
    this.#boot.stdin?.end();
    await ended;
  }
}
