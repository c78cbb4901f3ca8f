import type { AccessMethod, LockEventBody } from '../../../src/core/lock-event.ts';
import { isUserSlot } from '../../../src/core/capability.ts';
import type { LockProfile } from '../profile.ts';
import type { DoorLockEvent } from './raw-event.ts';

/** Sources of operation events (ZCL, Door Lock; 4 and 5 as SmartThings and Nimly have them). */
const METHODS: Readonly<Record<number, AccessMethod>> = {
  0: 'keycode',
  1: 'remote',
  2: 'manual',
};

/** A user of programming events that means all of them (SmartThings). */
export const ALL_USERS = 0xff;

/** What an event of the lock means for the hub; `undefined`: nothing that concerns it. */
export function meaningOfEvent(event: DoorLockEvent, profile: LockProfile): LockEventBody | undefined {
  return event.kind === 'operation' ? ofOperation(event, profile) : ofProgramming(event, profile);
}

function ofOperation({ source, code, user }: DoorLockEvent, profile: LockProfile): LockEventBody | undefined {
  const method = METHODS[source] ?? 'unknown';
  const slot = method === 'keycode' ? slotOf(user, profile) : null;
  switch (code) {
    case 1:
      return { kind: 'locked', method, slot };
    case 2:
      return { kind: 'unlocked', method, slot };
    case 3:
    case 4:
    case 5:
    case 6:
    case 15:
      return { kind: 'access_denied' };
    case 7:
    case 8:
    case 13:
      return { kind: 'locked', method: 'manual', slot: null };
    case 9:
    case 14:
      return { kind: 'unlocked', method: 'manual', slot: null };
    case 10:
    case 11:
      return { kind: 'locked', method: 'automatic', slot: null };
    case 12:
      return { kind: 'unlocked', method: 'automatic', slot: null };
    default:
      return undefined;
  }
}

function ofProgramming({ code, user }: DoorLockEvent, profile: LockProfile): LockEventBody | undefined {
  const slot = slotOf(user, profile);
  switch (code) {
    case 2:
    case 4:
      return user !== null && slot === null ? undefined : { kind: 'slot_changed', slot };
    case 3:
      if (user === null || (user === ALL_USERS && slot === null)) return { kind: 'slot_cleared', slot: null };
      return slot === null ? undefined : { kind: 'slot_cleared', slot };
    default:
      return undefined;
  }
}

/** `null` for a user that no access code of ours can be. */
function slotOf(user: number | null, { capabilities }: LockProfile): number | null {
  return user !== null && isUserSlot(capabilities, user) ? user : null;
}

/** Attribute lockState (ZCL): 0 stuck on its way, 1 locked, 2 unlocked. */
export function meaningOfLockState(state: unknown): LockEventBody | undefined {
  switch (state) {
    case 0:
      return { kind: 'jammed' };
    case 1:
      return { kind: 'locked', method: 'unknown', slot: null };
    case 2:
      return { kind: 'unlocked', method: 'unknown', slot: null };
    default:
      return undefined;
  }
}

/** Alarms of the Door Lock cluster (ZCL): a bolt that sticks, too many wrong codes, a cover that is off. */
export function meaningOfAlarm(code: unknown): LockEventBody | undefined {
  switch (code) {
    case 0:
      return { kind: 'jammed' };
    case 4:
      return { kind: 'access_denied' };
    case 5:
    case 6:
      return { kind: 'tampered' };
    default:
      return undefined;
  }
}

/** Share of a battery that is left, 0 to 1; `null` for what is no level. */
export function batteryLevel(shown: unknown, full: number): number | null {
  return typeof shown === 'number' && shown >= 0 && shown <= 200 ? Math.min(shown / full, 1) : null;
}
