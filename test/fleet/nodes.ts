import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import { z } from 'zod';
import { until } from './until.ts';
import type { Usage } from './usage.ts';

const PROGRAM = '/usr/sbin/nats-server';
const HOST = '127.0.0.1';
/** Of a cluster that starts, also on a machine that is busy. */
const READY_WITHIN_MS = 120_000;
const ANSWER_WITHIN_MS = 2000;
/**
 * What a client may have unacknowledged, as many for a whole fleet as NATS allows, and how long before it comes again.
 * How far each subscription is, the nodes keep in memory, each in a group of three: on disk every acknowledgement of
 * every hub would be written three times.
 */
const MQTT_LIMITS = 'ack_wait: "30s", max_ack_pending: 1000, consumer_memory_storage: true';
/** What Linux counts processor time in (`getconf CLK_TCK`). */
const TICK_MS = 10;
const PAGE_BYTES = 4096;

const replicasSchema = z.object({
  leader: z.string().optional(),
  replicas: z.array(z.object({ current: z.boolean() })).optional(),
});
/** The part of a node's answer to `/jsz` that counts here. Only who leads a stream knows how its replicas are. */
const jetStreamSchema = z.object({
  meta_cluster: replicasSchema.optional(),
  account_details: z
    .array(z.object({ stream_detail: z.array(z.object({ cluster: replicasSchema.optional() })).optional() }))
    .optional(),
});

interface Ports {
  readonly client: number;
  readonly cluster: number;
  readonly http: number;
  readonly mqtt: number;
}

/** One real NATS server with JetStream and MQTT, or a cluster of them, each of which can be killed. */
export class Nodes {
  readonly #ports: readonly Ports[];
  readonly #folder: string;
  readonly #children: (ChildProcess | undefined)[] = [];

  private constructor(folder: string, ports: readonly Ports[]) {
    this.#folder = folder;
    this.#ports = ports;
  }

  /** Starts them and waits until they form a cluster. */
  static async start(folder: string, count: number): Promise<Nodes> {
    const numbers = await freePorts(4 * count);
    const ports = Array.from({ length: count }, (_, index) => {
      const [client = 0, cluster = 0, http = 0, mqtt = 0] = numbers.slice(4 * index);
      return { client, cluster, http, mqtt };
    });
    const nodes = new Nodes(folder, ports);
    process.once('exit', () => void nodes.stop());
    for (let index = 0; index < count; index++) nodes.revive(index);
    await nodes.allCurrent();
    return nodes;
  }

  get count(): number {
    return this.#ports.length;
  }

  get urls(): readonly string[] {
    return this.#ports.map(({ mqtt }) => `mqtt://${HOST}:${mqtt}`);
  }

  /** Without a goodbye to anybody. */
  async kill(index: number): Promise<void> {
    const child = this.#children[index];
    this.#children[index] = undefined;
    if (child === undefined || child.exitCode !== null) return;
    const exit = once(child, 'exit');
    child.kill('SIGKILL');
    await exit;
  }

  /** Starts a node on the disk that it left. */
  revive(index: number): void {
    const file = path.join(this.#folder, `${nameOf(index)}.conf`);
    writeFileSync(file, this.#config(index));
    this.#children[index] = spawn(PROGRAM, ['-c', file], { stdio: 'ignore' });
  }

  /** Waits until they have a leader, and every node has all messages that the others have. */
  allCurrent(): Promise<void> {
    return until('every node has what the others have', READY_WITHIN_MS, async () => {
      const current = await Promise.all(
        this.#ports.map(({ http }, index) => isCurrent(http, nameOf(index), this.count > 1)),
      );
      return current.every(Boolean);
    });
  }

  /** Clients that are connected, of all nodes that answer. */
  async connections(): Promise<number> {
    const counts = await Promise.all(this.#ports.map(({ http }) => connectionsOf(http)));
    return counts.reduce((sum, count) => sum + count, 0);
  }

  usage(): Usage {
    const pids = this.#children.flatMap((child) => child?.pid ?? []);
    const each = pids.map(usageOf);
    return {
      rssBytes: each.reduce((sum, { rssBytes }) => sum + rssBytes, 0),
      cpuMs: each.reduce((sum, { cpuMs }) => sum + cpuMs, 0),
    };
  }

  async stop(): Promise<void> {
    await Promise.all(this.#ports.map((_, index) => this.kill(index)));
  }

  #config(index: number): string {
    const name = nameOf(index);
    const own = this.#ports[index];
    if (own === undefined) throw new Error(`There is no node ${index}.`);
    const lines = [
      `server_name: ${name}`,
      `listen: ${HOST}:${own.client}`,
      `http: ${HOST}:${own.http}`,
      `log_file: "${path.join(this.#folder, `${name}.log`)}"`,
      `jetstream { store_dir: "${path.join(this.#folder, name)}" }`,
      `mqtt { listen: "${HOST}:${own.mqtt}", ${MQTT_LIMITS} }`,
    ];
    if (this.count > 1) {
      const routes = this.#ports.map(({ cluster }) => `nats-route://${HOST}:${cluster}`);
      lines.push(
        `cluster { name: fleet, listen: "${HOST}:${own.cluster}", routes: ${JSON.stringify(routes)} }`,
      );
    }
    return `${lines.join('\n')}\n`;
  }
}

function nameOf(index: number): string {
  return `node-${index + 1}`;
}

async function connectionsOf(port: number): Promise<number> {
  try {
    return z.object({ connections: z.int() }).parse(await answerOf(port, 'varz')).connections;
  } catch {
    return 0;
  }
}

async function answerOf(port: number, question: string): Promise<unknown> {
  const signal = AbortSignal.timeout(ANSWER_WITHIN_MS);
  return (await fetch(`http://${HOST}:${port}/${question}`, { signal })).json();
}

/** Every stream that this node leads is on all nodes. */
async function isCurrent(port: number, name: string, isCluster: boolean): Promise<boolean> {
  try {
    const answer = await answerOf(port, 'jsz?accounts=true&streams=true');
    const { meta_cluster: meta, account_details: accounts = [] } = jetStreamSchema.parse(answer);
    const streams = accounts.flatMap(({ stream_detail: details = [] }) =>
      details.map(({ cluster }) => cluster),
    );
    const own = [meta, ...streams].filter((cluster) => cluster?.leader === name);
    const isLed = !isCluster || (meta?.leader !== undefined && meta.leader !== '');
    return isLed && own.every((cluster) => cluster?.replicas?.every(({ current }) => current) !== false);
  } catch {
    return false;
  }
}

/** Of another process, as Linux tells it. */
function usageOf(pid: number): Usage {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name of the program, in brackets, may hold anything; what follows it starts with field 3.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [userTicks, systemTicks, pages] = [fields[11], fields[12], fields[21]].map(Number);
  return {
    rssBytes: (pages ?? 0) * PAGE_BYTES,
    cpuMs: ((userTicks ?? 0) + (systemTicks ?? 0)) * TICK_MS,
  };
}

/** All held at once, so that they differ. */
async function freePorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, HOST));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return ports;
}
