import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Heap } from '../../src/core/request/heap.ts';

test('a heap gives back the smallest of what is in it, whatever comes in between', () => {
  // A number goes in, null takes one out.
  fc.assert(
    fc.property(fc.array(fc.option(fc.integer({ min: 0, max: 20 }), { freq: 3 })), (steps) => {
      const heap = new Heap<number>((a, b) => a < b);
      let held: number[] = [];
      for (const step of steps) {
        if (step === null) {
          const [smallest, ...rest] = held;
          expect(heap.pop()).toBe(smallest);
          held = rest;
        } else {
          heap.push(step);
          held = [...held, step].toSorted((a, b) => a - b);
        }
        expect(heap.first()).toBe(held[0]);
      }
    }),
    { seed: 7 },
  );
});
