import { CCRaw, ClockCommand, TimeParametersCommand, Weekday, type CCParsingContext } from '@zwave-js/cc';
import { ClockCCGet, ClockCCSet } from '@zwave-js/cc/ClockCC';
import {
  TimeCCDateGet,
  TimeCCDateReport,
  TimeCCTimeGet,
  TimeCCTimeOffsetGet,
  TimeCCTimeOffsetReport,
  TimeCCTimeOffsetSet,
  TimeCCTimeReport,
} from '@zwave-js/cc/TimeCC';
import { TimeParametersCCGet, TimeParametersCCSet } from '@zwave-js/cc/TimeParametersCC';
import { CommandClasses } from '@zwave-js/core';
import type { LockZone, YearlyHour } from '../lock/lock-clock.ts';
import type { SimLock } from '../lock/lock.ts';
import { rawReport, reply, verdict, type CommandHandler } from './behavior.ts';

/** Time, Time Parameters and Clock CC: none of them is in zwave-js's mock. */
export const answerTime: CommandHandler = (lock, command, hubId) => {
  switch (lock.model.clock) {
    case 'none':
      return undefined;
    case 'clock':
      return answerClock(lock, command, hubId);
    case 'time_parameters':
      return answerTimeParameters(lock, command, hubId) ?? answerZone(lock, command, hubId);
  }
};

/** Time Parameters carry UTC for a lock that also takes a zone by Time CC version 2. */
const answerTimeParameters: CommandHandler = (lock, command, hubId) => {
  if (command instanceof TimeParametersCCSet) {
    lock.clock.setUtc(command.dateAndTime.getTime());
    return verdict(undefined);
  }
  if (command instanceof TimeParametersCCGet) {
    const at = new Date(lock.clock.utc());
    const year = at.getUTCFullYear();
    return reply(
      rawReport(hubId, CommandClasses['Time Parameters'], TimeParametersCommand.Report, [
        year >> 8,
        year & 0xff,
        at.getUTCMonth() + 1,
        at.getUTCDate(),
        at.getUTCHours(),
        at.getUTCMinutes(),
        at.getUTCSeconds(),
      ]),
    );
  }
  return undefined;
};

const answerZone: CommandHandler = (lock, command, hubId) => {
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = lock.clock
    .local()
    .split(/[-T:]/)
    .map(Number);
  if (command instanceof TimeCCTimeGet) {
    return reply(new TimeCCTimeReport({ nodeId: hubId, hour, minute, second }));
  }
  if (command instanceof TimeCCDateGet)
    return reply(new TimeCCDateReport({ nodeId: hubId, year, month, day }));
  if (command instanceof TimeCCTimeOffsetSet) {
    lock.clock.zone = {
      standardMinutes: command.standardOffset,
      dstMinutes: command.dstOffset,
      dst: { start: yearlyHour(command.dstStartDate), end: yearlyHour(command.dstEndDate) },
    };
    return verdict(undefined);
  }
  if (command instanceof TimeCCTimeOffsetGet) {
    return reply(new TimeCCTimeOffsetReport({ nodeId: hubId, ...wireZone(lock.clock.zone, year) }));
  }
  return undefined;
};

/** Clock CC sets weekday, hour and minute of the lock's wall time and nothing else. */
function answerClock(lock: SimLock, command: unknown, hubId: number): ReturnType<CommandHandler> {
  const local = new Date(`${lock.clock.local()}Z`);
  if (command instanceof ClockCCSet) {
    lock.clock.setLocal(local.setUTCHours(command.hour, command.minute, 0, 0));
    return verdict(undefined);
  }
  if (command instanceof ClockCCGet) {
    const weekday = local.getUTCDay() === 0 ? Weekday.Sunday : local.getUTCDay();
    return reply(
      rawReport(hubId, CommandClasses.Clock, ClockCommand.Report, [
        (weekday << 5) | local.getUTCHours(),
        local.getUTCMinutes(),
      ]),
    );
  }
  return undefined;
}

function yearlyHour(date: Date): YearlyHour {
  return { month: date.getUTCMonth() + 1, day: date.getUTCDate(), hour: date.getUTCHours() };
}

function wireZone(zone: LockZone, year: number) {
  const midnight: YearlyHour = { month: 1, day: 1, hour: 0 };
  const dateOf = (at: YearlyHour): Date => new Date(Date.UTC(year, at.month - 1, at.day, at.hour));
  return {
    standardOffset: zone.standardMinutes,
    dstOffset: zone.dstMinutes,
    dstStart: dateOf(zone.dst?.start ?? midnight),
    dstEnd: dateOf(zone.dst?.end ?? midnight),
  };
}

/**
 * Gives zwave-js the parsers that it lacks for two commands a hub sends at every interview. Without them one such
 * frame ends the mock's shared air loop and every node with it (field note 6).
 */
export function addMissingParsers(): void {
  Object.assign(TimeCCTimeOffsetSet, {
    from: (raw: CCRaw, context: CCParsingContext): TimeCCTimeOffsetSet => {
      const report = TimeCCTimeOffsetReport.from(raw, context);
      return new TimeCCTimeOffsetSet({
        nodeId: context.sourceNodeId,
        standardOffset: report.standardOffset,
        dstOffset: report.dstOffset,
        dstStart: report.dstStartDate,
        dstEnd: report.dstEndDate,
      });
    },
  });
  Object.assign(ClockCCSet, {
    from: (raw: CCRaw, context: CCParsingContext): ClockCCSet => {
      const [first = 0, minute = 0] = raw.payload;
      return new ClockCCSet({
        nodeId: context.sourceNodeId,
        weekday: first >> 5,
        hour: first & 0b11111,
        minute,
      });
    },
  });
}
