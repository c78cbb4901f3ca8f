import { existsSync } from 'node:fs';
import path from 'node:path';
import { loadConfig } from '../../src/config.ts';
import { pointedAt } from '../../src/update/durable.ts';
import { inboxOf, placesOf } from '../../src/update/places.ts';
import { debianArch } from '../../src/update/release.ts';
import { applyUpdate, type Supervisor } from '../../src/update/supervise.ts';
import { readTrial } from '../../src/update/trial.ts';
import { startProgram, type Program } from './program.ts';

const LOOK_EVERY_MS = 100;
/** As `StartLimitBurst=` of the unit, after which systemd gives up. */
const STARTS_MAX = 4;

/** What the units of an installed hub do, without systemd. */
export class Units {
  readonly hubs: Program[] = [];
  readonly #root: string;
  readonly #configFile: string;
  readonly #ending = new AbortController();
  #running: Promise<void> | undefined;
  #isWanted = false;
  #starts = 0;

  constructor(root: string, configFile: string) {
    this.#root = root;
    this.#configFile = configFile;
  }

  /** Starts what systemd starts at a boot. A new version has `proveWithinMs` to prove itself. */
  boot(proveWithinMs: number): void {
    this.#running = this.#serve(proveWithinMs);
    void this.#service.start();
  }

  async end(): Promise<void> {
    this.#ending.abort();
    await this.#service.stop();
    await this.#running;
  }

  readonly #service = {
    stop: async (): Promise<void> => {
      this.#isWanted = false;
      await this.hubs.at(-1)?.end('SIGTERM');
    },
    start: async (): Promise<void> => {
      this.#isWanted = true;
      this.#starts = 0;
      void this.#keepRunning();
    },
  };

  /** As `Restart=on-failure`, with the guard before each start. */
  async #keepRunning(): Promise<void> {
    const { current, proven, trial } = placesOf(this.#root);
    while (this.#isWanted && this.#starts < STARTS_MAX) {
      this.#starts += 1;
      if (existsSync(trial)) await startProgram(programOf(proven), ['update', 'guard']).ended();
      if (!this.#isWanted) return;
      const hub = startProgram(programOf(current), ['run', '--config', this.#configFile]);
      this.hubs.push(hub);
      if ((await hub.ended()) === 0) return;
    }
  }

  /** As `lockhub-update.path` and `lockhub-update.service`. */
  async #serve(proveWithinMs: number): Promise<void> {
    const config = loadConfig(this.#configFile);
    if (!config.ok) throw new Error(config.mistakes.join());
    const { request } = inboxOf(config.value.dataDir);
    const publicKeys = config.value.updateKeys;
    while (!this.#ending.signal.aborted) {
      if (existsSync(request) || readTrial(this.#root) !== null) {
        const version = pointedAt(placesOf(this.#root).proven) ?? '';
        const supervisor: Supervisor = {
          root: this.#root,
          config: config.value,
          service: this.#service,
          proveWithinMs,
          present: { version, arch: debianArch(process.arch), publicKeys },
          say: () => undefined,
        };
        await applyUpdate(supervisor);
      }
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
  }
}

function programOf(link: string): string {
  return path.join(link, 'scripts', 'lockhub');
}
