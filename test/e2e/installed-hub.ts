import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadConfig } from '../../src/config.ts';
import { pointedAt } from '../../src/update/durable.ts';
import { inboxOf, placesOf } from '../../src/update/places.ts';
import { debianArch } from '../../src/update/release.ts';
import { applyUpdate, type Supervisor } from '../../src/update/supervise.ts';
import { readReady, readTrial } from '../../src/update/trial.ts';
import { signer } from '../support/minisign.ts';
import { startProgram, type Program } from './program.ts';

const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));
const LOOK_EVERY_MS = 100;
/** As `StartLimitBurst=` of the unit, after which systemd gives up. */
const STARTS_MAX = 4;

/** What is wrong with a version: a text of a file of it, and what stands there instead. */
export type Change = readonly [file: string, text: string, instead: string];

/** A hub that is installed below `root` with several versions of the real program, and what systemd does about it. */
export class InstalledHub {
  readonly root: string;
  readonly hubs: Program[] = [];
  readonly #folder: string;
  readonly #configFile: string;
  readonly #signer = signer();
  readonly #ending = new AbortController();
  #units: Promise<void> | undefined;
  #isWanted = false;
  #starts = 0;

  constructor(folder: string, configFile: string, version: string) {
    this.#folder = folder;
    this.#configFile = configFile;
    this.root = path.join(folder, 'opt');
    this.#tree(placesOf(this.root).folderOf(version), version, []);
    for (const link of ['current', 'proven']) symlinkSync(`versions/${version}`, path.join(this.root, link));
  }

  get publicKey(): string {
    return this.#signer.publicKey;
  }

  /** The version that would be started now. */
  get version(): string | null {
    return pointedAt(placesOf(this.root).current);
  }

  /** The version that is unpacked and waits. */
  readyVersion(): string | undefined {
    return readReady(this.root)?.to;
  }

  /** An archive of a version that differs from this one in `changes`, with its signature beside it. */
  archive(version: string, changes: readonly Change[] = []): string {
    const folder = path.join(this.#folder, `tree-${version}`);
    const file = path.join(this.#folder, `lockhub_${version}.tar.gz`);
    this.#tree(folder, version, changes);
    execFileSync('tar', ['-czf', file, '-C', folder, '.']);
    const content = readFileSync(file);
    const comment = `version:${version} arch:${debianArch(process.arch)} bytes:${content.length}`;
    writeFileSync(`${file}.minisig`, this.#signer.sign(content, comment));
    return file;
  }

  /** Starts what systemd starts at a boot. A new version has `proveWithinMs` to prove itself. */
  boot(proveWithinMs: number): void {
    this.#units = this.#runUnits(proveWithinMs);
    void this.#service.start();
  }

  /** Runs a command of the version that has proved itself. */
  lockhub(...args: readonly string[]): Program {
    return startProgram(path.join(placesOf(this.root).proven, 'scripts', 'lockhub'), args);
  }

  async end(): Promise<void> {
    this.#ending.abort();
    await this.#service.stop();
    await this.#units;
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
    while (this.#isWanted && this.#starts < STARTS_MAX) {
      this.#starts += 1;
      if (existsSync(placesOf(this.root).trial)) await this.lockhub('update', 'guard').ended();
      if (!this.#isWanted) return;
      const program = path.join(placesOf(this.root).current, 'scripts', 'lockhub');
      const hub = startProgram(program, ['run', '--config', this.#configFile]);
      this.hubs.push(hub);
      if ((await hub.ended()) === 0) return;
    }
  }

  /** As `lockhub-update.path` and `lockhub-update.service`. */
  async #runUnits(proveWithinMs: number): Promise<void> {
    const config = loadConfig(this.#configFile);
    if (!config.ok) throw new Error(config.mistakes.join());
    const { request } = inboxOf(config.value.dataDir);
    const publicKeys = config.value.updateKeys;
    while (!this.#ending.signal.aborted) {
      if (existsSync(request) || readTrial(this.root) !== null) {
        const version = pointedAt(placesOf(this.root).proven) ?? '';
        const supervisor: Supervisor = {
          root: this.root,
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

  #tree(folder: string, version: string, changes: readonly Change[]): void {
    mkdirSync(path.join(folder, 'scripts'), { recursive: true });
    for (const part of ['src', 'drivers', 'scripts/lockhub']) {
      cpSync(path.join(REPOSITORY, part), path.join(folder, part), { recursive: true });
    }
    symlinkSync(path.join(REPOSITORY, 'node_modules'), path.join(folder, 'node_modules'));
    writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ version, type: 'module' }));
    for (const [file, text, instead] of changes) {
      const before = readFileSync(path.join(folder, file), 'utf8');
      if (!before.includes(text)) throw new Error(`${file} lacks what is to be changed: ${text}`);
      writeFileSync(path.join(folder, file), before.replace(text, instead));
    }
  }
}
