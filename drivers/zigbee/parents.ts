import type { Controller, Models } from 'zigbee-herdsman';
import { answerOfError } from './answer.ts';
import { within } from './within.ts';

/** The stick answers from its own memory; a router needs a frame and an answer for each three of its neighbours. */
const ANSWER_MS = 10_000;
const ROUTERS_MAX = 50;
/** Locks that move to another router say so; what else changes in a mesh may be an hour old. */
const EVERY_MS = 3_600_000;
/** "Relationship" of a neighbour that reaches the network through the one asked (Zigbee specification, 2.4.4.3.2). */
const CHILD = 1;
/** Repeaters of one way; a network has no more hops. */
const HOPS_MAX = 30;

/** Whom a stick or router hears. */
export interface NeighborTable {
  /** As `0x…`. */
  readonly ieee: string;
  readonly neighbors: readonly { readonly eui64: string; readonly relationship: number }[];
}

/** Which ways frames take, from the neighbour tables of stick and routers; sleepy locks are never asked. */
export class Parents {
  readonly #controller: Controller;
  #tables: readonly NeighborTable[] = [];
  #isAsking = false;
  #isStale = false;
  #isStopped = false;
  readonly #timer: NodeJS.Timeout;

  constructor(controller: Controller) {
    this.#controller = controller;
    this.#timer = setInterval(() => this.#refresh(), EVERY_MS).unref();
    controller.on('deviceAnnounce', () => this.#refresh());
    controller.on('deviceInterview', ({ status }) => status === 'successful' && this.#refresh());
    this.#refresh();
  }

  /** Addresses of the routers on the way to a device, from the stick on; none: direct; `null`: not known. */
  routeTo(ieee: string): readonly string[] | null {
    return routeIn(this.#tables, ieee);
  }

  stop(): void {
    this.#isStopped = true;
    clearInterval(this.#timer);
  }

  #refresh(): void {
    this.#isStale = true;
    if (this.#isAsking || this.#isStopped) return;
    this.#isAsking = true;
    void this.#askAll().finally(() => {
      this.#isAsking = false;
      if (this.#isStale) this.#refresh();
    });
  }

  async #askAll(): Promise<void> {
    this.#isStale = false;
    const routers = this.#controller.getDevicesByType('Router').slice(0, ROUTERS_MAX);
    const tables: NeighborTable[] = [];
    for (const device of [...this.#controller.getDevicesByType('Coordinator'), ...routers]) {
      if (this.#isStopped) return;
      tables.push({ ieee: device.ieeeAddr, neighbors: await neighborsOf(device) });
    }
    this.#tables = tables;
  }
}

/** The way to a device as `Parents.routeTo` has it. The first table is the stick's. */
export function routeIn(tables: readonly NeighborTable[], ieee: string): readonly string[] | null {
  const route: string[] = [];
  let at = ieee;
  while (route.length < HOPS_MAX) {
    const parent = parentIn(tables, at);
    if (parent === undefined) return route.length === 0 ? null : route;
    if (parent === tables[0]?.ieee) return route;
    route.unshift(parent);
    at = parent;
  }
  // Tables of different age may contradict each other and go in a circle.
  return null;
}

/** Routers hear each other and are nobody's children; one that the stick hears is reached directly. */
function parentIn(tables: readonly NeighborTable[], ieee: string): string | undefined {
  const isHeard = ({ neighbors }: NeighborTable, isChild: boolean): boolean =>
    neighbors.some(({ eui64, relationship }) => eui64 === ieee && (!isChild || relationship === CHILD));
  const parent = tables.find((table) => isHeard(table, true));
  if (parent !== undefined) return parent.ieee;
  const [stick] = tables;
  return stick !== undefined && isHeard(stick, false) ? stick.ieee : undefined;
}

/** None where it does not answer. */
async function neighborsOf(device: Models.Device): Promise<NeighborTable['neighbors']> {
  try {
    return (await within(device.lqi(), ANSWER_MS)) ?? [];
  } catch (error) {
    answerOfError(error);
    return [];
  }
}
