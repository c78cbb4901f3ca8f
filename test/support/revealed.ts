import { Pin } from '../../src/core/pin.ts';

/** The same value with the digits of every PIN readable, since two PINs are equal to any comparison from outside. */
export function revealed(value: unknown): unknown {
  if (value instanceof Pin) return { digits: value.reveal() };
  if (Array.isArray(value)) return value.map(revealed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, revealed(part)]));
}
