import { seededRandom } from '../../drivers/sim/random.ts';
import type { SimLock } from '../../drivers/sim/lock/lock.ts';
import { isBudgetSpent } from '../../src/core/plan/budget.ts';
import { DAY_MS, MINUTE_MS, SECOND_MS, type Instant } from '../../src/core/time.ts';
import { Faults } from './actors/faults.ts';
import { Guests } from './actors/guests.ts';
import { Hands } from './actors/hands.ts';
import { Reports } from './actors/reports.ts';
import { Agenda } from './agenda.ts';
import { DirectFace } from './faces/direct-face.ts';
import { Oracle } from './oracle/oracle.ts';
import type { FaceName } from './faces/face.ts';
import { openStage, type Stage } from './faces/stage.ts';
import { settingOf, type Kind } from './setting.ts';
import { World } from './world.ts';

/** With all faults healed, everything is as it should be within this time. */
const CONVERGE_MS = 5 * MINUTE_MS;

/** A cloud that was never heard gets everything once only, so that it is heard at the end. */
const ACKNOWLEDGED_AFTER_MS = [MINUTE_MS, 3 * MINUTE_MS];

/** Real libraries ask every new lock a lot, one after the other. */
const SETTLES_MS = 10 * MINUTE_MS;

/** Closing what a world has opened. */
const CLOSE_MS = MINUTE_MS;

export interface Run {
  readonly kind: Kind;
  readonly face: FaceName;
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

/** The hub meets all its locks before anything goes wrong. */
async function settleIn(world: World, { during }: Stage, oracle: Oracle): Promise<void> {
  world.boot();
  const isMet = (): boolean => world.locks.every((lock) => world.deviceIdOf(lock) !== undefined);
  const met = async (): Promise<void> => {
    await world.face.admit(world.life?.drivers ?? []);
    while (!isMet()) await world.time.sleep(SECOND_MS);
  };
  await during(met(), SETTLES_MS, () => oracle.check());
}

/** All who act in a world, until they are told to stop. */
function begin(world: World, oracle: Oracle): Pick<Faults, 'heal'> & Pick<Agenda, 'stop'> {
  const { random } = world;
  const agenda = new Agenda(world.time, random);
  const faults = new Faults(world, agenda);
  const guests = new Guests(world, agenda);
  guests.start();
  faults.start();
  const hands = new Hands(world, agenda, oracle);
  hands.start();
  if (world.face instanceof DirectFace) new Reports(world, agenda).start();
  world.onOperation = (deviceId) => {
    faults.perhapsCrash();
    hands.perhapsMeddle(deviceId);
    if (random() < world.setting.secondThoughtProbability) {
      agenda.soon(Math.floor(random() * 100), () => guests.want(deviceId));
    }
  };
  return { stop: () => agenda.stop(), heal: () => faults.heal() };
}

/**
 * Runs one seeded world: trouble for some time, then five minutes of peace. Never rejects for a failed invariant.
 *
 * @param lastsMs of the trouble
 */
export async function simulate(
  kind: Kind,
  seed: number,
  lastsMs: number,
  face: FaceName = 'direct',
): Promise<Run> {
  const random = seededRandom(seed);
  const setting = settingOf(kind, lastsMs, random, face);
  const stage = await openStage(face, seed, setting);
  const world = new World(random, setting, stage.time, stage.face);
  const oracle = new Oracle(world);
  let failure: string | null = null;
  try {
    if (face === 'direct') world.boot();
    else await settleIn(world, stage, oracle);
    const actors = begin(world, oracle);
    await world.time.pass(world.time.now + lastsMs, () => oracle.check());
    actors.stop();
    world.onOperation = () => undefined;
    world.onReport = (body, tell) => tell(body);
    actors.heal();
    await peace(world, oracle);
    const budgetFree = Math.max(...world.locks.map((lock) => budgetFreeAt(world, lock)));
    if (budgetFree > world.time.now) {
      await world.time.pass(budgetFree, () => oracle.check());
      await peace(world, oracle);
    }
    oracle.checkConverged();
  } catch (error) {
    failure = error instanceof Error ? error.message : String(error);
  }
  const lockDays = ((world.time.now - setting.start) / DAY_MS) * world.locks.length;
  await stage.during(world.end(), CLOSE_MS, () => undefined);
  return { kind, face, seed, failure, trace: world.trace, lockDays, operations: world.operations };
}
