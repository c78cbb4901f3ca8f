import { Zcl } from 'zigbee-herdsman';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { answerOf, answerOfError } from '../../drivers/zigbee/answer.ts';
import { LateAnswers } from '../../drivers/zigbee/late-answers.ts';
import { outcomeOfSilence, refusalOfPin } from '../../drivers/zigbee/outcome.ts';

const result = z.object({ status: z.number() });

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

it.each([
  [Object.assign(new Error('x'), { code: 240 }), { kind: 'not_delivered', code: 240 }, 'unreachable'],
  [Object.assign(new Error('x'), { code: 233 }), { kind: 'not_delivered', code: 233 }, 'unreachable'],
  [Object.assign(new Error('x'), { code: 205 }), { kind: 'not_delivered', code: 205 }, 'unreachable'],
  [new Error("Delivery failed for '1234'"), { kind: 'not_delivered', code: null }, 'unreachable'],
  [new Error('Timeout after 10000ms'), { kind: 'no_answer' }, 'unknown'],
  [new Zcl.StatusError(Zcl.Status.INVALID_FIELD), { kind: 'unreadable' }, 'unknown'],
])('an error of the library is %s', (error, silence, outcome) => {
  expect(answerOfError(error)).toEqual(silence);
  expect(outcomeOfSilence(answerOfError(error)).kind).toBe(outcome);
});

it('never repeats what an error of the library quotes', () => {
  const error = new Error('setPinCode({"pincodevalue":"4711"}) failed (Timeout)');
  expect(JSON.stringify(outcomeOfSilence(answerOfError(error)))).not.toContain('4711');
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
