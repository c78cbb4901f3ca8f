import type { SimLock } from '../../../drivers/sim/lock/lock.ts';
import { DAY_MS, type Instant } from '../../../src/core/time.ts';
import type { Spec } from '../spec.ts';
import type { World } from '../world.ts';
import { changesAround } from './hours.ts';
import { occurrences } from './occurrences.ts';
import type { Ledger } from './ledger.ts';

/** A code that was found on a lock, where the hub can't know what it adopts, or would open it at all times. */
const NOT_TO_ADOPT = /does not show the PIN|keeps this code within a schedule/;

/** Looks for the reason of a refused request in plain data. */
export class Refusals {
  readonly #world: World;
  readonly #ledger: Ledger;

  constructor(world: World, ledger: Ledger) {
    this.#world = world;
    this.#ledger = ledger;
  }

  /** Throws when nothing stands in the way of a code. */
  check(spec: Spec, wanted: readonly Spec[], reason: string): void {
    // Whoever leaves the PIN to the hub may be told that none is possible, or that a found code can't be adopted.
    if (this.#ledger.hasEnded(spec) || spec.pin === null || this.#isTakenByOthers(spec.pin)) return;
    if (!this.#everOpens(spec) || NOT_TO_ADOPT.test(reason)) return;
    const [from, till] = this.#longest(spec);
    const clash = [...wanted, ...this.#ledger.all()].some((rival) => {
      if (rival.id === spec.id) return false;
      // A group has one PIN, and whoever chooses another for it is refused.
      if (rival.pin !== spec.pin) return spec.commonKey !== null && rival.commonKey === spec.commonKey;
      const [rivalFrom, rivalTill] = this.#longest(rival);
      return rivalFrom < till && from < rivalTill;
    });
    if (!clash) throw new Error(`${spec.id} was refused (${reason}), and nothing stands in its way`);
  }

  /** Some window of every week lies between its start and its end. */
  #everOpens({ weekly, startsAt, endsAt }: Spec): boolean {
    if (weekly === null || startsAt === null || endsAt === null) return true;
    const { timezone } = this.#world.setting.policy;
    // A wall time that comes twice may be read either way.
    if (changesAround(timezone, startsAt) || changesAround(timezone, endsAt)) return false;
    for (let day = startsAt; day < endsAt + DAY_MS; day += DAY_MS) {
      if (occurrences(weekly, timezone, [startsAt, endsAt], day).length > 0) return true;
    }
    return false;
  }

  /** Somebody typed this PIN into a lock, or the hub made it up for another code. */
  #isTakenByOthers(pin: string): boolean {
    // A lock may have put back what the hub had erased there.
    if (this.#world.locks.some((lock) => this.#world.deceit.everWas(lock) && holds(lock, pin))) return true;
    return this.#world.locks.some((lock) => {
      const deviceId = this.#world.deviceIdOf(lock);
      if (deviceId === undefined) return false;
      if (this.#ledger.foreignOn(deviceId).has(pin)) return true;
      const codes = this.#world.stateOf(deviceId)?.codes;
      return codes?.some((code) => code.isPinDrawn && code.pin?.reveal() === pin) ?? false;
    });
  }

  /** The longest time a code can be on a lock: preload or lead included. */
  #longest({ startsAt, endsAt }: Spec): readonly [from: Instant, till: Instant] {
    const { nativePreloadMs } = this.#world.setting.policy;
    return [
      startsAt === null ? Number.NEGATIVE_INFINITY : startsAt - nativePreloadMs,
      endsAt ?? Number.POSITIVE_INFINITY,
    ];
  }
}

function holds(lock: SimLock, pin: string): boolean {
  return lock.codes.slotsInUse().some((slot) => lock.codes.read(slot)?.pin.reveal() === pin);
}
