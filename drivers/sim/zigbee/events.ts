import type { LockReport, SimLock } from '../lock/lock.ts';
import { concat, octets, u16, u32, u8, type Bytes } from './bytes.ts';
import type { ZigbeeModel } from './model.ts';
import { localSeconds } from './time.ts';
import { NOBODY, USER_STATUS, userOf, wireTypeOf } from './users.ts';
import { KIND } from './zcl.ts';

const OPERATION = 0x20;
const PROGRAMMING = 0x21;
const SOURCE = { keypad: 0, radio: 1, manual: 2, unknown: 0xff } as const;
const CODE = {
  locked: 1,
  unlocked: 2,
  wrongPin: 5,
  autoLocked: 10,
  manuallyLocked: 13,
  manuallyUnlocked: 14,
} as const;
const PROGRAMMED = { added: 2, deleted: 3 } as const;
/** As the user of a deletion: all of them. */
const EVERYBODY = 0xff;
const ALARM_RAISED = 0x00;
const ALARM_CODE = { jammed: 0, coverRemoved: 5 } as const;

/** A frame that a lock sends by itself. */
interface Told {
  readonly command: number;
  readonly payload: Bytes;
}

/** The event of the door lock cluster that tells this, if it knows one. `commanded`: a hub made it happen. */
export function eventOf(
  lock: SimLock,
  model: ZigbeeModel,
  report: LockReport,
  commanded: boolean,
): Told | undefined {
  const user = (slot: number | null): number => (slot === null ? NOBODY : userOf(model, slot));
  const operation = (source: number, code: number, slot: number | null): Told => ({
    command: OPERATION,
    payload: concat(u8(source), u8(code), u16(user(slot)), octets(''), ending(lock, model)),
  });
  const programming = (code: number, who: number, slot: number | null): Told => {
    const held = slot === null ? undefined : lock.codes.read(slot);
    const source = commanded ? SOURCE.radio : SOURCE.keypad;
    const type = wireTypeOf(held && slot !== null ? lock.codes.userType(slot) : undefined);
    const status = USER_STATUS[held?.status ?? 'available'];
    const head = concat(u8(source), u8(code), u16(who), octets(''), u8(type), u8(status));
    return { command: PROGRAMMING, payload: concat(head, ending(lock, model)) };
  };
  switch (report.kind) {
    case 'locked':
    case 'unlocked':
      return operation(...movement(report), report.slot);
    case 'access_denied':
      return operation(SOURCE.keypad, CODE.wrongPin, null);
    case 'slot_changed':
      return programming(PROGRAMMED.added, user(report.slot), report.slot);
    case 'slot_cleared':
      return programming(
        PROGRAMMED.deleted,
        report.slot === null ? EVERYBODY : user(report.slot),
        report.slot,
      );
    case 'duplicate_refused':
    case 'jammed':
    case 'jam_cleared':
    case 'tampered':
    case 'tamper_cleared':
    case 'battery':
    case 'credentials':
    case 'replaced':
    case 'keypad_entry':
      return undefined;
  }
}

/** Attributes of Onesti's locks: what was done last, by what and whom, and the PIN that was typed (onesti.ts). */
const LAST_ACTION = 0x0100;
const TYPED_PIN = 0x0101;
const ACTION = { locked: 1, unlocked: 2 } as const;
const ACTION_SOURCE = { remote: 0, keycode: 2, unknown: 5, manual: 10, automatic: 10 } as const;

/** The records of a report that tells this on such a lock; it sends no events for movements. */
export function lastActionOf(lock: SimLock, model: ZigbeeModel, report: LockReport): Bytes | undefined {
  if (report.kind !== 'locked' && report.kind !== 'unlocked') return undefined;
  const user = report.slot === null ? 0 : userOf(model, report.slot);
  const value = ACTION_SOURCE[report.method] * 0x100_0000 + ACTION[report.kind] * 0x1_0000 + user;
  const action = concat(u16(LAST_ACTION), u8(KIND.map32), u32(value));
  const held = report.slot === null ? undefined : lock.codes.read(report.slot);
  if (held === undefined) return action;
  return concat(action, u16(TYPED_PIN), u8(KIND.octets), octets(held.pin.reveal()));
}

/** The alarm that tells this, on a lock that has alarms. The cluster has no word for the end of one. */
export function alarmOf(report: LockReport): { readonly command: number; readonly code: number } | undefined {
  switch (report.kind) {
    case 'jammed':
      return { command: ALARM_RAISED, code: ALARM_CODE.jammed };
    case 'tampered':
      return { command: ALARM_RAISED, code: ALARM_CODE.coverRemoved };
    case 'jam_cleared':
    case 'tamper_cleared':
    case 'locked':
    case 'unlocked':
    case 'access_denied':
    case 'slot_changed':
    case 'slot_cleared':
    case 'duplicate_refused':
    case 'battery':
    case 'credentials':
    case 'replaced':
    case 'keypad_entry':
      return undefined;
  }
}

function movement({ kind, method }: Extract<LockReport, { kind: 'locked' | 'unlocked' }>): [number, number] {
  const isLocked = kind === 'locked';
  switch (method) {
    case 'keycode':
      return [SOURCE.keypad, isLocked ? CODE.locked : CODE.unlocked];
    case 'remote':
      return [SOURCE.radio, isLocked ? CODE.locked : CODE.unlocked];
    case 'manual':
      return [SOURCE.manual, isLocked ? CODE.manuallyLocked : CODE.manuallyUnlocked];
    case 'automatic':
      return [SOURCE.manual, isLocked ? CODE.autoLocked : CODE.unlocked];
    case 'unknown':
      return [SOURCE.unknown, isLocked ? CODE.locked : CODE.unlocked];
  }
}

/** The time on the lock's wall, and a text that many locks leave out. */
function ending({ clock }: SimLock, { zigbee }: ZigbeeModel): Bytes {
  const time = u32(localSeconds(clock));
  return zigbee.shortEvents ? time : concat(time, octets(''));
}
