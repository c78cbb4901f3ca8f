import { setTimeout as pause } from 'node:timers/promises';
import { ExclusionStrategy, type ZWaveNode } from 'zwave-js';
import type { PairingEnd } from '../../../src/lock-driver.ts';
import type { Keypad } from '../keypad/keypads.ts';
import type { ZwaveLock } from '../lock.ts';
import { isGone } from './ghosts.ts';
import { closes, endedBy, onIdle, openingFailure, orInterrupted, type Network } from './network.ts';

/** How long the network listens for a lock that is told at its keypad to leave. */
const EXCLUSION_MS = 60_000;
/** Longest the controller may take to forget a node; it asks the node itself before. */
const FORGET_TIMEOUT_MS = 30_000;
const REOPEN_AFTER_MS = 1_000;

/** Takes a lock out: at once when it no longer answers, otherwise when it is told so at its keypad. */
export async function letOut(
  network: Network,
  lock: ZwaveLock | Keypad,
  signal: AbortSignal,
): Promise<PairingEnd> {
  const { controller } = network.driver;
  const { node, deviceId } = lock;
  const removal = Promise.withResolvers<true>();
  const onRemoved = ({ id }: ZWaveNode): void => {
    if (id === node.id) removal.resolve(true);
  };
  controller.on('node removed', onRemoved);
  try {
    const deadlineAt = performance.now() + EXCLUSION_MS;
    let isOut = await isGone(network, node, FORGET_TIMEOUT_MS);
    while (!isOut && !signal.aborted && performance.now() < deadlineAt) {
      const left = await whoLeft(network, removal.promise, deadlineAt, signal);
      if (typeof left === 'object') return left;
      isOut = left;
      if (!isOut && !signal.aborted) await pause(REOPEN_AFTER_MS);
    }
    return isOut ? { kind: 'done', deviceIds: [deviceId] } : endedBy(signal);
  } finally {
    controller.off('node removed', onRemoved);
  }
}

/** Whether it left before the deadline, or before the controller closed the network for another that did. */
async function whoLeft(
  { driver: { controller } }: Network,
  removed: Promise<true>,
  deadlineAt: number,
  signal: AbortSignal,
): Promise<boolean | PairingEnd> {
  const closed = Promise.withResolvers<false>();
  const begin = controller.beginExclusion({ strategy: ExclusionStrategy.Unprovision });
  const failure = await openingFailure(begin, () => controller.stopExclusion(), signal);
  if (failure !== undefined) return failure;
  const ignoreIdle = onIdle(controller, () => closed.resolve(false));
  try {
    const end = Promise.race([removed, closed.promise]);
    return (await orInterrupted(end, deadlineAt - performance.now(), signal)) ?? false;
  } finally {
    ignoreIdle();
    await closes(() => controller.stopExclusion(), signal);
  }
}
