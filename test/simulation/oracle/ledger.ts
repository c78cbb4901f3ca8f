import type { LockState } from '../../../src/core/lock.ts';
import type { Instant } from '../../../src/core/time.ts';
import type { Document } from '../cloud-model.ts';
import type { Spec } from '../spec.ts';
import type { World } from '../world.ts';
import { Refusals } from './refusals.ts';

/** A code that the hub took, with the PIN it has there. */
export interface InForce extends Spec {
  readonly pin: string;
  /** Since when it is wanted with this PIN and at these times. */
  readonly since: Instant;
}

/** One lock in the ledger. */
interface Page {
  readonly document: Document;
  readonly codes: readonly InForce[];
  /** The hub has yet to make up a PIN for some code. */
  readonly isAwaitingPins: boolean;
  /** Codes of the document that were handed back since it was taken. */
  readonly given: ReadonlySet<string>;
}

/** Which codes are in force on each lock, told by the documents that the hub took and by the reasons it gives for what it refused. */
export class Ledger {
  /** PINs that people typed into locks and that nobody has adopted or wants to go. */
  readonly #typed = new Set<string>();
  /** By lock: PINs of codes that were handed back, and that nobody has adopted again or wants to go. */
  readonly #handedBack = new Map<string, Set<string>>();
  /** How often each code has opened a door, and how often the hub was told so. */
  readonly #uses = new Counts();
  readonly #toldUses = new Counts();
  /** Codes that ever had a PIN on a lock. */
  readonly #holders = new Map<string, Set<string>>();
  /** Backup codes that were pulled, with the code each stands in for. */
  readonly #standsFor = new Map<string, string>();
  readonly #world: World;
  readonly #refusals: Refusals;
  readonly #pages = new Map<string, Page>();
  /** When documents were taken, by any lock, newest last. */
  readonly #takenAt: Instant[] = [];

  constructor(world: World) {
    this.#world = world;
    this.#refusals = new Refusals(world, this);
  }

  of(deviceId: string): readonly InForce[] {
    return this.#pages.get(deviceId)?.codes ?? [];
  }

  all(): readonly InForce[] {
    return [...this.#pages.values()].flatMap(({ codes }) => codes);
  }

  /** Somebody typed a PIN into a lock. */
  typed(pin: string): void {
    this.#typed.add(pin);
  }

  /** PINs that may be on a lock and are nobody's business but the people's there. */
  foreignOn(deviceId: string): ReadonlySet<string> {
    return new Set([...this.#typed, ...(this.#handedBack.get(deviceId) ?? [])]);
  }

  /** Documents taken by any lock since an instant. */
  takenSince(at: Instant): number {
    return this.#takenAt.length - 1 - this.#takenAt.findLastIndex((taken) => taken < at);
  }

  /** Codes that have this PIN on this lock, or had it. */
  holdersOf(deviceId: string, pin: string): ReadonlySet<string> {
    return this.#holders.get(`${deviceId} ${pin}`) ?? new Set();
  }

  /** Its uses are spent, whether or not the hub was told of all. */
  mayBeSpent({ id, maxUses }: Spec): boolean {
    return maxUses !== null && this.#uses.of(id) >= maxUses;
  }

  /** Its uses are spent, and the hub knows it. */
  isSpent({ id, maxUses }: Spec): boolean {
    return maxUses !== null && this.#toldUses.of(id) >= maxUses;
  }

  /** Somebody used a code; a use of a backup code counts for the one that it stands in for. */
  used(id: string): void {
    this.#uses.add(this.#standsFor.get(id) ?? id);
  }

  /** The hub told of a use of a code. */
  toldUse(id: string): void {
    this.#toldUses.add(this.#standsFor.get(id) ?? id);
  }

  /** As far as the hub can say. */
  hasEnded({ endsAt }: Spec): boolean {
    return endsAt !== null && endsAt <= this.#world.wall.latestShown;
  }

  /** Follows a commit. Throws when the hub forgot a document, or refused a code without a reason. */
  follow(before: LockState | undefined, after: LockState): void {
    const { deviceId, generation, versionReceived } = after.lock;
    this.#noteHolders(after);
    const page = this.#withoutHandedBack(before, after);
    const { generation: oldGeneration = 0, version: oldVersion = 0 } = page?.document ?? {};
    const order = generation - oldGeneration || versionReceived - oldVersion;
    if (order < 0) {
      const [was, is] = [`${oldGeneration}/${oldVersion}`, `${generation}/${versionReceived}`];
      throw new Error(`Document ${was} was taken, and now it is ${is}`);
    }
    if (order === 0 && page?.isAwaitingPins !== true) return;
    const document = this.#world.cloud.sent(deviceId, generation, versionReceived);
    if (document === undefined) return;
    if (order > 0) {
      this.#takenAt.push(this.#world.time.now);
      for (const id of document.tombstones) this.#noLongerForeign(id, before);
      // An adopted code is nobody's business but the cloud's from now on.
      const taken = after.codes.filter(({ rejected }) => rejected === null);
      for (const { accessCodeId } of taken) this.#noLongerForeign(accessCodeId, before);
    }
    const old = page?.codes ?? [];
    const known =
      order > 0 ? document.specs : document.specs.filter(({ id }) => page?.given.has(id) !== true);
    const codes = known.flatMap((spec) => this.#taken(spec, after, old, document));
    const isAwaitingPins = after.codes.some((code) => code.pin === null && code.rejected === null);
    const given = order > 0 ? new Set<string>() : (page?.given ?? new Set());
    this.#pages.set(deviceId, { document, codes, isAwaitingPins, given });
    this.#checkGroups();
  }

  /** The page of a lock, without codes that are nobody's from this commit on and stay on the lock. */
  #withoutHandedBack(before: LockState | undefined, { lock, codes, slots }: LockState): Page | undefined {
    const page = this.#pages.get(lock.deviceId);
    if (page === undefined) return undefined;
    const ours = new Set(codes.map(({ accessCodeId }) => accessCodeId));
    const given = (before?.codes ?? []).filter(({ accessCodeId: id, removingSince }) => {
      const isFound = slots.some(({ unmanaged }) => unmanaged?.accessCodeId === id);
      return removingSince === null && isFound && !ours.has(id);
    });
    if (given.length === 0) return page;
    const pins = this.#handedBack.get(lock.deviceId) ?? new Set();
    for (const { pin } of given) if (pin !== null) pins.add(pin.reveal());
    this.#handedBack.set(lock.deviceId, pins);
    const ids = new Set(given.map(({ accessCodeId }) => accessCodeId));
    const next = {
      ...page,
      codes: page.codes.filter(({ id }) => !ids.has(id)),
      given: new Set([...page.given, ...ids]),
    };
    this.#pages.set(lock.deviceId, next);
    return next;
  }

  /** Codes with the same key have the same PIN, on whatever locks. */
  #checkGroups(): void {
    const groups = new Map<string, InForce>();
    for (const code of this.all()) {
      if (code.commonKey === null || this.hasEnded(code) || this.mayBeSpent(code)) continue;
      const other = groups.get(code.commonKey) ?? code;
      groups.set(code.commonKey, other);
      if (other.pin !== code.pin) {
        throw new Error(`${other.id} and ${code.id} have the key ${code.commonKey} and two PINs`);
      }
    }
  }

  #taken(spec: Spec, state: LockState, before: readonly InForce[], document: Document): readonly InForce[] {
    const code = state.codes.find(({ accessCodeId }) => accessCodeId === spec.id);
    const old = before.filter(({ id }) => id === spec.id);
    const [known] = old;
    if (code === undefined) {
      // A window that was moved into the past ends the code.
      if (this.hasEnded(spec) || this.mayBeSpent(spec)) return [];
      throw new Error(`${spec.id} was taken and is not among the codes`);
    }
    if (code.rejected !== null) {
      this.#refusals.check(spec, document.specs, code.rejected.message);
      // What was taken before stays in force when a change of it is refused.
      return old;
    }
    const pin = spec.pin ?? code.pin?.reveal();
    // The hub has no PIN for it before it has met the lock.
    if (pin === undefined) return old;
    if (known === undefined) {
      this.#uses.forget(spec.id);
      this.#toldUses.forget(spec.id);
    }
    const isSame = known?.pin === pin && known.startsAt === spec.startsAt && known.endsAt === spec.endsAt;
    return [{ ...spec, pin, since: isSame ? known.since : this.#world.time.now }];
  }

  /** A code that was found on the lock, and that the hub knows, is to go, or is adopted. */
  #noLongerForeign(id: string, before: LockState | undefined): void {
    const row = before?.slots.find(({ unmanaged }) => unmanaged?.accessCodeId === id);
    if (before === undefined || row?.content.kind !== 'pin') return;
    const pin = row.content.pin.reveal();
    this.#typed.delete(pin);
    this.#handedBack.get(before.lock.deviceId)?.delete(pin);
  }

  #noteHolders({ lock, codes }: LockState): void {
    for (const { accessCodeId, pin, backupOf } of codes) {
      if (backupOf !== null) this.#standsFor.set(accessCodeId, backupOf);
      if (pin === null) continue;
      const key = `${lock.deviceId} ${pin.reveal()}`;
      const holders = this.#holders.get(key);
      if (holders === undefined) this.#holders.set(key, new Set([accessCodeId]));
      else holders.add(accessCodeId);
    }
  }
}

/** Numbers by id, 0 where nothing was counted. */
class Counts {
  readonly #counts = new Map<string, number>();

  of(id: string): number {
    return this.#counts.get(id) ?? 0;
  }

  add(id: string): void {
    this.#counts.set(id, this.of(id) + 1);
  }

  forget(id: string): void {
    this.#counts.delete(id);
  }
}
