import { seededRandom } from '../../drivers/sim/random.ts';
import type { Draw } from '../../src/core/draw.ts';

/** Whole numbers that depend on nothing but the seed. */
export function seededDraw(seed: number): Draw {
  const random = seededRandom(seed);
  return (below) => Math.floor(random() * below);
}
