import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { identifierOf } from '../../src/core/identifier.ts';

describe('an id made from a text', () => {
  test.each([
    ['', '4f22369d-cce6-8ef1-af19-38ec738bc578'],
    ['a', 'a4c57180-3a78-8c17-aa2d-9d5e95e6e20b'],
    ['lock 1 1772452800000', '515f9014-97d3-898d-830e-471a691cec5f'],
    ['lock 2 1772452800000', '67407316-37e5-8790-9f72-74c313546c95'],
    ['0e6b3c1c-7d5e-5f43-9a53-1f4f5f4f3a77 12 1793793600000', '3e62e16a-74fc-8020-a4d1-2d8a230cbd43'],
  ])('of %j is the same for ever', (text, id) => {
    expect(identifierOf(text)).toBe(id);
  });

  test('is a UUID of version 8', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(identifierOf(text)).toMatch(
          /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
        );
      }),
    );
  });

  test('differs in half of its bits from those of the neighbours', () => {
    const bits = Array.from({ length: 1000 }, (_, slot) =>
      BigInt(`0x${identifierOf(`lock ${slot}`).replaceAll('-', '')}`),
    );
    expect(new Set(bits).size).toBe(bits.length);
    for (const [index, id] of bits.slice(1).entries()) {
      const differing = (id ^ (bits[index] ?? 0n)).toString(2).replaceAll('0', '').length;
      expect(differing).toBeGreaterThan(30);
      expect(differing).toBeLessThan(92);
    }
  });
});
