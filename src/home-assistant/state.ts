import { isPoolCode } from '../core/access-code.ts';
import type { Command } from '../core/command.ts';
import type { LockState } from '../core/lock.ts';
import { PAYLOADS, type BoltState } from './discovery.ts';

/** What is told of a lock beside what is stored. */
export interface StateContext {
  readonly isRadioUp: boolean;
  /** The command that is being done at this lock, from whomever it came. */
  readonly underWay: Command | undefined;
}

/** The retained state message of one lock; `null` is "unknown" to Home Assistant. Holds no PIN and no name. */
export function stateOf(state: LockState, context: StateContext): Record<string, string | number | null> {
  const { lock } = state;
  return {
    lock: boltOf(state, context.underWay),
    battery: lock.batteryLevel === null ? null : Math.round(lock.batteryLevel * 100),
    connectivity: lock.online && context.isRadioUp ? PAYLOADS.on : PAYLOADS.off,
    codes_out_of_sync: areCodesOutOfSync(state) ? PAYLOADS.on : PAYLOADS.off,
  };
}

function boltOf({ lock }: LockState, underWay: Command | undefined): BoltState | null {
  if (underWay?.outcome.state === 'running') {
    if (underWay.type === 'lock_door') return 'LOCKING';
    if (underWay.type === 'unlock_door') return 'UNLOCKING';
  }
  if (lock.jammed) return 'JAMMED';
  if (lock.locked === null) return null;
  return lock.locked ? 'LOCKED' : 'UNLOCKED';
}

/** The lock does not hold what is asked for: something is on its way, or failed. What is not due yet is in step. */
function areCodesOutOfSync({ lock, codes }: LockState): boolean {
  if (lock.versionApplied !== lock.versionReceived) return true;
  return codes.some((code) => {
    if (isPoolCode(code)) return false;
    return code.status === 'setting' || code.status === 'removing' || code.errors.length > 0;
  });
}
