import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { instantText } from '../../src/core/instant-text.ts';

test('an instant has the text that a Date gives it', () => {
  const years = { min: new Date('1600-01-01'), max: new Date('9999-12-31'), noInvalidDate: true };
  fc.assert(
    fc.property(fc.date(years), (date) => {
      expect(instantText(date.getTime())).toBe(date.toISOString());
    }),
  );
});
