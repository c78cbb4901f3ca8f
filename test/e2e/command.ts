import { randomUUID } from 'node:crypto';
import { resultSchema, type Result } from '../../src/cloud/messages/command.ts';
import { MINUTE_MS, SECOND_MS } from '../../src/core/time.ts';
import { ROOT, until, type World } from './world.ts';

/** A command that moves something, and the lock says so. */
const DONE_WITHIN_MS = 10 * SECOND_MS;

/** Every state of a command that the hub told, in order. */
export function results(world: World, commandId: string): readonly Result[] {
  const topic = `${ROOT}/up/result `;
  return world.upward
    .filter((message) => message.startsWith(topic))
    .map((message) => resultSchema.parse(JSON.parse(message.slice(topic.length))))
    .filter((result) => result.command_id === commandId);
}

/** Sends a command as any MQTT client does; answers its id. */
export async function send(
  world: World,
  type: string,
  params: object,
  commandId: string = randomUUID(),
): Promise<string> {
  const expires_at = new Date(Date.now() + MINUTE_MS).toISOString();
  const command = { v: 1, command_id: commandId, type, expires_at, params };
  await world.broker.publish(`${ROOT}/down/command`, JSON.stringify(command));
  return commandId;
}

/** Waits for the last state of a command. */
export function ended(world: World, commandId: string, withinMs = DONE_WITHIN_MS): Promise<Result> {
  return until(`${commandId} has ended`, withinMs, () =>
    results(world, commandId).find(({ state }) => state !== 'accepted' && state !== 'running'),
  );
}
