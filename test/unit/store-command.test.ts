import { expect, test } from 'vitest';
import type { Command, CommandOutcome, CommandRequest } from '../../src/core/command.ts';
import type { Change, Store } from '../../src/store/store.ts';
import { hubPlace } from './store-fixture.ts';
import { NOON } from './store-rows.ts';

const KEY = 'A'.repeat(43);

function command(commandId: string, more: Partial<Command> = {}): Command {
  return {
    commandId,
    type: 'unlock_door',
    request: { type: 'unlock_door', deviceId: 'a' },
    receivedAt: NOON,
    expiresAt: NOON + 60_000,
    outcome: { state: 'accepted' },
    outcomeAt: NOON,
    ...more,
  };
}

function add(store: Store, ...commands: readonly Command[]): void {
  for (const one of commands) store.transaction(() => store.commands.add(one));
}

function settle(store: Store, commandId: string, to: CommandOutcome, at = NOON + 1): void {
  store.transaction(() => store.commands.settle(commandId, to, at));
}

const ids = (commands: readonly Command[]): readonly string[] => commands.map(({ commandId }) => commandId);

test('a command is what it was after a restart, whatever its type', () => {
  const requests: readonly CommandRequest[] = [
    { type: 'lock_door', deviceId: 'a' },
    { type: 'ping', deviceId: null },
    { type: 'audit', deviceId: 'a' },
    { type: 'reveal_code', deviceId: 'a', accessCodeId: 'c', replyKey: null },
    { type: 'generate_code', deviceId: 'a', preferredCodeLength: 6, replyKey: KEY },
    { type: 'diagnostics' },
    { type: 'update', url: 'https://a/b', signature: 's', allowDowngrade: true },
    { type: 'resend_events', afterSeq: 7 },
    { type: 'check_link', deviceId: 'lock' },
    { type: 'enter_pairing_pin', pin: '12345' },
    { type: 'replace_device', deviceId: 'lock', durationMs: 1, qr: 'qr', pin: null, asksForPin: true },
    { type: 'start_pairing', radio: 'zwave', durationMs: 60_000, qr: null, pin: '12345', asksForPin: false },
    { type: 'stop_pairing', radio: null },
    { type: 'remove_device', deviceId: 'a' },
  ];
  const commands = [
    ...requests.map((request) => command(request.type, { type: request.type, request })),
    command('unknown', {
      type: 'dance',
      request: null,
      outcome: { state: 'failed', error: { code: 'invalid_input', message: 'type: no such command.' } },
    }),
  ];
  const place = hubPlace();
  const first = place.open();
  add(first, ...commands);
  first.close();
  const store = place.open();
  for (const one of commands) expect(store.commands.get(one.commandId)).toEqual(one);
  expect(store.commands.get('other')).toBeUndefined();
});

test('an open command waits at its lock, oldest first, until it is settled, once', () => {
  const store = hubPlace().open();
  const reply = { type: 'diagnostics' } as const;
  add(store, command('z'), command('y'), command('hub', { type: 'diagnostics', request: reply }));
  expect(ids(store.commands.open('a', 10))).toEqual(['z', 'y']);
  expect(ids(store.commands.open('a', 1))).toEqual(['z']);
  expect(ids(store.commands.open('b', 10))).toEqual([]);
  expect(ids(store.commands.open(null, 10))).toEqual(['hub']);
  expect(store.commands.openCount()).toBe(3);
  settle(store, 'z', { state: 'running' });
  expect(store.commands.openCount()).toBe(3);
  settle(store, 'z', { state: 'succeeded', result: { locked: false } });
  settle(store, 'z', { state: 'expired' });
  expect(store.commands.get('z')).toMatchObject({ outcome: { state: 'succeeded' }, outcomeAt: NOON + 1 });
  expect(ids(store.commands.open('a', 10))).toEqual(['y']);
});

test('an outcome is to be told until a broker has this one', () => {
  const store = hubPlace().open();
  add(store, command('a'), command('b', { outcomeAt: NOON - 1 }));
  const [b, a] = store.commands.untold(10);
  expect([b?.commandId, a?.commandId]).toEqual(['b', 'a']);
  settle(store, 'a', { state: 'running' });
  store.commands.told(a ?? command('a'));
  store.commands.told(b ?? command('b'));
  expect(store.commands.untold(10).map(({ outcome }) => outcome.state)).toEqual(['running']);
  store.transaction(() => store.commands.tellAgain('b'));
  expect(ids(store.commands.untold(1))).toEqual(['b']);
});

test('whoever listens is told of a changed outcome', () => {
  const store = hubPlace().open();
  const heard: Change[] = [];
  store.onCommit((change) => heard.push(change));
  add(store, command('a'));
  settle(store, 'a', { state: 'running' });
  const change = { deviceIds: [], events: false, commands: true, webhooks: false };
  expect(heard).toEqual([change, change]);
});

test('what is settled is forgotten when it is old or there is too much of it; what is open is not', () => {
  const store = hubPlace().open({ bounds: { commandsMax: 3 } });
  add(store, command('open'), command('old'), command('1'), command('2'));
  settle(store, 'old', { state: 'expired' });
  add(store, command('3'));
  expect(store.commands.get('old')).toBeUndefined();
  expect(store.commands.get('open')).toBeDefined();
  settle(store, '1', { state: 'expired' });
  store.commands.forgetBefore(NOON);
  expect(store.commands.get('1')).toBeDefined();
  store.commands.forgetBefore(NOON + 1);
  expect([store.commands.get('1'), store.commands.get('2')?.commandId]).toEqual([undefined, '2']);
});

test('the newest commands of a lock, or of all, page by page', () => {
  const store = hubPlace().open();
  add(store, command('1'), command('2'), command('3', { request: { type: 'lock_door', deviceId: 'b' } }));
  add(store, command('4', { type: 'ping', request: { type: 'ping', deviceId: null } }), command('5'));
  settle(store, '2', { state: 'succeeded', result: {} });
  const { commands } = store;
  expect(ids(commands.newest(null, null, 10))).toEqual(['5', '4', '3', '2', '1']);
  expect(ids(commands.newest('a', null, 2))).toEqual(['5', '2']);
  expect(ids(commands.newest('a', '2', 2))).toEqual(['1']);
  expect(ids(commands.newest(null, '1', 2))).toEqual([]);
  expect(ids(commands.newest(null, 'unknown', 2))).toEqual([]);
});
