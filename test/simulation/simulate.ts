import { seededRandom } from '../../drivers/sim/random.ts';
import type { SimLock } from '../../drivers/sim/lock/lock.ts';
import { isBudgetSpent } from '../../src/core/plan/budget.ts';
import { DAY_MS, MINUTE_MS, type Instant } from '../../src/core/time.ts';
import { Faults } from './actors/faults.ts';
import { Guests } from './actors/guests.ts';
import { Hands } from './actors/hands.ts';
import { Reports } from './actors/reports.ts';
import { Agenda } from './agenda.ts';
import { Oracle } from './oracle/oracle.ts';
import { settingOf, type Kind } from './setting.ts';
import { World } from './world.ts';

/** With all faults healed, everything is as it should be within this time. */
const CONVERGE_MS = 5 * MINUTE_MS;

/** A cloud that was never heard gets everything once only, so that it is heard at the end. */
const ACKNOWLEDGED_AFTER_MS = [MINUTE_MS, 3 * MINUTE_MS];

export interface Run {
  readonly kind: Kind;
  readonly seed: number;
  /** `null` when every invariant held to the end. */
  readonly failure: string | null;
  /** Everything that happened, line by line. */
  readonly trace: readonly string[];
  /** Days of this world times its locks. */
  readonly lockDays: number;
  readonly operations: number;
}

/** Time in which nothing bad happens and everything comes to rest. */
async function peace(world: World, oracle: Oracle): Promise<void> {
  for (const ms of ACKNOWLEDGED_AFTER_MS) world.time.at(world.time.now + ms, () => world.cloud.acknowledge());
  await world.time.pass(world.time.now + CONVERGE_MS, () => oracle.check());
}

/** A lock that lied may have cost the hour's budget of repeated writes; the hub holds back until then. */
function budgetFreeAt(world: World, lock: SimLock): Instant {
  const deviceId = world.deviceIdOf(lock);
  const row = deviceId === undefined ? undefined : world.stateOf(deviceId)?.lock;
  return row !== undefined && isBudgetSpent(row, world.wall.now()) ? (row.repeatsBlockedUntil ?? 0) : 0;
}

/** Runs one seeded world: trouble for some time, then five minutes of peace. Never rejects for a failed invariant. */
export async function simulate(kind: Kind, seed: number, lastsMs: number): Promise<Run> {
  const random = seededRandom(seed);
  const world = new World(random, settingOf(kind, lastsMs, random));
  const oracle = new Oracle(world);
  const agenda = new Agenda(world.time, random);
  const faults = new Faults(world, agenda);
  const guests = new Guests(world, agenda);
  const { start } = world.setting;
  let failure: string | null = null;
  try {
    world.boot();
    guests.start();
    faults.start();
    const hands = new Hands(world, agenda, oracle);
    hands.start();
    new Reports(world, agenda).start();
    world.onOperation = (deviceId) => {
      faults.perhapsCrash();
      hands.perhapsMeddle(deviceId);
      if (random() < world.setting.secondThoughtProbability) {
        agenda.soon(Math.floor(random() * 100), () => guests.want(deviceId));
      }
    };
    await world.time.pass(start + lastsMs, () => oracle.check());
    agenda.stop();
    world.onOperation = () => undefined;
    world.onReport = (body, tell) => tell(body);
    faults.heal();
    await peace(world, oracle);
    const budgetFree = Math.max(...world.locks.map((lock) => budgetFreeAt(world, lock)));
    if (budgetFree > world.time.now) {
      await world.time.pass(budgetFree, () => oracle.check());
      await peace(world, oracle);
    }
    oracle.checkConverged();
  } catch (error) {
    failure = error instanceof Error ? error.message : String(error);
  } finally {
    world.end();
  }
  const lockDays = ((world.time.now - start) / DAY_MS) * world.locks.length;
  return { kind, seed, failure, trace: world.trace, lockDays, operations: world.operations };
}
