import { describe, expect, it } from 'vitest';
import type { PageNode } from '../../src/http/page/types.ts';
import { mapOf } from '../../src/page/views/radio/layout.ts';
import {
  failuresText,
  inOrder,
  interviewText,
  ratingWord,
  routeText,
} from '../../src/page/views/radio/words.ts';

function node(address: number, more: Partial<PageNode> = {}): PageNode {
  return {
    address,
    device_id: null,
    name: `node ${address}`,
    is_controller: false,
    status: 'asleep',
    interview: null,
    security: 'S2_AccessControl',
    route: [],
    neighbors: null,
    frames: null,
    last_heard_at: null,
    rssi_dbm: null,
    link_quality: null,
    round_trip_ms: null,
    ...more,
  };
}

const controller = node(1, { is_controller: true });

function distance({ x, y }: { readonly x: number; readonly y: number }): number {
  return Math.hypot(x, y);
}

describe('an interview', () => {
  it('is told in a person’s words', () => {
    const stages = ['None', 'ProtocolInfo', 'NodeInfo', 'CommandClasses', 'OverwriteConfig'];
    const told = stages.map(interviewText);
    expect(told[0]).toBe('Interview: not begun');
    stages.forEach((stage, index) => expect(told[index]).not.toContain(stage));
    expect(interviewText('Another')).toBe('Interview: under way');
  });
});

describe('the map of routes', () => {
  it('has the controller in the middle and whoever is behind a repeater further out than it', () => {
    const { places } = mapOf([controller, node(2), node(3, { route: [2] }), node(4, { route: [2, 3] })]);
    const [hub, near, behind, last] = [1, 2, 3, 4].map((address) =>
      places.find((place) => place.node.address === address),
    );
    expect(hub && distance(hub)).toBe(0);
    expect(near && behind && distance(near) < distance(behind)).toBe(true);
    expect(behind && last && distance(behind) < distance(last)).toBe(true);
  });

  it('draws each hop once, broken where the node does not answer, and none where nobody knows', () => {
    const { links } = mapOf([
      controller,
      node(2),
      node(3, { route: [2], status: 'dead' }),
      node(4, { route: [2] }),
      node(5, { route: null }),
    ]);
    expect(links.map(({ from, to, isBroken }) => [from.node.address, to.node.address, isBroken])).toEqual([
      [1, 2, false],
      [2, 3, true],
      [2, 4, false],
    ]);
  });

  it('keeps every node inside and apart from each other, also with many', () => {
    const nodes = [controller, ...Array.from({ length: 24 }, (_, index) => node(index + 2))];
    const { places, box } = mapOf(nodes);
    expect(places).toHaveLength(25);
    for (const { x, y } of places) {
      expect(x > box.left && x < box.left + box.width).toBe(true);
      expect(y > box.top && y < box.top + box.height).toBe(true);
    }
    expect(new Set(places.map(({ x, y }) => `${x.toFixed(3)} ${y.toFixed(3)}`)).size).toBe(25);
  });

  it('shows all nodes of routes that go in a circle or over a repeater that is gone', () => {
    const nodes = [controller, node(2, { route: [3] }), node(3, { route: [2] }), node(4, { route: [9] })];
    expect(mapOf(nodes).places).toHaveLength(4);
    expect(mapOf([...nodes, node(5, { route: [2] })]).places).toHaveLength(5);
  });

  it('is there without a controller and without anybody', () => {
    expect(mapOf([]).places).toEqual([]);
    expect(mapOf([node(2)]).places).toHaveLength(1);
  });
});

describe('the list of nodes', () => {
  it('begins with the dead, the badly protected and the unfinished, then goes by name, without the controller', () => {
    const nodes = [
      controller,
      node(2, { name: 'b' }),
      node(3, { name: 'a' }),
      node(4, { interview: 'NodeInfo' }),
      node(5, { security: 'S0_Legacy' }),
      node(6, { status: 'dead' }),
    ];
    expect(inOrder(nodes, ({ name }) => name).map(({ address }) => address)).toEqual([6, 5, 4, 3, 2]);
  });

  it('says in words what the numbers mean', () => {
    expect([10, 6, 4, 1, 0].map((rating) => ratingWord(rating).text)).toEqual([
      'good',
      'fair',
      'weak',
      'poor',
      'nothing got through',
    ]);
    expect(failuresText({ sent: 40, received: 38, failed: 2 })).toBe('2 of 40');
    expect([null, [], [5, 7]].map((route) => routeText(route, (address) => `#${address}`))).toEqual([
      'not known',
      'direct',
      'by #5, then #7',
    ]);
  });
});
