import { newCode, type AccessCode, type AccessCodeRequest } from '../access-code.ts';
import { Claims, TakenPins, takenPins } from './clash.ts';
import type { Draw } from '../draw.ts';
import { drawPin } from './generate.ts';
import { notShared } from './group.ts';
import type { Lock, LockState, Policy } from '../lock.ts';
import { Pin } from '../pin.ts';
import { pinRefusal, type Refusal } from './request.ts';

/** Where PINs come from that nobody chose. */
export interface PinSources {
  /** Cryptographic outside of simulations (decision 18). */
  readonly draw: Draw;
  /** The other locks of this hub. Asked for only where a `commonCodeKey` needs a PIN. */
  readonly siblings: () => readonly LockState[];
}

/** A code that was taken without a PIN and has none yet: its lock was never met, so nobody knows what it allows. */
export function awaitsPin({ pin, offline, rejected, removingSince }: AccessCode): boolean {
  return pin === null && offline === null && rejected === null && removingSince === null;
}

/**
 * Gives the codes that await a PIN one: that of their group, or one drawn for them. The first of a group gets one
 * that all locks of the hub allow, as far as there is such a one, so that the others can follow. Codes for which there
 * is no PIN are rejected. The same state when there is nothing to be done.
 */
export function assignPins(state: LockState, sources: PinSources, policy: Policy): LockState {
  if (state.lock.capabilities === null || !state.codes.some(awaitsPin)) return state;
  const claims = new Claims(state, state.codes, policy);
  const supply = new PinSupply(state, sources);
  const codes = state.codes.map((code) => {
    if (!awaitsPin(code)) return code;
    const next = withPin(code, supply.pinFor(code), claims);
    claims.add(next);
    supply.note(next);
    return next;
  });
  return { ...state, codes };
}

function withPin(code: AccessCode, found: Pin | Refusal, claims: Claims): AccessCode {
  if (!(found instanceof Pin)) return { ...code, rejected: found };
  const given = { ...code, pin: found, isPinDrawn: true };
  const rejected = claims.clashOf(given);
  return rejected === null ? given : { ...code, rejected };
}

/** The other locks of the hub that were met, and what their codes have. */
interface Others {
  readonly locks: readonly Lock[];
  readonly taken: TakenPins;
}

/** PINs for the codes of one lock, one after the other. */
class PinSupply {
  readonly #state: LockState;
  readonly #sources: PinSources;
  readonly #taken: TakenPins;
  readonly #groups: GroupPins;
  /** The other locks; looked at only when the first code with a key comes along. */
  #others: Others | null = null;

  constructor(state: LockState, sources: PinSources) {
    this.#state = state;
    this.#sources = sources;
    this.#taken = new TakenPins([state]);
    this.#groups = groupPins(state.codes);
  }

  pinFor(code: AccessCode): Pin | Refusal {
    const { lock } = this.#state;
    const preferredLength = code.preferredCodeLength;
    if (code.commonCodeKey !== null) {
      const others = this.#meetOthers();
      const shared = this.#groups.get(code.commonCodeKey);
      if (shared !== undefined) return pinRefusal(shared, lock) === null ? shared : notShared(lock);
      const locks = [lock, ...others.locks];
      const isTaken = (pin: Pin): boolean => this.#taken.has(pin) || others.taken.has(pin);
      const drawn = drawPin(locks, { preferredLength }, isTaken, this.#sources.draw);
      if (drawn !== null) return drawn;
    }
    const isTaken = (pin: Pin): boolean => this.#taken.has(pin);
    return drawPin([lock], { preferredLength }, isTaken, this.#sources.draw) ?? noneLeft();
  }

  /** A code has got its PIN: it is taken, and its group has it. */
  note(code: AccessCode): void {
    this.#taken.add(code.pin);
    groupPins([code], this.#groups);
  }

  #meetOthers(): Others {
    if (this.#others !== null) return this.#others;
    const siblings = this.#sources.siblings();
    groupPins(
      siblings.flatMap(({ codes }) => codes),
      this.#groups,
    );
    const met = siblings.filter(({ lock }) => lock.capabilities !== null);
    this.#others = { locks: met.map(({ lock }) => lock), taken: new TakenPins(met) };
    return this.#others;
  }
}

/** By `commonCodeKey`: the PIN of the group. */
type GroupPins = Map<string, Pin>;

function groupPins(codes: readonly AccessCode[], groups: GroupPins = new Map()): GroupPins {
  for (const { commonCodeKey: key, pin, removingSince } of codes) {
    if (key === null || pin === null || removingSince !== null || groups.has(key)) continue;
    groups.set(key, pin);
  }
  return groups;
}

/** What is done with locks that can't have the PIN of the others. */
export type WhenNotShared = 'throw' | 'create_random_code';

/** A PIN for each lock, or why there is none; the refusal names the locks that can't share it. */
export type Shared =
  | {
      readonly kind: 'shared';
      /** By `device_id`. */
      readonly pinOf: ReadonlyMap<string, Pin>;
      /** The PIN of all locks but odd ones. */
      readonly common: Pin | null;
    }
  | { readonly kind: 'refused'; readonly refusal: Refusal; readonly deviceIds: readonly string[] };

/**
 * The PINs of one request for several locks: the one that it asks for, that of its group, or one that as many of the
 * locks as possible allow. `throw` refuses the whole when a lock can't have it, `create_random_code` draws one for
 * each such lock.
 */
export function shareOrDraw(
  states: readonly LockState[],
  request: AccessCodeRequest,
  behavior: WhenNotShared,
  draw: Draw,
  policy: Policy,
): Shared {
  const { pin, commonCodeKey, preferredCodeLength } = request;
  const known =
    pin ??
    (commonCodeKey === null
      ? null
      : (groupPins(states.flatMap(({ codes }) => codes)).get(commonCodeKey) ?? null));
  const common = known ?? drawForMost(states, preferredCodeLength, draw);
  const odd = states.filter((state) => common === null || !takes(state, { ...request, pin: common }, policy));
  if (odd.length > 0 && behavior === 'throw') {
    return {
      kind: 'refused',
      refusal: notShared(...odd.map(({ lock }) => lock)),
      deviceIds: odd.map(({ lock }) => lock.deviceId),
    };
  }
  const pinOf = new Map<string, Pin>();
  for (const state of states) {
    const own = odd.includes(state) ? drawFor([state], preferredCodeLength, draw) : common;
    if (own === null) return { kind: 'refused', refusal: noneLeft(), deviceIds: [state.lock.deviceId] };
    pinOf.set(state.lock.deviceId, own);
  }
  return { kind: 'shared', pinOf, common };
}

function takes(
  state: LockState,
  request: AccessCodeRequest & { readonly pin: Pin },
  policy: Policy,
): boolean {
  if (pinRefusal(request.pin, state.lock) !== null) return false;
  const code: AccessCode = newCode(request, 'local', 0);
  return new Claims(state, state.codes, policy).clashOf(code) === null;
}

/** One for all locks; where there is none, for the first lock and those that can go along with it. */
function drawForMost(states: readonly LockState[], preferredLength: number | null, draw: Draw): Pin | null {
  const forAll = drawFor(states, preferredLength, draw);
  if (forAll !== null) return forAll;
  let group: readonly LockState[] = [];
  let drawn: Pin | null = null;
  for (const state of states) {
    const next = drawFor([...group, state], preferredLength, draw);
    if (next === null) continue;
    group = [...group, state];
    drawn = next;
  }
  return drawn;
}

/** A PIN that all these locks take and that none of them has; `null`: there is none. */
export function drawFor(
  states: readonly LockState[],
  preferredLength: number | null,
  draw: Draw,
): Pin | null {
  const locks = states.map(({ lock }) => lock);
  return drawPin(locks, { preferredLength }, takenPins(states), draw);
}

function noneLeft(): Refusal {
  const message = 'code: no PIN that this lock allows is free.';
  return { code: 'code_constraints_violated', message };
}
