import { createDirectDriver, type DirectDriver, type RadioMemory } from '../../../drivers/sim/direct.ts';
import { SimLock } from '../../../drivers/sim/lock/lock.ts';
import { LOCK_MODELS, type ModelName } from '../../../drivers/sim/lock/model.ts';
import { seededRandom } from '../../../drivers/sim/random.ts';
import { FastClock } from '../../support/fast-clock.ts';
import { ZONE, type Face } from './face.ts';

const PACE = 20;
const ADDRESS_FIRST = 2;

/** The lock models without a radio between, in a time that passes faster. */
export function directFace(models: readonly ModelName[]): Promise<Face> {
  process.env['TZ'] = ZONE;
  const clock = new FastClock(PACE);
  const now = (): number => clock.now().earliest;
  const never = new AbortController().signal;
  const locks = models.map(
    (name, index) =>
      new SimLock({
        id: name,
        model: LOCK_MODELS[name],
        address: index + ADDRESS_FIRST,
        now,
        later: (delayMs, work) => setTimeout(work, delayMs / PACE).unref(),
      }),
  );
  const memory: RadioMemory = new Map();
  const random = seededRandom(1);
  let driver: DirectDriver | undefined;
  return Promise.resolve({
    locks,
    pace: PACE,
    takesDeadline: false,
    driver: () => {
      driver = createDirectDriver({
        locks,
        sleep: (durationMs) => clock.sleepFor(durationMs, never),
        random,
        hubNow: now,
        utcOffsetMinutes: (at) => -new Date(at).getTimezoneOffset(),
        memory,
      });
      return driver;
    },
    gather: () => Promise.resolve(),
    unplug: () => driver?.setPlugged(false),
    plug: () => Promise.resolve(driver?.setPlugged(true)),
    stop: () => Promise.resolve(),
  });
}
