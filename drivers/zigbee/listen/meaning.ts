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
      // One that it does not name was erased, or all were: all are looked at.
      if (user === null) return { kind: 'slot_changed', slot: null };
      if (user === ALL_USERS && slot === null) return { kind: 'slot_cleared', slot: null };
      // A lock with that many users may mean this one, or all of them.
      if (user === ALL_USERS) return { kind: 'slot_changed', slot: null };
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

/** Sources of the last action (Onesti): bits 24 to 31. The lock itself (10), an unknown one (5) and others stay unknown. */
const ACTION_METHODS: Readonly<Record<number, AccessMethod>> = { 0: 'remote', 2: 'keycode' };

/**
 * The last action as Onesti's locks report it (converters onesti.ts): user in the lower 16 bits, then what was done,
 * then by what. Fingers and tags have numbers of their own, which are no slots.
 */
export function meaningOfLastAction(shown: unknown, profile: LockProfile): LockEventBody | undefined {
  if (typeof shown !== 'number' || !Number.isInteger(shown)) return undefined;
  const method = ACTION_METHODS[(shown >>> 24) & 0xff] ?? 'unknown';
  const slot = method === 'keycode' ? slotOf(shown & 0xffff, profile) : null;
  switch ((shown >>> 16) & 0xff) {
    case 1:
      return { kind: 'locked', method, slot };
    case 2:
      return { kind: 'unlocked', method, slot };
    default:
      return undefined;
  }
}

/** The Door Lock cluster, and the maker's own one of Yale's modules for Control4, as they are named in alarms. */
const DOOR_LOCK = 0x0101;
const CONTROL4 = 0xfc00;

/** What an alarm means, which every cluster numbers by itself; `undefined` for other clusters. */
export function meaningOfAlarm(code: unknown, cluster: unknown): LockEventBody | undefined {
  if (cluster === CONTROL4) return ofControl4(code);
  return cluster === DOOR_LOCK ? ofDoorLockAlarm(code) : undefined;
}

/** What those modules do tell of a movement (converters yale.ts). */
function ofControl4(code: unknown): LockEventBody | undefined {
  switch (code) {
    case 9:
      return { kind: 'jammed' };
    case 21:
      return { kind: 'locked', method: 'manual', slot: null };
    case 22:
      return { kind: 'unlocked', method: 'manual', slot: null };
    case 24:
      return { kind: 'locked', method: 'unknown', slot: null };
    case 25:
      return { kind: 'unlocked', method: 'unknown', slot: null };
    case 27:
      return { kind: 'locked', method: 'automatic', slot: null };
    default:
      return undefined;
  }
}

/** Alarms of the Door Lock cluster (ZCL): a bolt that sticks, too many wrong codes, a cover that is off. */
function ofDoorLockAlarm(code: unknown): LockEventBody | undefined {
  switch (code) {
    case 0:
      return { kind: 'jammed' };
    case 4:
      return { kind: 'access_denied' };
    case 5:
    case 6:
      // The cluster has no word for the end.
      return { kind: 'tampered', endsUntold: true };
    default:
      return undefined;
  }
}
