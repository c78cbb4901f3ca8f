import type { SimLock } from '../../../drivers/sim/lock/lock.ts';
import { isBudgetSpent } from '../../../src/core/plan/budget.ts';
import type { LockState } from '../../../src/core/lock.ts';
import { DAY_MS, MINUTE_MS, SECOND_MS, type Instant } from '../../../src/core/time.ts';
import type { World } from '../world.ts';
import { offsetMinutes } from '../../../src/core/timing/local-time.ts';
import { changesAround, hoursOf, isWithin, slackOf, type DoorContext } from './hours.ts';
import type { InForce, Ledger } from './ledger.ts';

/**
 * What is wrong at a lock after trouble may stay so for this long while the hub could mend it: one backoff (150 s), one
 * operation and its retries.
 */
const MEND_MS = 200 * SECOND_MS;

/** So long after the last trouble no backoff of it is left, and the promises of the specification hold. */
const TROUBLE_LASTS_MS = 250 * SECOND_MS;

/** Promise: on and off within 10 s of its time. */
const ON_TIME_MS = 10 * SECOND_MS;

/** Promise: a document reaches its lock within 5 s. */
const DOCUMENT_MS = 5 * SECOND_MS;

/** Promise: an edit is noticed within a minute and repaired within another. */
const EDIT_MS = 2 * MINUTE_MS;

/** Documents that come faster than this wait for each other at the radio. */
const BUSY_MS = 30 * SECOND_MS;

/** It looks at a lock's clock once a day. */
const CLOCK_MISTRUST_MS = 2 * DAY_MS;

/** Even when nothing happens a lock is looked at this often, because its own clock goes on. */
const LOOK_EVERY_MS = MINUTE_MS;
/** And this often while something is wrong. */
const LOOK_AGAIN_MS = SECOND_MS;

interface Watch {
  readonly lock: SimLock;
  /** Since when each wrong thing could have been mended. */
  readonly wrongSince: Map<string, Instant>;
  dirty: boolean;
  lookAt: Instant;
  editedAt: Instant;
  clockWrongAt: Instant;
  /** Since when its clock is wrong and matters. */
  clockOffSince: Instant | null;
}

/** Compares which PINs open a lock with which should, whenever something changes and at the ends of all windows. */
export class Doors {
  readonly #world: World;
  readonly #ledger: Ledger;
  readonly #watches: readonly Watch[];
  /** Codes whose slot somebody edited and that allow it, with the revision of the wish that the edit ended. */
  readonly #honoured = new Map<string, Instant>();

  constructor(world: World, ledger: Ledger) {
    this.#world = world;
    this.#ledger = ledger;
    this.#watches = world.locks.map((lock) => ({
      lock,
      wrongSince: new Map(),
      dirty: true,
      lookAt: 0,
      editedAt: Number.NEGATIVE_INFINITY,
      clockWrongAt: Number.NEGATIVE_INFINITY,
      clockOffSince: null,
    }));
  }

  /** Something changed in the house. */
  changed(): void {
    for (const watch of this.#watches) watch.dirty = true;
  }

  /** Somebody edited a slot of a lock that belongs to this code, if to any. */
  edited(lock: SimLock, accessCodeId: string | null): void {
    const watch = this.#watches.find((one) => one.lock === lock);
    if (watch !== undefined) watch.editedAt = this.#world.time.now;
    if (accessCodeId !== null) this.#honoured.set(accessCodeId, this.#world.time.now);
  }

  /** The hub says that somebody edited a code at a lock. It may, where somebody did or where the lock lies. */
  toldEdited(deviceId: string, accessCodeId: string): void {
    const watch = this.#watches.find(({ lock }) => this.#world.deviceIdOf(lock) === deviceId);
    if (watch === undefined) return;
    const isPossible = watch.editedAt > this.#world.setting.start || this.#world.deceit.everWas(watch.lock);
    if (isPossible) this.#honoured.set(accessCodeId, this.#world.time.now);
    else throw new Error(`${watch.lock.id}: ${accessCodeId} was told to be edited, and nobody did`);
  }

  /** The next instant at which looking may show something new without anything happening. */
  nextLookAt(): Instant {
    return Math.min(...this.#watches.map(({ lookAt }) => lookAt));
  }

  /** Called at every step. Throws when something has been wrong for too long. */
  check(): void {
    const { now } = this.#world.time;
    for (const watch of this.#watches) {
      if (!watch.dirty && now < watch.lookAt) continue;
      watch.dirty = false;
      this.#look(watch);
    }
  }

  #look(watch: Watch): void {
    const { now } = this.#world.time;
    const { lock, wrongSince } = watch;
    watch.lookAt = now + LOOK_EVERY_MS;
    const deviceId = this.#world.deviceIdOf(lock);
    if (this.#isClockOff(lock, deviceId)) watch.clockWrongAt = now;
    this.#checkClock(watch, deviceId);
    const wrong =
      deviceId !== undefined && this.#canReach(deviceId, lock) ? this.#wrongs(watch, deviceId) : [];
    for (const text of wrongSince.keys()) if (!wrong.includes(text)) wrongSince.delete(text);
    for (const text of wrong) {
      const since = wrongSince.get(text) ?? now;
      wrongSince.set(text, since);
      const allowedMs = this.#allowedMs(watch, since);
      if (now - since > allowedMs)
        throw new Error(`${lock.id} ${text} for more than ${allowedMs / SECOND_MS} s`);
    }
    if (wrongSince.size > 0) watch.lookAt = now + LOOK_AGAIN_MS;
  }

  /** It is off, or was told the time and is yet to hear of a change of the zone's offset. */
  #isClockOff({ clock }: SimLock, deviceId: string | undefined): boolean {
    if (Math.abs(clock.offsetMs) > MINUTE_MS) return true;
    const row = deviceId === undefined ? undefined : this.#world.stateOf(deviceId)?.lock;
    if ((row?.clockSet ?? null) === null) return false;
    const { timezone } = this.#world.setting.policy;
    return clock.utcOffsetMinutes() !== offsetMinutes(timezone, this.#world.time.now);
  }

  /** While a lock that can be reached holds a schedule, its clock is not left wrong for days. */
  #checkClock(watch: Watch, deviceId: string | undefined): void {
    const { lock } = watch;
    const { now } = this.#world.time;
    const slots = (deviceId === undefined ? undefined : this.#world.stateOf(deviceId)?.slots) ?? [];
    const isNeeded = slots.some(({ schedule }) => schedule.kind === 'known' && schedule.window !== null);
    const isWrong = isNeeded && Math.abs(lock.clock.offsetMs) > MINUTE_MS;
    if (!isWrong || !this.#world.wall.certain) watch.clockOffSince = null;
    else watch.clockOffSince ??= now;
    if (watch.clockOffSince !== null && now - watch.clockOffSince > CLOCK_MISTRUST_MS + DAY_MS) {
      throw new Error(`${lock.id}: its clock has been wrong for days`);
    }
  }

  #wrongs(watch: Watch, deviceId: string): readonly string[] {
    const { lock } = watch;
    const { diskFull } = this.#world;
    const { now } = this.#world.time;
    const context: DoorContext = {
      model: lock.model,
      policy: this.#world.setting.policy,
      clockOffsetMs: lock.clock.offsetMs,
      mistrusted: now - watch.clockWrongAt < CLOCK_MISTRUST_MS,
    };
    const opening = openingPins(lock);
    const wrong: string[] = [];
    const may = new Set(this.#ledger.foreignOn(deviceId));
    // What a lock put back after it was erased is somebody else's code now.
    if (this.#world.deceit.everWas(lock))
      for (const pin of listed(this.#world.stateOf(deviceId))) may.add(pin);
    const specs = this.#ledger.of(deviceId);
    for (const spec of specs) {
      const hours = hoursOf(spec, context, now);
      for (const edge of [...hours.may, ...hours.must].flat()) {
        if (edge > now && edge < watch.lookAt) watch.lookAt = edge;
      }
      if (isWithin(now, hours.may) && !this.#ledger.isSpent(spec)) may.add(spec.pin);
      if (
        !diskFull &&
        isWithin(now, hours.must) &&
        !opening.has(spec.pin) &&
        this.#isDue(spec, deviceId, lock)
      ) {
        wrong.push(`does not open to ${spec.pin} of ${spec.id.slice(-6)}, which is due`);
      }
    }
    for (const { pin, mayOpen, mustOpen } of backups(this.#world.stateOf(deviceId), specs, now, context)) {
      if (mayOpen) may.add(pin);
      if (!diskFull && mustOpen && !opening.has(pin) && !this.#isLiedOf(pin, deviceId, lock))
        wrong.push(`does not open to the backup code ${pin}`);
    }
    for (const pin of opening) {
      if (may.has(pin) || this.#world.deceit.mayHold(lock, pin)) continue;
      const holders = [...this.#ledger.holdersOf(deviceId, pin)];
      // What people do at a lock, and changes of a code that goes on, wait until they can be written down.
      const owner = ownerOf(this.#world.stateOf(deviceId), pin);
      const goesOn = specs.some(({ id, endsAt }) => id === owner && (endsAt ?? Infinity) > now);
      const mayWait = owner === null || goesOn || watch.editedAt > this.#world.troubleAt;
      if (diskFull && mayWait) continue;
      const names = holders.map((id) => id.slice(-6)).join();
      wrong.push(`opens to ${pin}, which nobody wants now (${names})`);
    }
    return wrong;
  }

  /**
   * The lock lied of the slot that the hub keeps for this PIN, or holds it where the hub does not know; or the hub has
   * found it there since, as a code that is nobody's and that it must not touch.
   */
  #isLiedOf(pin: string, deviceId: string, lock: SimLock): boolean {
    const { deceit } = this.#world;
    const state = this.#world.stateOf(deviceId);
    if (deceit.everWas(lock) && listed(state).includes(pin)) return true;
    const codes = state?.codes ?? [];
    const kept = codes.filter((code) => code.pin?.reveal() === pin).map(({ slot }) => slot);
    return deceit.mayHold(lock, pin) || kept.some((slot) => slot !== null && deceit.concerns(lock, slot));
  }

  #isDue(spec: InForce, deviceId: string, lock: SimLock): boolean {
    if (this.#isLiedOf(spec.pin, deviceId, lock)) return false;
    if (this.#ledger.hasEnded(spec) || this.#ledger.mayBeSpent(spec)) return false;
    // In the hours around a change of the clocks, windows of every week have some room.
    const { policy } = this.#world.setting;
    if (spec.weekly !== null && changesAround(policy.timezone, this.#world.time.now)) return false;
    if (spec.allowEdits && (this.#honoured.get(spec.id) ?? 0) > spec.since) return false;
    const codes = this.#world.stateOf(deviceId)?.codes;
    const code = codes?.find(({ accessCodeId }) => accessCodeId === spec.id);
    return code === undefined || (code.rejected === null && code.refused === null);
  }

  /** The hub is there and could do something about what is wrong at this lock. */
  canMend(deviceId: string, lock: SimLock): boolean {
    return !this.#world.diskFull && this.#canReach(deviceId, lock);
  }

  #canReach(deviceId: string, lock: SimLock): boolean {
    const { life, radioPlugged, wall } = this.#world;
    if (life === null || !radioPlugged || !wall.certain || lock.fault.kind !== 'none') return false;
    const row = this.#world.stateOf(deviceId)?.lock;
    return row === undefined || !isBudgetSpent(row, wall.now());
  }

  #allowedMs(watch: Watch, since: Instant): number {
    return this.#world.setting.slackMs + this.#promisedMs(watch, since);
  }

  #promisedMs({ editedAt }: Watch, since: Instant): number {
    if (this.#world.troubleAt > since - TROUBLE_LASTS_MS) return MEND_MS;
    if (editedAt > since - EDIT_MS) return EDIT_MS;
    const documents = this.#ledger.takenSince(since - BUSY_MS);
    if (documents === 0) return ON_TIME_MS;
    return documents === 1 ? DOCUMENT_MS : BUSY_MS;
  }
}

/** The PINs that open a lock now, but its admin's. */
function openingPins(lock: SimLock): ReadonlySet<string> {
  const local = lock.clock.local();
  const pins = new Set<string>();
  for (const slot of lock.codes.slotsInUse()) {
    const pin = lock.codes.read(slot)?.pin;
    if (pin !== undefined && lock.codes.holderOf(pin) === slot && lock.codes.opensAt(slot, local)) {
      pins.add(pin.reveal());
    }
  }
  return pins;
}

/** PINs that the hub knows to be on the lock and not to be those of the slot's owner, if it has one. */
function listed(state: LockState | undefined): readonly string[] {
  const own = new Map(state?.codes.map(({ accessCodeId, pin }) => [accessCodeId, pin]));
  return (state?.slots ?? []).flatMap(({ owner, content }) => {
    if (content.kind !== 'pin' || own.get(owner ?? '')?.equals(content.pin)) return [];
    return [content.pin.reveal()];
  });
}

/** The code whose slot is known to hold this PIN; `null`: none is. */
function ownerOf(state: LockState | undefined, pin: string): string | null {
  const row = state?.slots.find(({ content }) => content.kind === 'pin' && content.pin.reveal() === pin);
  return row?.owner ?? null;
}

/** The codes of the pool, which open at all times, and those that were pulled from it, which open until their original ends. */
function backups(
  state: LockState | undefined,
  specs: readonly InForce[],
  now: Instant,
  context: DoorContext,
): readonly { readonly pin: string; readonly mayOpen: boolean; readonly mustOpen: boolean }[] {
  const slackMs = slackOf(context);
  return (state?.codes ?? []).flatMap(({ isBackup, backupOf, pin, endsAt, removingSince, status }) => {
    if (!isBackup || pin === null) return [];
    const original = specs.find(({ id }) => id === backupOf) ?? null;
    // Without its original a pulled code has nothing to open for.
    const end = backupOf !== null && original === null ? now : (original?.endsAt ?? null);
    const mayOpen = end === null || end + slackMs > now;
    // One that stands in for windows of every week keeps to them, by the lock's own clock where it can.
    const isInHours =
      original?.weekly == null || isWithin(now, hoursOf({ ...original, native: true }, context, now).must);
    const isSure = isInHours && removingSince === null && (endsAt === null || endsAt - slackMs > now);
    return [{ pin: pin.reveal(), mayOpen, mustOpen: isSure && backupOf !== null && status === 'set' }];
  });
}
