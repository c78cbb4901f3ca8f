import { WEEK_DAYS, type WeekDay } from '../../../src/core/slot.ts';
import type { Refusal } from '../lock/code-table.ts';
import { concat, u16, u32, u8, type Bytes, type Reader } from './bytes.ts';
import type { Answer, Application } from './application.ts';
import { secondsOf, wallTimeOf } from './time.ts';
import { slotOf, userOf } from './users.ts';
import { STATUS } from './zcl.ts';

const COMMAND = {
  setWeekDay: 0x0b,
  getWeekDay: 0x0c,
  clearWeekDay: 0x0d,
  setYearDay: 0x0e,
  getYearDay: 0x0f,
  clearYearDay: 0x10,
} as const;
/** One year-day schedule per user, with the number 0 or 1: locks in the field are asked with either. */
const YEAR_DAY_LAST = 1;
/** The house keeps a schedule of several days as one for each of them. */
const ENTRIES = WEEK_DAYS.length;

/** Commands about schedules of a lock that has them. */
export function answerSchedules(of: Application, command: number, request: Reader): Answer {
  switch (command) {
    case COMMAND.setWeekDay:
      return status(command, setWeekDay(of, request));
    case COMMAND.getWeekDay:
      return { kind: 'command', command, payload: weekDayOf(of, request.u8(), request.u16()) };
    case COMMAND.clearWeekDay:
      return status(command, clearWeekDay(of, request.u8(), request.u16()));
    case COMMAND.setYearDay:
      return status(command, setYearDay(of, request));
    case COMMAND.getYearDay:
      return { kind: 'command', command, payload: yearDayOf(of, request.u8(), request.u16()) };
    case COMMAND.clearYearDay:
      return status(command, clearYearDay(of, request.u8(), request.u16()));
    default:
      return { kind: 'status', status: STATUS.unsupportedCommand };
  }
}

/** What a lock says that takes schedules and keeps none. */
export function forgetSchedule(command: number, request: Reader): Answer {
  const isQuestion = command === COMMAND.getWeekDay || command === COMMAND.getYearDay;
  if (!isQuestion) return status(command, undefined);
  return {
    kind: 'command',
    command,
    payload: concat(u8(request.u8()), u16(request.u16()), u8(STATUS.notFound)),
  };
}

function status(command: number, refusal: Refusal | undefined): Answer {
  const payload = u8(refusal === undefined ? STATUS.success : STATUS.failure);
  return { kind: 'command', command, payload };
}

function setYearDay({ lock, model }: Application, request: Reader): Refusal | undefined {
  const [schedule, user] = [request.u8(), request.u16()];
  const window = { start: wallTimeOf(request.u32()), stop: wallTimeOf(request.u32()) };
  return schedule > YEAR_DAY_LAST ? 'unsupported' : lock.radioSetSchedule(slotOf(model, user), window);
}

function clearYearDay({ lock, model }: Application, schedule: number, user: number): Refusal | undefined {
  return schedule > YEAR_DAY_LAST ? 'unsupported' : lock.radioSetSchedule(slotOf(model, user), null);
}

function yearDayOf({ lock, model }: Application, schedule: number, user: number): Bytes {
  const slot = slotOf(model, user);
  const asked = concat(u8(schedule), u16(user));
  if (schedule > YEAR_DAY_LAST || !lock.codes.hasSlot(slot)) return concat(asked, u8(STATUS.invalidValue));
  const held = lock.codes.schedule(slot);
  // Without a schedule the answer ends here, as the standard allows.
  if (held === undefined) return concat(asked, u8(STATUS.notFound));
  return concat(asked, u8(STATUS.success), u32(secondsOf(held.start)), u32(secondsOf(held.stop)));
}

function setWeekDay(of: Application, request: Reader): Refusal | undefined {
  const { lock, model } = of;
  const [schedule, user, mask] = [request.u8(), request.u16(), request.u8()];
  const start = timeText(request.u8(), request.u8());
  const stop = timeText(request.u8(), request.u8());
  const days = WEEK_DAYS.filter((_, index) => (mask & (1 << index)) !== 0);
  const isRight = start !== undefined && stop !== undefined && start < stop && days.length > 0;
  if (!isRight || schedule >= model.zigbee.weekSchedules) return 'refused';
  const slot = slotOf(model, user);
  const refusal = clearWeekDay(of, schedule, user);
  if (refusal !== undefined || lock.fault.kind === 'drops_writes') return refusal;
  for (const day of days) lock.codes.setWeekDay(slot, entryOf(schedule, day), { day, start, stop });
  return undefined;
}

/** Counts as one write, whatever the house keeps for it. */
function clearWeekDay({ lock, model }: Application, schedule: number, user: number): Refusal | undefined {
  if (schedule >= model.zigbee.weekSchedules) return 'unsupported';
  const slot = slotOf(model, user);
  const refusal = lock.radioSetWeekDay(slot, entryOf(schedule, 'sunday'), null);
  if (refusal !== undefined || lock.fault.kind === 'drops_writes') return refusal;
  for (const day of WEEK_DAYS) lock.codes.setWeekDay(slot, entryOf(schedule, day), null);
  return undefined;
}

function weekDayOf({ lock, model }: Application, schedule: number, user: number): Bytes {
  const slot = slotOf(model, user);
  const asked = concat(u8(schedule), u16(userOf(model, slot)));
  if (schedule >= model.zigbee.weekSchedules || !lock.codes.hasSlot(slot)) {
    return concat(asked, u8(STATUS.invalidValue));
  }
  const held = lock.codes
    .weekDays(slot)
    .filter(({ entry }) => Math.floor((entry - 1) / ENTRIES) === schedule);
  const [first] = held;
  if (first === undefined) return concat(asked, u8(STATUS.notFound));
  const mask = held.reduce((days, { day }) => days | (1 << WEEK_DAYS.indexOf(day)), 0);
  const times = [first.start, first.stop].flatMap((time) => time.split(':').map(Number));
  return concat(asked, u8(STATUS.success), u8(mask), Uint8Array.from(times));
}

function entryOf(schedule: number, day: WeekDay): number {
  return schedule * ENTRIES + WEEK_DAYS.indexOf(day) + 1;
}

function timeText(hour: number, minute: number): string | undefined {
  if (hour > 23 || minute > 59) return undefined;
  return `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`;
}
