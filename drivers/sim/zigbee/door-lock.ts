import type { Refusal } from '../lock/code-table.ts';
import { concat, octets, Reader, u16, u8, type Bytes } from './bytes.ts';
import type { Answer, Application } from './application.ts';
import { answerSchedules, forgetSchedule } from './schedules.ts';
import { slotOf, statusFrom, typeFrom, USER_STATUS, wireTypeOf } from './users.ts';
import { STATUS } from './zcl.ts';

/** What the lock says of a PIN that it was given. */
const SET_PIN = { ok: 0, failure: 1, memoryFull: 2, duplicate: 3 } as const;

/** From here on commands are about codes, users and schedules. */
const SET_PIN_COMMAND = 0x05;

/** Commands of the door lock cluster. Every answer has the number of its command. */
export function answerDoorLock(of: Application, command: number, payload: Bytes): Answer {
  const request = new Reader(payload);
  if (of.model.zigbee.noCodes && command >= SET_PIN_COMMAND) return UNSUPPORTED;
  switch (command) {
    case 0x00:
      return status(command, of.lock.radioSetBolt('locked'));
    case 0x01:
      return status(command, of.lock.radioSetBolt('unlocked'));
    case 0x02:
      return status(command, of.lock.radioSetBolt(of.lock.bolt === 'locked' ? 'unlocked' : 'locked'));
    case 0x05:
      return reply(command, u8(setPin(of, request)));
    case 0x06:
      return of.model.zigbee.readBack === 'never'
        ? { kind: 'silence' }
        : reply(command, pinOf(of, request.u16()));
    case 0x07:
      return clearPin(of, command, request.u16());
    case 0x08:
      return status(command, of.lock.radioClearPin(0));
    case 0x09:
      return status(command, setStatus(of, request));
    case 0x0a:
      return of.model.zigbee.readBack === 'never'
        ? { kind: 'silence' }
        : reply(command, statusOf(of, request.u16()));
    case 0x14:
    case 0x15:
      return of.model.userTypes ? userType(of, command, request) : UNSUPPORTED;
    default:
      if (of.model.zigbee.forgetsSchedules) return forgetSchedule(command, request);
      return of.model.schedules ? answerSchedules(of, command, request) : UNSUPPORTED;
  }
}

const UNSUPPORTED: Answer = { kind: 'status', status: STATUS.unsupportedCommand };

function reply(command: number, payload: Bytes): Answer {
  return { kind: 'command', command, payload };
}

function status(command: number, refusal: Refusal | undefined): Answer {
  return reply(command, u8(refusal === undefined ? STATUS.success : STATUS.failure));
}

function setPin({ lock, model }: Application, request: Reader): number {
  const user = request.u16();
  const [wireStatus, wireType, digits] = [request.u8(), request.u8(), request.octets()];
  const slotStatus = statusFrom(wireStatus);
  // A type that is none leaves the user as it is, and a lock without types takes any.
  const type = model.userTypes ? typeFrom(wireType) : undefined;
  if (slotStatus === undefined || type === 'master') return SET_PIN.failure;
  const slot = slotOf(model, user);
  const isClaimed = user < model.zigbee.claimedUsers + model.zigbee.firstUser;
  const refusal = lock.radioSetPin(slot, digits, slotStatus);
  if (refusal === undefined && type !== undefined) lock.radioSetUserType(slot, type);
  switch (refusal) {
    case undefined:
      return SET_PIN.ok;
    case 'duplicate_pin':
      return SET_PIN.duplicate;
    case 'slot_out_of_range':
      // It said that it has this user, and has no room for it.
      return isClaimed ? SET_PIN.memoryFull : SET_PIN.failure;
    case 'pin_format':
    case 'unsupported':
    case 'refused':
      return SET_PIN.failure;
  }
}

function pinOf({ lock, model, settings }: Application, user: number): Bytes {
  const slot = slotOf(model, user);
  if (slot === lock.codes.admin?.slot) {
    return concat(u16(user), u8(USER_STATUS.enabled), u8(wireTypeOf('master')), octets(''));
  }
  const held = lock.shown(slot);
  if (held === undefined)
    return concat(u16(user), u8(USER_STATUS.available), u8(wireTypeOf(undefined)), octets(''));
  const type = model.userTypes ? lock.codes.userType(slot) : 'unrestricted';
  const digits = settings.sendPinOta ? held.pin.reveal() : '';
  return concat(u16(user), u8(USER_STATUS[held.status]), u8(wireTypeOf(type)), octets(digits));
}

function statusOf({ lock, model }: Application, user: number): Bytes {
  const slot = slotOf(model, user);
  const isAdmin = slot === lock.codes.admin?.slot;
  const held = isAdmin ? 'enabled' : (lock.shown(slot)?.status ?? 'available');
  return concat(u16(user), u8(USER_STATUS[held]));
}

function clearPin({ lock, model }: Application, command: number, user: number): Answer {
  const slot = slotOf(model, user);
  // To the lock model 0 means all slots; here it is the admin's, which stays.
  return status(command, slot < 1 ? 'refused' : lock.radioClearPin(slot));
}

function setStatus({ lock, model }: Application, request: Reader): Refusal | undefined {
  const slot = slotOf(model, request.u16());
  const wanted = statusFrom(request.u8());
  const refusal = lock.codes.slotRefusal(slot);
  if (refusal !== undefined || wanted === undefined || lock.codes.read(slot) === undefined) return 'refused';
  lock.radioSetStatus(slot, wanted);
  return undefined;
}

function userType({ lock, model }: Application, command: number, request: Reader): Answer {
  const user = request.u16();
  const slot = slotOf(model, user);
  if (command === 0x15) {
    const isThere = lock.codes.hasSlot(slot) || slot === lock.codes.admin?.slot;
    return reply(command, concat(u16(user), u8(wireTypeOf(isThere ? lock.codes.userType(slot) : undefined))));
  }
  const type = typeFrom(request.u8());
  if (type === undefined || type === 'master') return status(command, 'refused');
  return status(command, lock.radioSetUserType(slot, type));
}
