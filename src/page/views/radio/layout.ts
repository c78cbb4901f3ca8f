import type { PageNode } from '../../../http/page/types.ts';

type Address = PageNode['address'];

/** Where a node stands on the map, in units of its view box, from the controller in the middle. */
export interface Place {
  readonly node: PageNode;
  readonly x: number;
  readonly y: number;
}

export interface RadioMap {
  readonly places: readonly Place[];
  /** From one address to another, as the last frames went. */
  readonly links: readonly { readonly from: Place; readonly to: Place; readonly isBroken: boolean }[];
  /** The rectangle that holds it all. */
  readonly box: {
    readonly left: number;
    readonly top: number;
    readonly width: number;
    readonly height: number;
  };
}

const FIRST_RING = 92;
const NEXT_RING = 78;
const MARGIN = 52;

/**
 * A tree by routes, drawn in rings: whoever is reached directly stands in the first one, and behind a repeater stands
 * what it passes on. Each gets as much of the circle as there are leaves behind it.
 */
export function mapOf(nodes: readonly PageNode[]): RadioMap {
  const controller = nodes.find(({ is_controller }) => is_controller);
  const others = nodes.filter((node) => node !== controller);
  const byAddress = new Map(others.map((node) => [node.address, node]));
  const children = new Map<Address | null, PageNode[]>();
  for (const node of others) {
    const parent = parentOf(node, byAddress);
    children.set(parent, [...(children.get(parent) ?? []), node]);
  }
  const places: Place[] = controller === undefined ? [] : [{ node: controller, x: 0, y: 0 }];
  const place = (parent: Address | null, ring: number, from: number, to: number): void => {
    const below = children.get(parent) ?? [];
    const leaves = below.map((node) => leavesBehind(node.address, children));
    const total = leaves.reduce((sum, count) => sum + count, 0);
    let angle = from;
    for (const [index, node] of below.entries()) {
      const width = ((to - from) * (leaves[index] ?? 1)) / total;
      const radius = FIRST_RING + (ring - 1) * NEXT_RING;
      const middle = angle + width / 2 - Math.PI / 2;
      places.push({ node, x: radius * Math.cos(middle), y: radius * Math.sin(middle) });
      place(node.address, ring + 1, angle, angle + width);
      angle += width;
    }
  };
  place(null, 1, 0, 2 * Math.PI);
  return { places, links: linksOf(places, controller), box: boxOf(places) };
}

function boxOf(places: readonly Place[]): RadioMap['box'] {
  const xs = places.map(({ x }) => x);
  const ys = places.map(({ y }) => y);
  const left = Math.min(0, ...xs) - MARGIN;
  const top = Math.min(0, ...ys) - MARGIN;
  return {
    left,
    top,
    width: Math.max(0, ...xs) + MARGIN - left,
    height: Math.max(0, ...ys) + MARGIN - top,
  };
}

/** The last repeater on the way to a node, as far as it is one that we know; `null`: the controller. */
function parentOf(node: PageNode, byAddress: ReadonlyMap<Address, PageNode>): Address | null {
  let parent = node.route?.at(-1) ?? null;
  if (parent === null || !byAddress.has(parent)) return null;
  const first = parent;
  // Routes of different age may contradict each other and go in a circle, which has no place in a tree.
  for (let hops = 0; hops <= byAddress.size && parent !== null; hops += 1) {
    if (parent === node.address) return null;
    parent = byAddress.get(parent)?.route?.at(-1) ?? null;
  }
  return parent === null ? first : null;
}

function leavesBehind(address: Address, children: ReadonlyMap<Address | null, readonly PageNode[]>): number {
  const below = children.get(address) ?? [];
  return Math.max(
    1,
    below.reduce((sum, node) => sum + leavesBehind(node.address, children), 0),
  );
}

/** One line from hop to hop of every known route; a line that a dead node is at the end of is broken. */
function linksOf(places: readonly Place[], controller: PageNode | undefined): RadioMap['links'] {
  const byAddress = new Map(places.map((place) => [place.node.address, place]));
  const links = new Map<string, RadioMap['links'][number]>();
  for (const { node } of places) {
    if (controller === undefined || node === controller || node.route === null) continue;
    const stops = [controller.address, ...node.route, node.address];
    for (const [index, address] of stops.slice(1).entries()) {
      const from = byAddress.get(stops[index] ?? '');
      const to = byAddress.get(address);
      if (from === undefined || to === undefined) continue;
      const isBroken = to.node.status === 'dead';
      links.set(`${from.node.address}>${to.node.address}`, { from, to, isBroken });
    }
  }
  return [...links.values()];
}
