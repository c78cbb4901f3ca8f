import type { LockState } from '../../src/core/lock.ts';
import { Pin } from '../../src/core/pin.ts';

/** Where two states differ first, as a path of keys; `null` where they don't. Never shows a value. */
export function differenceOf(a: LockState, b: LockState | undefined): string | null {
  return firstDifference(keyed(a), b && keyed(b), '');
}

/** A state whose codes can be compared whatever their order: an id that comes back keeps its place in the database. */
function keyed(state: LockState): object {
  return { ...state, codes: Object.fromEntries(state.codes.map((code) => [code.accessCodeId, code])) };
}

function firstDifference(a: unknown, b: unknown, path: string): string | null {
  if (a instanceof Pin && b instanceof Pin) return a.equals(b) ? null : path;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null)
    return Object.is(a, b) ? null : path;
  const left = new Map<string, unknown>(Object.entries(a));
  const right = new Map<string, unknown>(Object.entries(b));
  for (const key of new Set([...left.keys(), ...right.keys()])) {
    const difference = firstDifference(left.get(key), right.get(key), `${path} ${key}`);
    if (difference !== null) return difference;
  }
  return null;
}
