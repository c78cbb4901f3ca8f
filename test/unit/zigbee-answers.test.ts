import { Zcl, Zdo } from 'zigbee-herdsman';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { answerOf, answerOfError, type Silence } from '../../drivers/zigbee/answer.ts';
import { LateAnswers } from '../../drivers/zigbee/late-answers.ts';
import { outcomeOfSilence, refusalOfPin } from '../../drivers/zigbee/outcome.ts';

const result = z.object({ status: z.number() });

/** As the library throws it: with the whole command in its text. */
const quoting = (text: string): Error =>
  new Error(`ZCL command 0x000d6ffffe000011/1 setPinCode({"pincodevalue":"4711"}) failed (${text})`);
const numbered = (code: number): Error =>
  Object.assign(quoting(`Data request failed with error: (${code})`), { code });
const notDelivered = (at: 'lock' | 'stick', code: number | null): Silence => ({
  kind: 'not_delivered',
  at,
  code,
});

it('takes a status of 0 for an answer, and a refusal for one too: the status decides', () => {
  expect(answerOf({ status: 0 }, result)).toEqual({ kind: 'answer', payload: { status: 0 } });
  expect(answerOf({ status: 3 }, result)).toEqual({ kind: 'answer', payload: { status: 3 } });
});

it('takes a default response for no answer, whatever its status', () => {
  const unsupported = answerOf({ cmdId: 14, statusCode: Zcl.Status.UNSUP_COMMAND }, result);
  expect(unsupported).toEqual({ kind: 'default', status: Zcl.Status.UNSUP_COMMAND });
  expect(answerOf({ cmdId: 5, statusCode: 0 }, result)).toEqual({ kind: 'default', status: 0 });
  if (unsupported.kind === 'answer') throw new Error('no answer');
  expect(outcomeOfSilence(unsupported)).toMatchObject({ kind: 'refused', reason: 'unsupported' });
  expect(outcomeOfSilence({ kind: 'default', status: 0 }).kind).toBe('unknown');
  expect(outcomeOfSilence({ kind: 'default', status: 1 })).toMatchObject({ reason: 'refused' });
});

it('takes what is no number, or is missing, for unreadable', () => {
  expect(answerOf({ status: Number.NaN }, result).kind).toBe('unreadable');
  expect(answerOf({}, result).kind).toBe('unreadable');
  expect(answerOf(undefined, result).kind).toBe('unreadable');
});

it.each<readonly [Error, Silence, string]>([
  // A child that did not ask, no acknowledgement, no route, no acknowledgement of network and APS, and no confirmation.
  ...[240, 233, 205, 204, 183, 9999].map(
    (code) => [numbered(code), notDelivered('lock', code), 'unreachable'] as const,
  ),
  // Air or memory that was full says nothing about the lock.
  ...[225, 16, 17, 26].map((code) => [numbered(code), notDelivered('stick', code), 'unknown'] as const),
  [quoting("Delivery failed for '1234'."), notDelivered('lock', null), 'unreachable'],
  [quoting('Timeout after 10000ms [address=1 cmdId=5]'), { kind: 'no_answer' }, 'unknown'],
  [quoting('{"target":1,"apsFrame":{}} timed out after 10000ms'), { kind: 'no_answer' }, 'unknown'],
  [quoting('SRSP - AF - dataRequest after 6000ms'), notDelivered('stick', null), 'unknown'],
  [quoting("--> 'SREQ' failed with status '(0x10: MEM_ERROR)'"), notDelivered('stick', null), 'unknown'],
  [quoting('Cannot request when znp has not been initialized yet'), notDelivered('stick', null), 'unknown'],
  [new Zdo.StatusError(Zdo.Status.NOT_SUPPORTED), { kind: 'default', status: 0x84 }, 'refused'],
  [new Zcl.StatusError(Zcl.Status.INVALID_FIELD), { kind: 'unreadable' }, 'unknown'],
])('an error of the library is %s', (error, silence, outcome) => {
  expect(answerOfError(error)).toEqual(silence);
  expect(outcomeOfSilence(answerOfError(error)).kind).toBe(outcome);
});

it('never repeats what an error of the library quotes', () => {
  for (const error of [quoting('Timeout after 1ms'), quoting('anything'), numbered(233)])
    expect(JSON.stringify(outcomeOfSilence(answerOfError(error)))).not.toContain('4711');
});

it('does not take a mistake in a program for silence', () => {
  expect(() => answerOfError(new TypeError('x is not a function'))).toThrow(TypeError);
  expect(() => answerOfError('no error at all')).toThrow();
});

it('knows why a lock refuses a PIN', () => {
  expect(refusalOfPin(1)).toMatchObject({ kind: 'refused', reason: 'refused' });
  expect(refusalOfPin(2)).toMatchObject({ kind: 'refused', reason: 'no_space' });
  expect(refusalOfPin(3)).toMatchObject({ kind: 'refused', reason: 'duplicate_pin' });
});

it('knows the slot of an answer that comes late, once, and none of one that came in time', () => {
  const late = new LateAnswers();
  const inTime = late.next();
  const missed = late.next();
  late.missed(missed, 7);
  expect(late.take(inTime)).toBeUndefined();
  expect(late.take(missed)).toBe(7);
  expect(late.take(missed)).toBeUndefined();
});
