import type { Hub } from '../hub.ts';
import type { Machine } from '../time/interval-clock.ts';
import type { HubProcess } from './hub-process.ts';

type DemoHub = Pick<Hub, 'http' | 'stop'>;

interface HubsParts {
  /** On the data directory of the demo; with another machine than this one, where that is given. */
  readonly open: (machine?: Machine) => Promise<DemoHub>;
  /** The same in a process of its own. */
  readonly spawn: () => HubProcess;
}

/** The hub of the demo, one after the other on one data directory. */
export class Hubs {
  readonly #parts: HubsParts;
  #inside: DemoHub | null = null;
  #outside: HubProcess | null = null;

  constructor(parts: HubsParts) {
    this.#parts = parts;
  }

  async open(machine?: Machine): Promise<DemoHub> {
    await this.stop();
    this.#inside = await this.#parts.open(machine);
    return this.#inside;
  }

  async spawn(): Promise<void> {
    await this.stop();
    this.#outside = this.#parts.spawn();
  }

  /** As if the power were cut: the hub has no moment to end anything. Only one that was spawned can die so. */
  async cutPower(): Promise<void> {
    await this.#outside?.kill();
    this.#outside = null;
  }

  async stop(): Promise<void> {
    await Promise.all([this.#inside?.stop(), this.#outside?.stop()]);
    this.#inside = null;
    this.#outside = null;
  }
}
