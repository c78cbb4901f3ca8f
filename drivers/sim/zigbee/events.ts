import type { LockReport, SimLock } from '../lock/lock.ts';
import { concat, octets, u16, u32, u8, type Bytes } from './bytes.ts';
import type { ZigbeeModel } from './model.ts';
import { localSeconds } from './time.ts';
import { NOBODY, USER_STATUS, userOf, wireTypeOf } from './users.ts';

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
const ALARM = { raised: 0x00, cleared: 0x01 } as const;
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

/** The alarm that tells this, on a lock that has alarms. */
export function alarmOf(report: LockReport): { readonly command: number; readonly code: number } | undefined {
  switch (report.kind) {
    case 'jammed':
      return { command: ALARM.raised, code: ALARM_CODE.jammed };
    case 'jam_cleared':
      return { command: ALARM.cleared, code: ALARM_CODE.jammed };
    case 'tampered':
      return { command: ALARM.raised, code: ALARM_CODE.coverRemoved };
    case 'tamper_cleared':
      return { command: ALARM.cleared, code: ALARM_CODE.coverRemoved };
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
