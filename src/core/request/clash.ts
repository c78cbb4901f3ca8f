import type { AccessCode } from '../access-code.ts';
import { isUserSlot } from '../capability.ts';
import { isOthersPin } from './duplicate.ts';
import { mayBeOurs } from '../observe/recognise.ts';
import { instantText } from '../instant-text.ts';
import type { LockState, Policy } from '../lock.ts';
import type { Pin } from '../pin.ts';
import type { Refusal } from './request.ts';
import type { Slot } from '../slot.ts';
import { claimedFrom } from '../timing/strategy.ts';

/**
 * The codes of a lock by what only one of them may have there at a time: the PIN, and the name where the lock wants
 * names to differ. Codes that only have to go are not among them.
 */
export class Claims {
  readonly #state: LockState;
  readonly #policy: Policy;
  readonly #namesDiffer: boolean;
  /** The hub itself issues the lock's offline codes, whose digits follow from their window alone. */
  readonly #isOwnIssuer: boolean;
  readonly #codes = new Map<string, Set<AccessCode>>();
  /**
   * Slots with a PIN that is not ours: unmanaged codes, those of admins as far as the lock shows them, and what somebody
   * put over a code of ours that allows it.
   */
  readonly #foreign = new Map<string, { readonly row: Slot; readonly over: AccessCode | undefined }>();

  constructor(state: LockState, codes: readonly AccessCode[], policy: Policy) {
    this.#state = state;
    this.#policy = policy;
    this.#isOwnIssuer = state.lock.capabilities?.offline?.vendor === 'lockhub';
    const constraints = state.lock.capabilities?.constraints ?? [];
    this.#namesDiffer = constraints.some(({ type }) => type === 'name_must_be_unique');
    for (const code of codes) this.add(code);
    const owners = new Map(state.codes.map((code) => [code.accessCodeId, code]));
    for (const row of state.slots) {
      const over = row.owner === null ? undefined : owners.get(row.owner);
      if (row.content.kind === 'pin' && isOthersPin(row, over) && !mayBeOurs(state, row)) {
        this.#foreign.set(row.content.pin.reveal(), { row, over });
      }
    }
  }

  add(code: AccessCode): void {
    for (const key of this.#keysOf(code)) {
      const holders = this.#codes.get(key);
      if (holders === undefined) this.#codes.set(key, new Set([code]));
      else holders.add(code);
    }
  }

  /**
   * Why a code may not be on the lock together with the others: one has the same PIN (or name) while both are there,
   * preload and lead included (decision 7), or a slot that is not ours holds the PIN. `null`: it may.
   */
  clashOf(code: AccessCode): Refusal | null {
    for (const key of this.#keysOf(code)) {
      for (const other of this.#codes.get(key) ?? []) {
        if (other.accessCodeId === code.accessCodeId || !this.#meet(code, other)) continue;
        if (key.startsWith('window')) return sameWindow(other);
        return key.startsWith('name') ? sameName(other) : samePin(other);
      }
    }
    const foreign = code.pin === null ? undefined : this.#foreign.get(code.pin.reveal());
    if (foreign === undefined || code.removingSince !== null) return null;
    const { row, over } = foreign;
    if (over === undefined) return this.#foreignPin(row);
    return over.accessCodeId === code.accessCodeId || !this.#meet(code, over) ? null : putOver(over, row);
  }

  #keysOf(code: AccessCode): readonly string[] {
    if (code.removingSince !== null) return [];
    if (code.issue !== null && this.#isOwnIssuer && code.offline?.isOneTimeUse === false) {
      return [`window ${code.issue.window.startsAt} ${code.issue.window.endsAt}`, ...this.#pinKeys(code)];
    }
    return this.#pinKeys(code);
  }

  #pinKeys({ pin, name }: AccessCode): readonly string[] {
    if (pin === null) return [];
    const pinKey = `code ${pin.reveal()}`;
    return this.#namesDiffer && name !== null ? [pinKey, `name ${name}`] : [pinKey];
  }

  /** A weekly code counts as being there from its first window to its last. */
  #meet(a: AccessCode, b: AccessCode): boolean {
    return this.#from(a) < (b.endsAt ?? Infinity) && this.#from(b) < (a.endsAt ?? Infinity);
  }

  #from(code: AccessCode): number {
    return claimedFrom(code, this.#state.lock, this.#policy) ?? -Infinity;
  }

  #foreignPin(row: Slot): Refusal {
    const { capabilities } = this.#state.lock;
    const isAdmin = capabilities !== null && !isUserSlot(capabilities, row.slot);
    const whose = isAdmin
      ? `the admin code in slot ${row.slot}`
      : `${row.unmanaged === null ? 'a code' : `code ${row.unmanaged.accessCodeId}`} in slot ${row.slot}, which this hub does not manage,`;
    return { code: 'duplicate_access_code', message: `code: ${whose} has the same PIN.` };
  }
}

/** All PINs that these locks have, may have or are to have at any time: what a drawn PIN keeps away from. */
export class TakenPins {
  readonly #digits = new Set<string>();

  constructor(states: readonly LockState[]) {
    for (const { codes, slots } of states) {
      for (const { pin } of codes) this.add(pin);
      for (const { content, pending } of slots) {
        this.add(content.kind === 'pin' ? content.pin : null);
        this.add(pending?.pin ?? null);
      }
    }
  }

  has(pin: Pin): boolean {
    return this.#digits.has(pin.reveal());
  }

  add(pin: Pin | null): void {
    if (pin !== null) this.#digits.add(pin.reveal());
  }
}

/** Whether a PIN is taken on any of these locks, as they are now. */
export function takenPins(states: readonly LockState[]): (pin: Pin) => boolean {
  const taken = new TakenPins(states);
  return (pin) => taken.has(pin);
}

function samePin(other: AccessCode): Refusal {
  const message = `code: access code ${labelOf(other)} has the same PIN then.`;
  return { code: 'duplicate_access_code', message };
}

function sameWindow(other: AccessCode): Refusal {
  const message = `starts_at: access code ${labelOf(other)} has the same window, and so would have the same digits.`;
  return { code: 'duplicate_access_code', message };
}

function putOver(over: AccessCode, row: Slot): Refusal {
  const message = `code: somebody gave slot ${row.slot} of the lock this PIN, in place of access code ${labelOf(over)}.`;
  return { code: 'duplicate_access_code', message };
}

function sameName(other: AccessCode): Refusal {
  const message = `name: access code ${labelOf(other)} has the same name then, and this lock wants names to differ.`;
  return { code: 'code_constraints_violated', message };
}

function labelOf({ accessCodeId, name, startsAt, endsAt }: AccessCode): string {
  const label = name === null ? accessCodeId : `"${name}" (${accessCodeId})`;
  if (startsAt === null) return `${label}, ongoing,`;
  const from = `${label}, from ${instantText(startsAt)}`;
  return endsAt === null ? `${from} on,` : `${from} to ${instantText(endsAt)},`;
}
