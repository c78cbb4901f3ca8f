import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Heap } from '../../src/core/request/heap.ts';

interface Item {
  readonly rank: number;
  readonly name: string;
}

function heapOf(items: readonly Item[]): Heap<Item> {
  const heap = new Heap<Item>((a, b) => a.rank < b.rank);
  for (const item of items) heap.push(item);
  return heap;
}

const items = fc.array(fc.record({ rank: fc.integer({ min: -9, max: 9 }), name: fc.string() }), {
  maxLength: 40,
});

test('a heap gives all that it was given, the smallest first', () => {
  fc.assert(
    fc.property(items, (given) => {
      const heap = heapOf(given);
      const taken: Item[] = [];
      for (let item = heap.pop(); item !== undefined; item = heap.pop()) taken.push(item);
      expect(taken.map(({ rank }) => rank)).toEqual(given.map(({ rank }) => rank).toSorted((a, b) => a - b));
      expect(new Set(taken)).toEqual(new Set(given));
    }),
  );
});

test('what is put in while others are taken out takes its place among them', () => {
  fc.assert(
    fc.property(fc.array(fc.option(fc.integer({ min: 0, max: 9 }))), (steps) => {
      const heap = heapOf([]);
      let held: number[] = [];
      for (const rank of steps) {
        if (rank === null) {
          expect(heap.pop()?.rank).toBe(held[0]);
          held = held.slice(1);
        } else {
          heap.push({ rank, name: 'new' });
          held = [...held, rank].toSorted((a, b) => a - b);
        }
        expect(heap.first()?.rank).toBe(held[0]);
      }
    }),
  );
});

test('the first item is shown as often as asked, and an empty heap has none', () => {
  const heap = heapOf([
    { rank: 2, name: 'b' },
    { rank: 1, name: 'a' },
  ]);
  expect([heap.first()?.name, heap.first()?.name, heap.pop()?.name]).toEqual(['a', 'a', 'a']);
  expect([heap.pop()?.name, heap.pop(), heap.first()]).toEqual(['b', undefined, undefined]);
});
