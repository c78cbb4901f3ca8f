/** Numbers in [0, 1). The only source of chance in the simulated house, so that a seed replays a run. */
export type Random = () => number;

/**
 * A small generator (mulberry32) whose sequence depends on nothing but its seed.
 * Good enough for faults and made-up keys of a house that exists only in memory; never for real secrets.
 */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** `length` bytes from a generator. */
export function randomBytes(random: Random, length: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, () => Math.floor(random() * 256));
}
