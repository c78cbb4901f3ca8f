import { mkdtempSync, rmSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { seededRandom, type Random } from '../../drivers/sim/random.ts';
import type { Allowances } from '../../src/reference-cloud/violation.ts';
import { audit } from './audit.ts';
import { FleetCloud, type Served } from './fleet-cloud.ts';
import { HubProcess } from './hub-process.ts';
import { Nodes } from './nodes.ts';
import type { Answer } from './orders.ts';
import type { Cost, FleetReport, Killed } from './report.ts';
import { pause, until } from './until.ts';
import { ownUsage, type Usage } from './usage.ts';

/** With the cloud's own, as many as small machines have cores. */
const PROCESSES = 2;
const CLUSTER_NODES = 3;
/** One code changes and one door opens this often, or less often in a small fleet. */
const CHANGES_PER_SECOND_MAX = 20;
const CHANGES_PER_HUB_SECOND = 0.5;
/** The code that never changes, so that the door can be opened at any time, and the other one. */
const DOOR = 'door';
const GUEST = 'guest';
const BEGIN_WITHIN_MS = 60_000;
/** On top of it, for each hub: a busy machine starts a few of them in a second. */
const BEGIN_PER_HUB_MS = 600;

const AUDIT_EVERY_MS = 1000;
/** A hub takes a connection that lasted a minute for a good one, after which it comes back soon. */
const CALM_MS = 61_000;
/** Errors of the hubs that are kept to be shown. */
const ERRORS_MAX = 20;
const NOTHING: Allowances = {
  loss: false,
  doubling: false,
  reordering: false,
  fullOutbox: false,
  lateStart: false,
};

export interface FleetOptions {
  readonly hubs: number;
  readonly cluster: boolean;
  /** How long codes change in each part of the run. */
  readonly seconds: number;
  /** Each node in turn is killed, and started again. */
  readonly kill: boolean;
  readonly seed: number;
  /** Told of each step. */
  readonly say: (line: string) => void;
}

/** Runs a fleet from its start to its end and leaves nothing behind. Rejects when a step takes longer than its bound. */
export async function runFleet(options: FleetOptions): Promise<FleetReport> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'lockhub-fleet-'));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  process.once('exit', remove);
  try {
    const nodes = await Nodes.start(folder, options.cluster ? CLUSTER_NODES : 1, options.hubs);
    const fleet = new Fleet(options, folder, nodes);
    try {
      return await fleet.run();
    } finally {
      await fleet.end();
      await nodes.stop();
    }
  } finally {
    remove();
  }
}

class Fleet {
  readonly #options: FleetOptions;
  readonly #folder: string;
  readonly #random: Random;
  /** For whatever all hubs have to do. */
  readonly #withinMs: number;
  readonly #nodes: Nodes;
  readonly #cloud: FleetCloud;
  readonly #processes: readonly HubProcess[];
  readonly #errors: string[] = [];
  #connectedAtMs: number[] = [];
  #changes = 0;

  constructor(options: FleetOptions, folder: string, nodes: Nodes) {
    this.#options = options;
    this.#folder = folder;
    this.#nodes = nodes;
    this.#random = seededRandom(options.seed);
    this.#withinMs = BEGIN_WITHIN_MS + options.hubs * BEGIN_PER_HUB_MS;
    const hubIds = Array.from({ length: options.hubs }, (_, index) => `fleet-${index + 1}`);
    this.#cloud = new FleetCloud({
      file: path.join(folder, 'cloud.db'),
      urls: nodes.urls,
      hubIds,
      random: this.#random,
      // A message whose acknowledgement died with a node comes again, and later than those that followed it.
      allows: { ...NOTHING, doubling: options.kill, reordering: options.kill },
    });
    this.#processes = Array.from({ length: PROCESSES }, (_, index) => {
      const own = hubIds.filter((_id, hub) => hub % PROCESSES === index);
      return new HubProcess(own, (answer) => this.#hear(answer));
    });
  }

  async run(): Promise<FleetReport> {
    const { say, seconds, kill } = this.#options;
    const { emptyRssBytes, startedMs } = await this.#begin();
    say(`every lock holds its codes ${secondsText(startedMs)} after the start`);
    const idle = await this.#costOf(() => pause(seconds * 1000));
    const busy = await this.#costOf(async () => {
      await this.#change();
      await this.#settled();
    });
    const changes = this.#changes;
    say(`${changes} codes changed and all is applied after ${busy.seconds.toFixed(1)} s`);
    const killed: Killed[] = [];
    const inTurn = kill ? this.#nodes.urls.keys() : [];
    for (const node of inTurn) killed.push(await this.#kill(node));
    const wrong = await this.#audit();
    const looked = await Promise.all(this.#processes.map((one) => one.ask({ kind: 'look' }, 'looked')));
    return {
      wrong: [...this.#errors, ...wrong],
      facts: looked.flatMap(({ hubs }) => hubs),
      events: [...this.#cloud.served.values()].reduce((sum, { events }) => sum + events, 0),
      startedMs,
      hubsRssBytes: (await this.#hubsUsage()).rssBytes - emptyRssBytes,
      brokersRssBytes: this.#nodes.usage().rssBytes,
      cloudRssBytes: ownUsage().rssBytes,
      cloudDatabaseBytes: statSync(path.join(this.#folder, 'cloud.db')).size,
      idle,
      busy,
      changes,
      killed,
      traffic: this.#cloud.traffic,
    };
  }

  async end(): Promise<void> {
    await Promise.all(this.#processes.map((one) => one.end()));
    await this.#cloud.stop();
  }

  /** Starts all hubs and wants two codes of each. */
  async #begin(): Promise<{ readonly emptyRssBytes: number; readonly startedMs: number }> {
    const startMs = performance.now();
    await until('the cloud is connected', this.#withinMs, () => this.#cloud.isConnected());
    const begun = this.#processes.map((one) => {
      const { hubIds } = one;
      return one.ask({ kind: 'begin', hubIds, folder: this.#folder, urls: this.#nodes.urls }, 'begun');
    });
    const emptyRssBytes = (await Promise.all(begun)).reduce((sum, { empty }) => sum + empty.rssBytes, 0);
    this.#options.say(`all hubs run ${secondsText(performance.now() - startMs)} after the start`);
    await until('every lock is reported', this.#withinMs, () => this.#cloud.knowsAll());
    this.#options.say(`every lock is reported ${secondsText(performance.now() - startMs)} after the start`);
    for (const served of this.#cloud.served.values()) {
      this.#cloud.want(served, DOOR);
      this.#cloud.want(served, GUEST);
    }
    await this.#settled();
    return { emptyRssBytes, startedMs: performance.now() - startMs };
  }

  /** Changes codes and opens doors, here and there, for as long as was asked. */
  async #change(): Promise<void> {
    const { hubs, seconds } = this.#options;
    const perSecond = Math.min(CHANGES_PER_SECOND_MAX, hubs * CHANGES_PER_HUB_SECOND);
    for (let left = Math.round(seconds * perSecond); left > 0; left--) {
      this.#cloud.want(this.#any(), GUEST);
      this.#open(this.#any());
      this.#changes += 1;
      await pause(1000 / perSecond);
    }
  }

  #any(): Served {
    const all = [...this.#cloud.served.values()];
    const served = all[Math.floor(this.#random() * all.length)];
    if (served === undefined) throw new Error('There is no hub.');
    return served;
  }

  #open({ hubId, wanted }: Served): void {
    const pin = wanted.get(DOOR);
    const at = this.#processes.find(({ hubIds }) => hubIds.includes(hubId));
    if (pin !== undefined) at?.order({ kind: 'type', hubId, pin });
  }

  #settled(): Promise<void> {
    return until('every hub is there and has applied everything', this.#withinMs, async () => {
      if (this.#cloud.unsettled().length > 0) return false;
      return (await this.#nodes.connections()) === this.#options.hubs + this.#cloud.connectionCount;
    });
  }

  /**
   * Kills a node of a fleet at rest, changes codes, waits until all is applied without that node, and gives it back. A
   * broker without others is given back before.
   */
  async #kill(node: number): Promise<Killed> {
    const { say } = this.#options;
    const isAlone = this.#nodes.count === 1;
    if (!isAlone) await pause(CALM_MS);
    this.#connectedAtMs = [];
    const [killedMs, wallMs] = [performance.now(), Date.now()];
    await this.#nodes.kill(node);
    await this.#change();
    if (isAlone) this.#nodes.revive(node);
    const changedMs = performance.now();
    await this.#settled();
    const settledMs = performance.now() - changedMs;
    const convergedMs = performance.now() - killedMs;
    const reconnectedMs = this.#connectedAtMs.map((atMs) => atMs - wallMs).toSorted((a, b) => a - b);
    say(`node ${node + 1} killed: all is applied ${secondsText(convergedMs)} later`);
    if (!isAlone) this.#nodes.revive(node);
    await this.#nodes.allCurrent();
    return { node: node + 1, convergedMs, settledMs, reconnectedMs };
  }

  /** What is on its way is waited for; what is wrong after that is wrong. */
  async #audit(): Promise<readonly string[]> {
    const deadline = performance.now() + this.#withinMs;
    for (;;) {
      const looked = await Promise.all(this.#processes.map((one) => one.ask({ kind: 'look' }, 'looked')));
      const wrong = audit(
        this.#cloud,
        looked.flatMap(({ hubs }) => hubs),
      );
      if (wrong.length === 0 || performance.now() > deadline) return wrong;
      await pause(AUDIT_EVERY_MS);
    }
  }

  async #costOf(work: () => Promise<void>): Promise<Cost> {
    const startMs = performance.now();
    const before = [await this.#hubsUsage(), this.#nodes.usage(), ownUsage()];
    await work();
    const after = [await this.#hubsUsage(), this.#nodes.usage(), ownUsage()];
    const seconds = (performance.now() - startMs) / 1000;
    const cpuMs = after.map((usage, index) => usage.cpuMs - (before[index]?.cpuMs ?? 0));
    const [hubsCpuMs = 0, brokersCpuMs = 0, cloudCpuMs = 0] = cpuMs;
    return { seconds, hubsCpuMs, brokersCpuMs, cloudCpuMs };
  }

  async #hubsUsage(): Promise<Usage> {
    const all = await Promise.all(this.#processes.map((one) => one.ask({ kind: 'measure' }, 'measured')));
    return {
      rssBytes: all.reduce((sum, { usage }) => sum + usage.rssBytes, 0),
      cpuMs: all.reduce((sum, { usage }) => sum + usage.cpuMs, 0),
    };
  }

  #hear(answer: Answer): void {
    if (answer.kind === 'connected') this.#connectedAtMs.push(answer.atMs);
    if (answer.kind === 'error' && this.#errors.length < ERRORS_MAX) this.#errors.push(answer.line);
  }
}

function secondsText(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
