import type { Models } from 'zigbee-herdsman';
import { z } from 'zod';
import { answerOf, answerOfError, type Answer } from './answer.ts';
import type { LateAnswers } from './late-answers.ts';
import type { AnswerTimes } from './lock.ts';
import type { YearDay } from './local-time.ts';
import type { WeekDay } from './week-day.ts';

/** Part of a lock that its commands need: they serve an interview too, when there is no lock yet. */
export interface Line {
  readonly endpoint: Models.Endpoint;
  readonly late: LateAnswers;
  readonly times: AnswerTimes;
}

/** User status and type on the wire (field note 4). */
export const STATUS = { available: 0, enabled: 1, disabled: 3 } as const;
export const TYPE = { unrestricted: 0, yearDay: 1, weekDay: 2 } as const;

const result = z.object({ status: z.number() });
const number = z.number().or(z.nan());
const held = z.object({
  userid: z.number(),
  userstatus: z.number(),
  usertype: number,
  pincodevalue: z.instanceof(Uint8Array).or(z.string()).nullish(),
});
const yearDay = z.object({
  userid: z.number(),
  status: z.number(),
  zigbeelocalstarttime: z.number(),
  zigbeelocalendtime: z.number(),
});
const weekDay = z.object({
  userid: z.number(),
  status: z.number(),
  daysmask: z.number(),
  starthour: z.number(),
  startminute: z.number(),
  endhour: z.number(),
  endminute: z.number(),
});

type Held = z.infer<typeof held>;
type Result = z.infer<typeof result>;

/** A user of the lock with its PIN as ASCII digits. */
interface User {
  readonly slot: number;
  readonly digits: string;
  readonly status: number;
  readonly type: number;
}

export function setPinCode(line: Line, { slot, digits, status, type }: User): Promise<Answer<Result>> {
  const pincodevalue = Buffer.from(digits, 'ascii');
  return write(line, 'setPinCode', slot, { userid: slot, userstatus: status, usertype: type, pincodevalue });
}

export function getPinCode(line: Line, slot: number): Promise<Answer<Held>> {
  return question(line, 'getPinCode', { userid: slot }, held, slot);
}

export function clearPinCode(line: Line, slot: number): Promise<Answer<Result>> {
  return write(line, 'clearPinCode', slot, { userid: slot });
}

export function setUserStatus(line: Line, slot: number, userstatus: number): Promise<Answer<Result>> {
  return write(line, 'setUserStatus', slot, { userid: slot, userstatus });
}

export function setUserType(line: Line, slot: number, usertype: number): Promise<Answer<Result>> {
  return write(line, 'setUserType', slot, { userid: slot, usertype });
}

export function setYearDay(line: Line, slot: number, id: number, times: YearDay): Promise<Answer<Result>> {
  return write(line, 'setYearDaySchedule', slot, { scheduleid: id, userid: slot, ...times });
}

export function getYearDay(line: Line, slot: number, id: number): Promise<Answer<z.infer<typeof yearDay>>> {
  return question(line, 'getYearDaySchedule', { scheduleid: id, userid: slot }, yearDay, slot);
}

export function clearYearDay(line: Line, slot: number, id: number): Promise<Answer<Result>> {
  return write(line, 'clearYearDaySchedule', slot, { scheduleid: id, userid: slot });
}

export function setWeekDay(line: Line, slot: number, id: number, times: WeekDay): Promise<Answer<Result>> {
  return write(line, 'setWeekDaySchedule', slot, { scheduleid: id, userid: slot, ...times });
}

export function getWeekDay(line: Line, slot: number, id: number): Promise<Answer<z.infer<typeof weekDay>>> {
  return question(line, 'getWeekDaySchedule', { scheduleid: id, userid: slot }, weekDay, slot);
}

export function clearWeekDay(line: Line, slot: number, id: number): Promise<Answer<Result>> {
  return write(line, 'clearWeekDaySchedule', slot, { scheduleid: id, userid: slot });
}

/** Sends the bolt somewhere. */
export function sendBolt(line: Line, locked: boolean): Promise<Answer<Result>> {
  return command(line, locked ? 'lockDoor' : 'unlockDoor', { pincodevalue: '' }, result, line.times.writeMs);
}

function write(
  line: Line,
  name: string,
  slot: number,
  payload: Record<string, unknown>,
): Promise<Answer<Result>> {
  return command(line, name, payload, result, line.times.writeMs, slot);
}

/** An answer about another user is one that comes late, and says nothing about this one. */
async function question<T extends { readonly userid: number }>(
  line: Line,
  name: string,
  payload: Record<string, unknown>,
  schema: z.ZodType<T>,
  slot: number,
): Promise<Answer<T>> {
  const answer = await command(line, name, payload, schema, line.times.questionMs);
  return answer.kind === 'answer' && answer.payload.userid !== slot ? { kind: 'unreadable' } : answer;
}

/** The library's command, without the types that it derives from its names: what comes back is parsed. */
interface Commander {
  command(
    cluster: string,
    name: string,
    payload: Record<string, unknown>,
    options: Record<string, unknown>,
  ): Promise<unknown>;
}

/**
 * One command and what came of it. It is sent at once and once: the library's own ways to try again send a frame that
 * the lock may have taken, up to 14 times (traps 7 and 8 of the field notes). The durable queue is the hub's.
 */
async function command<T>(
  { endpoint, late }: Line,
  name: string,
  payload: Record<string, unknown>,
  schema: z.ZodType<T>,
  timeout: number,
  slot?: number,
): Promise<Answer<T>> {
  const transactionSequenceNumber = late.next();
  const options = { sendPolicy: 'immediate', disableRecovery: true, timeout, transactionSequenceNumber };
  try {
    const commander = endpoint as unknown as Commander;
    return answerOf(await commander.command('closuresDoorLock', name, payload, options), schema);
  } catch (error) {
    const silence = answerOfError(error);
    if (slot !== undefined) late.missed(transactionSequenceNumber, slot);
    return silence;
  }
}
