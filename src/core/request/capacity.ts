import { isPoolCode, type AccessCode } from '../access-code.ts';
import { isUserSlot, userSlotCount, type Capabilities } from '../capability.ts';
import { Heap } from './heap.ts';
import { instantText } from '../instant-text.ts';
import type { LockState, Policy } from '../lock.ts';
import { FAILURES_TILL_ERROR } from '../timing/retry.ts';
import { onLockFrom } from '../timing/strategy.ts';
import { DAY_MS, type Instant, type TimeReading } from '../time.ts';

/** Who has the slots of a lock at some time. */
interface Holders {
  readonly accessCodes: number;
  /** Backup codes that were pulled. Those that wait in the pool give way, so they take nobody's slot. */
  readonly backupCodes: number;
  /** Codes that the hub did not put on the lock. */
  readonly unmanagedCodes: number;
}

/** A code will find no slot when it should be usable. */
export interface Shortage {
  /** Slots of the lock that access codes may use: all but those of admins. */
  readonly limit: number;
  /** When the code should be usable; `null`: that time has come. */
  readonly at: Instant | null;
  readonly holders: Holders;
}

export interface Capacity {
  /** By `access_code_id`: the codes that will find no slot. */
  readonly shortages: ReadonlyMap<string, Shortage>;
  /** The least number of slots that no code takes within the next day: room for a backup pool, which gives way by then. */
  readonly spareSlots: number;
}

/** So long before a code goes on the lock the backup pool leaves it a slot; before that, nobody needs it. */
const GIVES_WAY_MS = DAY_MS;

/** What was worked out last for a state: every code of a lock asks for the same one. */
const lately = new WeakMap<LockState, { policy: Policy; at: Instant; capacity: Capacity }>();

/**
 * Looks ahead over all that the lock will have to hold. Codes get slots as the plan gives them: earliest start first,
 * then creation, each from when it is put on the lock (preload and lead included) to its end; one that finds none
 * waits for the next that comes free. A code is short when it still waits at its start. What is being removed is
 * expected to leave at once, unless a lock that answers has failed to remove it; a weekly code keeps its slot
 * between its windows, because it comes back. O(n log n).
 */
export function capacityOf(state: LockState, policy: Policy, now: TimeReading): Capacity {
  const known = lately.get(state);
  if (known?.policy === policy && known.at === now.earliest) return known.capacity;
  const capacity = lookAhead(state, policy, now.earliest);
  lately.set(state, { policy, at: now.earliest, capacity });
  return capacity;
}

/** By `access_code_id`: the codes that will find no slot when they should be usable. */
export function shortages(state: LockState, policy: Policy, now: TimeReading): ReadonlyMap<string, Shortage> {
  return capacityOf(state, policy, now).shortages;
}

/** For a technician: the limit, when it is reached, and who holds the slots. */
export function shortageMessage({ limit, at, holders }: Shortage): string {
  if (limit === 0) return 'This lock has no slot for an access code.';
  const [day, time] = at === null ? [] : instantText(at).split('T');
  const when = day === undefined ? '' : ` on ${day} from ${time?.slice(0, 5)} UTC`;
  const counted = [
    count(holders.accessCodes, 'access code', 'access codes'),
    count(holders.backupCodes, 'backup code', 'backup codes'),
    count(holders.unmanagedCodes, 'code not managed by this hub', 'codes not managed by this hub'),
  ].filter((text) => text !== null);
  const slots = limit === 1 ? 'The only slot of the lock is' : `All ${limit} slots of the lock are`;
  const taken = `${slots} taken${when}`;
  return counted.length === 0 ? `${taken}.` : `${taken}: ${counted.join(', ')}.`;
}

function count(number: number, one: string, many: string): string | null {
  return number === 0 ? null : `${number} ${number === 1 ? one : many}`;
}

/** The time a code takes a slot. */
interface Stay {
  readonly code: AccessCode;
  /** Place among the codes, where their starts and creation tell no order. */
  readonly index: number;
  readonly from: Instant;
  /** When it should be usable; from `from` on it may wait until then. */
  readonly due: Instant;
  /** `Infinity`: for good. */
  readonly until: Instant;
  isPlaced: boolean;
}

interface Release {
  readonly at: Instant;
  readonly isBackup: boolean;
}

function lookAhead(state: LockState, policy: Policy, now: Instant): Capacity {
  const { capabilities } = state.lock;
  if (capabilities === null) return { shortages: new Map(), spareSlots: 0 };
  const ahead = new Ahead(state, capabilities, now);
  const arriving: Stay[] = [];
  for (const [index, code] of state.codes.entries()) {
    const stay = stayOf(code, index, state, policy, now);
    if (stay === null) continue;
    if (stay.from <= now && holdsSlot(code, capabilities)) ahead.hold(stay);
    else arriving.push(stay);
  }
  ahead.run(arriving);
  return { shortages: ahead.short, spareSlots: ahead.spareSlots };
}

function holdsSlot(code: AccessCode, capabilities: Capabilities): boolean {
  return code.slot !== null && isUserSlot(capabilities, code.slot);
}

/** `null`: it takes no slot from now on, or none that anybody could not have. */
function stayOf(
  code: AccessCode,
  index: number,
  { lock }: LockState,
  policy: Policy,
  now: Instant,
): Stay | null {
  if (isPoolCode(code) || code.pin === null || code.offline !== null) return null;
  if (code.endsAt !== null && code.endsAt <= now) return null;
  if (code.removingSince !== null) {
    // Nobody knows how long a lock goes on refusing, so the slot counts as taken now and says nothing of later.
    const isStuck = code.slot !== null && lock.online && code.failures >= FAILURES_TILL_ERROR;
    return isStuck ? { code, index, from: now, due: now, until: now + 1, isPlaced: false } : null;
  }
  // The lock does not take it, so it waits for a change and for no slot.
  if (code.slot === null && code.refused !== null && code.refused.reason !== 'unsupported') return null;
  const from = Math.max(onLockFrom(code, lock, policy) ?? now, now);
  const due = Math.max(code.startsAt ?? from, from);
  return { code, index, from, due, until: code.endsAt ?? Infinity, isPlaced: false };
}

/** The slots of one lock as time goes on. */
class Ahead {
  readonly short = new Map<string, Shortage>();
  spareSlots: number;
  readonly #now: Instant;
  readonly #limit: number;
  #free: number;
  #accessCodes = 0;
  #backupCodes = 0;
  readonly #unmanagedCodes: number;
  readonly #waiting = new Heap<Stay>(isServedBefore);
  readonly #releases = new Heap<Release>((a, b) => a.at < b.at);

  constructor(state: LockState, capabilities: Capabilities, now: Instant) {
    this.#now = now;
    this.#limit = userSlotCount(capabilities);
    this.#unmanagedCodes = state.slots.filter(
      ({ slot, owner, content }) =>
        owner === null &&
        (content.kind === 'pin' || content.kind === 'masked') &&
        isUserSlot(capabilities, slot),
    ).length;
    this.#free = this.#limit - this.#unmanagedCodes;
    this.spareSlots = this.#free;
  }

  /** A code that has its slot already. */
  hold(stay: Stay, at = this.#now): void {
    stay.isPlaced = true;
    this.#take(1, stay.code.isBackup, at);
    if (stay.until < Infinity) this.#releases.push({ at: stay.until, isBackup: stay.code.isBackup });
  }

  run(arriving: readonly Stay[]): void {
    const arrivals = arriving.toSorted((a, b) => a.from - b.from);
    const dues = arriving.toSorted((a, b) => a.due - b.due);
    let arrived = 0;
    for (let checked = 0; checked < dues.length;) {
      const at = Math.min(arrivals[arrived]?.from ?? Infinity, dues[checked]?.due ?? Infinity);
      this.#releaseUntil(at);
      for (let stay = arrivals[arrived]; stay?.from === at; stay = arrivals[arrived]) {
        this.#waiting.push(stay);
        arrived += 1;
      }
      this.#place(at);
      for (let stay = dues[checked]; stay?.due === at; stay = dues[checked]) {
        if (!stay.isPlaced) this.short.set(stay.code.accessCodeId, this.#shortage(at));
        checked += 1;
      }
    }
  }

  /** Frees what ends before an instant, giving it away each time, and what ends just then. */
  #releaseUntil(at: Instant): void {
    for (
      let next = this.#releases.first();
      next !== undefined && next.at <= at;
      next = this.#releases.first()
    ) {
      this.#releases.pop();
      this.#take(-1, next.isBackup, next.at);
      const isLastOfInstant = this.#releases.first()?.at !== next.at;
      if (next.at < at && isLastOfInstant) this.#place(next.at);
    }
  }

  /** Gives free slots to those who wait. */
  #place(at: Instant): void {
    for (
      let stay = this.#waiting.first();
      stay !== undefined && this.#free > 0;
      stay = this.#waiting.first()
    ) {
      this.#waiting.pop();
      if (stay.until > at) this.hold(stay, at);
    }
  }

  #take(slots: 1 | -1, isBackup: boolean, at: Instant): void {
    this.#free -= slots;
    if (isBackup) this.#backupCodes += slots;
    else this.#accessCodes += slots;
    if (at <= this.#now + GIVES_WAY_MS) this.spareSlots = Math.min(this.spareSlots, this.#free);
  }

  #shortage(at: Instant): Shortage {
    const holders = {
      accessCodes: this.#accessCodes,
      backupCodes: this.#backupCodes,
      unmanagedCodes: this.#unmanagedCodes,
    };
    return { limit: this.#limit, at: at > this.#now ? at : null, holders };
  }
}

/** The order in which the plan serves codes that wait. */
function isServedBefore(a: Stay, b: Stay): boolean {
  const byStart = (a.code.startsAt ?? 0) - (b.code.startsAt ?? 0);
  return (byStart || a.code.createdAt - b.code.createdAt || a.index - b.index) < 0;
}
