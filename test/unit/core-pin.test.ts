import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { Pin } from '../../src/core/pin.ts';
import { pinOf } from '../support/core-samples.ts';

describe('a PIN', () => {
  test.each(['0000', '0123', '123456789012'])('can be %s, zeros and all', (digits) => {
    expect(pinOf(digits).reveal()).toBe(digits);
    expect(pinOf(digits).length).toBe(digits.length);
  });

  test.each(['', '123', '1234567890123', 'a1234', '1234a', '12 34', '12e4', '١٢٣٤', '1234\n'])(
    'cannot be %j',
    (text) => {
      expect(Pin.parse(text)).toBeUndefined();
    },
  );

  test('equals one of the same digits and no other', () => {
    expect(pinOf('0123').equals(pinOf('0123'))).toBe(true);
    expect(pinOf('0123').equals(pinOf('1230'))).toBe(false);
    expect(pinOf('0123').equals(pinOf('00123'))).toBe(false);
  });

  test.each([
    ['0123', true],
    ['Room 0123', true],
    ['90123456', true],
    ['Room 123', false],
    ['', false],
  ])('is noticed in a text that has its digits: %j', (text, isIn) => {
    expect(pinOf('0123').isIn(text)).toBe(isIn);
  });

  test.each([
    ['in a template', (pin: Pin) => String(pin)],
    ['in a concatenation', (pin: Pin) => ['code', pin].join(' ').replace('code ', '')],
    ['as JSON', (pin: Pin) => JSON.parse(JSON.stringify(pin)) as string],
    ['inspected', (pin: Pin) => inspect(pin, { showHidden: true, depth: null })],
  ])('shows no digits %s', (_where, show) => {
    expect(show(pinOf('4711'))).toBe('[PIN]');
  });
});
