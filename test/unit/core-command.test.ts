import { expect, test } from 'vitest';
import {
  CLOCK_UNCERTAIN,
  doerOf,
  failed,
  isSettled,
  lockOf,
  type CommandOutcome,
  type CommandRequest,
} from '../../src/core/command.ts';

const ON_CODE = { deviceId: 'lock', accessCodeId: 'a', replyKey: null };

test.each<['lock' | 'radio' | 'hub', string | null, CommandRequest]>([
  ['lock', 'lock', { type: 'lock_door', deviceId: 'lock' }],
  ['lock', 'lock', { type: 'unlock_door', deviceId: 'lock' }],
  ['lock', 'lock', { type: 'identify', deviceId: 'lock' }],
  ['lock', 'lock', { type: 'reinterview', deviceId: 'lock' }],
  ['lock', 'lock', { type: 'ping', deviceId: 'lock' }],
  ['hub', null, { type: 'ping', deviceId: null }],
  ['hub', null, { type: 'audit', deviceId: 'lock' }],
  ['hub', null, { type: 'audit', deviceId: null }],
  ['hub', null, { type: 'pull_backup_access_code', ...ON_CODE }],
  ['hub', null, { type: 'reveal_code', ...ON_CODE }],
  ['hub', null, { type: 'generate_code', deviceId: 'lock', preferredCodeLength: null, replyKey: 'key' }],
  ['hub', null, { type: 'diagnostics' }],
  ['hub', null, { type: 'update', url: 'https://a/b', signature: 's', allowDowngrade: false }],
  ['hub', null, { type: 'resend_events', afterSeq: 0 }],
  [
    'radio',
    null,
    { type: 'start_pairing', radio: 'zwave', durationMs: 1, qr: null, pin: null, asksForPin: false },
  ],
  ['radio', null, { type: 'stop_pairing', radio: null }],
  ['radio', null, { type: 'remove_device', deviceId: 'lock' }],
])('is done by the %s, speaking to %s alone: %j', (doer, lock, request) => {
  expect(doerOf(request)).toBe(doer);
  expect(lockOf(request)).toBe(lock);
});

test.each<[boolean, CommandOutcome]>([
  [false, { state: 'accepted' }],
  [false, { state: 'running' }],
  [true, { state: 'expired' }],
  [true, { state: 'succeeded', result: {} }],
  [true, failed('busy', 'Another one is under way.')],
])('%s: a command has come to its end that is %j', (expected, outcome) => {
  expect(isSettled(outcome)).toBe(expected);
});

test('a command that would open a door without the time being known fails, and says why', () => {
  expect(failed('busy', 'Another one is under way.')).toEqual({
    state: 'failed',
    error: { code: 'busy', message: 'Another one is under way.' },
  });
  expect(CLOCK_UNCERTAIN).toEqual({
    state: 'failed',
    error: {
      code: 'clock_uncertain',
      message: 'The hub does not know the time well enough to say that this is still wanted.',
    },
  });
});
