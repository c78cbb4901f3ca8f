import { describe, expect, it } from 'vitest';
import { routeIn, type NeighborTable } from '../../drivers/zigbee/parents.ts';

const [CHILD, SIBLING] = [1, 2];

function table(ieee: string, children: readonly string[], others: readonly string[] = []): NeighborTable {
  return {
    ieee,
    neighbors: [
      ...others.map((eui64) => ({ eui64, relationship: SIBLING })),
      ...children.map((eui64) => ({ eui64, relationship: CHILD })),
    ],
  };
}

describe('the way to a lock', () => {
  it('is direct where the stick itself keeps its frames, and goes by the routers that do otherwise', () => {
    const tables = [
      table('stick', ['near'], ['hall']),
      table('hall', ['behind'], ['stick', 'far']),
      table('attic', ['last'], ['hall']),
      table('hall-2', ['attic']),
    ];
    expect(routeIn(tables, 'near')).toEqual([]);
    expect(routeIn(tables, 'behind')).toEqual(['hall']);
    expect(routeIn(tables, 'hall')).toEqual([]);
    // How its last known router is reached, nobody has said.
    expect(routeIn(tables, 'last')).toEqual(['hall-2', 'attic']);
  });

  it('is not known where no table has the lock as a child, or they contradict each other', () => {
    expect(routeIn([], 'near')).toBeNull();
    expect(routeIn([table('stick', []), table('hall', [], ['near'])], 'near')).toBeNull();
    expect(routeIn([table('stick', []), table('a', ['b']), table('b', ['a'])], 'a')).toBeNull();
  });
});
