import { z } from 'zod';
import { SECOND_MS } from '../../src/core/time.ts';
import { ended, send } from './command.ts';
import { ROOT, until, type World } from './world.ts';

/** A new network takes some seconds to form. */
const READY_WITHIN_MS = 30 * SECOND_MS;
const OPEN_SECONDS = 60;
/** An open network and the interview of what joined in its last moment. */
const LET_IN_WITHIN_MS = 150 * SECOND_MS;

const newLockSchema = z.array(
  z.object({ id: z.string(), joined: z.boolean(), label: z.object({ qr: z.string() }).nullable() }),
);

const newKeypadSchema = z.array(
  z.object({ id: z.string(), radio: z.string(), joined: z.boolean().optional() }),
);

/**
 * Lets all Zigbee locks and keypads of a house in, as an installer does without the page: the network is opened for those that ask,
 * then for each that joins only with the code on its label. Resolves when the hub has reported all of them.
 */
export async function letIn(world: World): Promise<void> {
  await world.hubs.at(-1)?.line((line) => line.includes('the radio is up'), READY_WITHIN_MS);
  // Before its first hello the broker keeps no command for the hub.
  await until('the hub says hello', READY_WITHIN_MS, () =>
    world.upward.some((message) => message.startsWith(`${ROOT}/up/hello `)) ? true : undefined,
  );
  await pair(world, {});
  for (const { id, joined, label } of newLockSchema.parse(await world.control('/locks')))
    if (!joined && label !== null) await pair(world, { qr: label.qr }, id);
  for (const { id, radio, joined } of newKeypadSchema.parse(await world.control('/keypads')))
    if (radio === 'zigbee' && joined !== true) await pair(world, {}, id);
  for (const { id } of await world.locks()) await world.deviceId(id);
}

async function pair(world: World, proof: { readonly qr?: string }, id = 'a lock'): Promise<void> {
  const params = { radio: 'zigbee', duration_seconds: OPEN_SECONDS, ...proof };
  const { state } = await ended(world, await send(world, 'start_pairing', params), LET_IN_WITHIN_MS);
  if (state !== 'succeeded') throw new Error(`${id} was not let in: ${state}`);
}
