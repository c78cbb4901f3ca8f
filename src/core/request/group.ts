import type { AccessCode } from '../access-code.ts';
import type { Lock, LockState } from '../lock.ts';
import type { Pin } from '../pin.ts';
import { pinRefusal, type Refusal } from './request.ts';

/** The code that a group has its PIN from. */
interface Holder {
  readonly pin: Pin;
  readonly accessCodeId: string;
  readonly deviceId: string;
}

/** Codes with the same `commonCodeKey`, on whatever locks of the hub: they have the same PIN (spec section i). */
export class Groups {
  readonly #lock: Lock;
  readonly #siblings: () => readonly LockState[];
  readonly #holders = new Map<string, Holder>();
  /** The other locks; looked at only when the first code with a key chooses its PIN. */
  #others: readonly LockState[] | null = null;

  constructor({ lock }: LockState, codes: readonly AccessCode[], siblings: () => readonly LockState[]) {
    this.#lock = lock;
    this.#siblings = siblings;
    for (const code of codes) this.add(code);
  }

  add(code: AccessCode): void {
    this.#note(code, this.#lock.deviceId);
  }

  /** Why this code may not have the PIN that was chosen for it: its group has another. `null`: it may. */
  refusalOf({ commonCodeKey: key, pin, removingSince }: AccessCode): Refusal | null {
    if (key === null || pin === null || removingSince !== null) return null;
    this.#meetOthers();
    const holder = this.#holders.get(key);
    if (holder === undefined || holder.pin.equals(pin)) return null;
    const { accessCodeId, deviceId } = holder;
    const message = `code: access code ${accessCodeId} on lock ${deviceId} has the same common_code_key and another PIN.`;
    return { code: 'invalid_input', message };
  }

  /** A code that comes into its group with whatever PIN the group has, or why that is not possible on its lock. */
  joined(code: AccessCode): AccessCode | Refusal {
    this.#meetOthers();
    const pin = this.#holders.get(code.commonCodeKey ?? '')?.pin;
    if (pin === undefined || code.pin?.equals(pin) === true) return code;
    return pinRefusal(pin, this.#lock) === null ? { ...code, pin, isPinDrawn: true } : notShared(this.#lock);
  }

  #meetOthers(): void {
    if (this.#others !== null) return;
    this.#others = this.#siblings();
    for (const { lock, codes } of this.#others) for (const code of codes) this.#note(code, lock.deviceId);
  }

  #note({ accessCodeId, commonCodeKey: key, pin, removingSince }: AccessCode, deviceId: string): void {
    if (key === null || pin === null || removingSince !== null || this.#holders.has(key)) return;
    this.#holders.set(key, { pin, accessCodeId, deviceId });
  }
}

/** The PIN of a group is against the rules of these locks. */
export function notShared(...locks: readonly Lock[]): Refusal {
  const ids = locks.map(({ deviceId }) => deviceId).join(', ');
  const message = `common_code_key: the PIN of this group is not possible on lock ${ids}.`;
  return { code: 'code_constraints_violated', message };
}
