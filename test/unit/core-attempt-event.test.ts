import { expect, test } from 'vitest';
import { withAttempt } from '../../src/core/attempt-event.ts';
import type { Command, CommandOutcome } from '../../src/core/command.ts';
import type { DomainEvent } from '../../src/core/event.ts';

const NOW = 1_000_000;
const RUNNING: CommandOutcome = { state: 'running' };
const DONE: CommandOutcome = { state: 'succeeded', result: {} };

function command(
  type: 'lock_door' | 'unlock_door' | 'ping',
  outcome: CommandOutcome,
  outcomeAt = NOW,
): Command {
  const request = { type, deviceId: 'door' };
  return { commandId: 'attempt', type, request, receivedAt: 0, expiresAt: 2 * NOW, outcome, outcomeAt };
}

function moved(to: 'locked' | 'unlocked', method: string): DomainEvent {
  return { event_type: `lock.${to}`, occurredAt: NOW, device_id: 'door', details: { method } };
}

const attemptIn = (event: DomainEvent, newest: Command | undefined, now = NOW): unknown =>
  withAttempt([event], newest, now)[0]?.details?.['action_attempt_id'];

test('what moved the bolt from afar is named: a command under way, or one that was confirmed just now', () => {
  expect(attemptIn(moved('unlocked', 'remote'), command('unlock_door', RUNNING))).toBe('attempt');
  expect(attemptIn(moved('locked', 'remote'), command('lock_door', DONE), NOW + 5000)).toBe('attempt');
});

test.each([
  ['another hand', moved('unlocked', 'keycode'), command('unlock_door', RUNNING)],
  ['another direction', moved('locked', 'remote'), command('unlock_door', RUNNING)],
  ['a command of another kind', moved('unlocked', 'remote'), command('ping', RUNNING)],
  ['one that ended long ago', moved('unlocked', 'remote'), command('unlock_door', DONE, NOW - 5001)],
  ['one that was not begun', moved('unlocked', 'remote'), command('unlock_door', { state: 'accepted' })],
  ['one that failed', moved('unlocked', 'remote'), command('unlock_door', { state: 'expired' })],
  ['no command at all', moved('unlocked', 'remote'), undefined],
])('nothing is named for %s', (_which, event, newest) => {
  expect(withAttempt([event], newest, NOW)).toEqual([event]);
});
