import { DAY_MS, MINUTE_MS } from '../../src/core/time.ts';
import { Actors } from './actors.ts';
import { Invariants } from './invariants.ts';
import { World } from './world.ts';

/** With all faults healed, everything is as it should be within this time. */
const CONVERGE_MS = 5 * MINUTE_MS;

export interface Run {
  readonly seed: number;
  /** `null` when every invariant held to the end. */
  readonly failure: string | null;
  /** Everything that happened, line by line. */
  readonly trace: readonly string[];
  readonly virtualDays: number;
  readonly operations: number;
}

/** Runs one seeded world: trouble for some days, then five minutes of peace. Never rejects for a failed invariant. */
export async function simulate(seed: number, days: number): Promise<Run> {
  const world = new World(seed);
  const invariants = new Invariants(world);
  const actors = new Actors(world, invariants);
  let failure: string | null = null;
  const start = world.time.now;
  try {
    world.boot();
    actors.start();
    await world.time.pass(start + days * DAY_MS, () => invariants.check());
    actors.heal();
    world.note('all is healed');
    await world.time.pass(world.time.now + CONVERGE_MS, () => invariants.check());
    world.cloud.acknowledge();
    invariants.checkConverged();
  } catch (error) {
    failure = error instanceof Error ? (error.stack ?? error.message) : String(error);
  } finally {
    world.end();
  }
  const virtualDays = (world.time.now - start) / DAY_MS;
  const operations = world.trace.filter((line) => / \w{4} (set|clear|read)_\w+ .*: /.test(line)).length;
  return { seed, failure, trace: world.trace, virtualDays, operations };
}
