import { randomUUID } from 'node:crypto';
import { COMMAND_REMEMBERED_MS, firstOutcomeOf } from '../core/command-intake.ts';
import { doerOf, isSettled, lockOf, type Command, type CommandRequest } from '../core/command.ts';
import { setKeypad } from '../store/doors.ts';
import { startAudit } from '../core/plan/audit.ts';
import type { ApiParts } from './route.ts';

/**
 * Stores a command that was asked for here, beside those of the cloud, and has it done: by the loop of its lock, by
 * whoever lets locks in and out, or, what the hub does alone, at once. It begins within `lifetimeMs` or never. What it
 * answers is how the command is now.
 */
export function takeCommand(
  parts: Pick<ApiParts, 'store' | 'clock' | 'wake' | 'wakeRadios'>,
  request: CommandRequest,
  lifetimeMs: number,
): Command {
  const { store, clock, wake, wakeRadios } = parts;
  const commandId = randomUUID();
  const doneOf = store.transaction(() => {
    const now = clock.now();
    const at = now.earliest;
    const expiresAt = at + lifetimeMs;
    store.commands.forgetBefore(at - COMMAND_REMEMBERED_MS);
    const outcome = firstOutcomeOf(request, expiresAt, now, {
      linkOf: (deviceId) => store.lockState(deviceId)?.lock.radio ?? null,
      openCount: () => store.commands.openCount(),
    });
    const { type } = request;
    store.commands.add({ commandId, type, request, receivedAt: at, expiresAt, outcome, outcomeAt: at });
    // In one with its being stored, so that no crash leaves one that nobody would go on with.
    return !isSettled(outcome) && doerOf(request) === 'hub' ? doAlone(parts, commandId, request) : [];
  });
  const deviceId = lockOf(request);
  if (deviceId !== null) wake(deviceId);
  else if (doerOf(request) === 'radio') wakeRadios();
  for (const id of doneOf) wake(id);
  const command = store.commands.get(commandId);
  if (command === undefined) throw new Error(`command ${commandId} was stored and is not there`);
  return command;
}

/** Does what needs no radio, and answers with the locks that have something to do now. */
function doAlone(
  { store, clock }: Pick<ApiParts, 'store' | 'clock'>,
  commandId: string,
  request: CommandRequest,
): readonly string[] {
  const at = clock.now().earliest;
  const settle = (result: Readonly<Record<string, unknown>>): void =>
    store.commands.settle(commandId, { state: 'succeeded', result }, at);
  if (request.type === 'ping') {
    settle({});
    return [];
  }
  if (request.type === 'set_keypad') {
    store.commands.settle(commandId, setKeypad(store, request), at);
    return [request.deviceId];
  }
  if (request.type !== 'audit') throw new Error(`Not asked for here: ${request.type}`);
  const deviceIds = request.deviceId === null ? store.deviceIds() : [request.deviceId];
  for (const id of deviceIds) {
    const before = store.lockState(id);
    if (before !== undefined) store.commit(before, startAudit(before, at), []);
  }
  settle({ device_ids: deviceIds });
  return deviceIds;
}
