import type { ZWaveNode } from 'zwave-js';
import { within } from '../within.ts';
import { ignoreZWaveError, type Network } from './network.ts';

/** How many reset locks are looked for before the network opens, and how long that of one may take. */
const GHOSTS_MAX = 3;
const FORGET_TIMEOUT_MS = 5_000;

/** Locks that once joined without their keys and were reset since are still in the controller's list. */
export async function forgetGhosts(network: Network): Promise<void> {
  const ghosts = [...network.driver.controller.nodes.values()].filter((node) => node.failedS2Bootstrapping);
  for (const ghost of ghosts.slice(0, GHOSTS_MAX)) await isGone(network, ghost);
}

/** Takes a node that does not answer out of the controller's list. False: it answers, or is not out yet. */
export async function isGone(
  { driver: { controller } }: Network,
  node: ZWaveNode,
  timeoutMs = FORGET_TIMEOUT_MS,
): Promise<boolean> {
  if (await node.ping()) return false;
  const forgotten = controller.removeFailedNode(node.id).then(() => true, ignoreZWaveError);
  return (await within(forgotten, timeoutMs)) ?? false;
}
