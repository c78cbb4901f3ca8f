import { KEXFailType } from '@zwave-js/cc';
import { InclusionState, type ZWaveNode } from 'zwave-js';
import { setTimeout as pause } from 'node:timers/promises';
import type { PairingEnd } from '../../../src/lock-driver.ts';
import type { Meeting } from '../meetings.ts';
import type { Admission } from './admission.ts';
import { within } from '../within.ts';
import { forgetGhosts, isGone } from './ghosts.ts';
import { endStaleKeyExchanges } from './key-exchange.ts';
import { closes, endedBy, onIdle, openingFailure, orInterrupted, type Network } from './network.ts';

/** Longest the interview of a lock that has joined is waited for. It goes on after that. */
const MEET_TIMEOUT_MS = 120_000;

/** A controller that closes the network by itself is not asked again at once. */
const REOPEN_AFTER_MS = 1_000;

/** Longest a lock is waited for whose admission was cancelled: the library waits as long for its next answer. */
const CANCEL_TIMEOUT_MS = 15_000;

interface Newcomer {
  readonly node: ZWaveNode;
  readonly meeting: Promise<Meeting>;
}

/** Opens the network until the first lock has joined and is met. What joins and is no lock does not count. */
export async function letIn(
  network: Network,
  admission: Admission,
  durationMs: number,
  signal: AbortSignal,
): Promise<PairingEnd> {
  const deadlineAt = performance.now() + durationMs;
  await forgetGhosts(network);
  endStaleKeyExchanges(network.driver);
  while (!signal.aborted && performance.now() < deadlineAt) {
    const newcomer = await nextNewcomer(network, openingOf(network, admission, signal), deadlineAt, signal);
    const end = newcomer && ('kind' in newcomer ? newcomer : await meet(network, newcomer, signal));
    if (newcomer !== undefined && 'node' in newcomer && newcomer.node.failedS2Bootstrapping) {
      // Whoever cancelled has nothing left to do where the lock is off the list again.
      if ((await isGone(network, newcomer.node)) && signal.aborted) return endedBy(signal);
    }
    if (end !== undefined) return end;
    if (!signal.aborted) await pause(REOPEN_AFTER_MS);
  }
  return endedBy(signal);
}

/** A way to open the network for one lock. */
interface Opening {
  /** Answers why it did not open. */
  readonly open: () => Promise<PairingEnd | undefined>;
  /** The controller may close it at a lock that does not get in; otherwise a lock may try several times. */
  readonly closesByItself: boolean;
  /** Asks nobody for digits any more. */
  readonly giveUp: () => void;
  /** Called when it is closed. */
  readonly close?: () => void;
}

function openingOf({ driver: { controller } }: Network, admission: Admission, signal: AbortSignal): Opening {
  const { giveUp } = admission;
  if (admission.kind === 'classic') {
    const { options } = admission;
    const open = () =>
      openingFailure(controller.beginInclusion(options), () => controller.stopInclusion(), signal);
    return { open, closesByItself: true, giveUp };
  }
  const { entry } = admission;
  return {
    open: () => {
      controller.provisionSmartStartNode(entry);
      return Promise.resolve(undefined);
    },
    closesByItself: false,
    giveUp,
    // A lock that joins by itself later would join unasked.
    close: () => controller.unprovisionSmartStartNode(entry.dsk),
  };
}

/** The next node that joins, until the deadline; the network is closed when this returns. */
export async function nextNewcomer(
  { driver: { controller }, discovery, finishTimeoutMs }: Network,
  { open, closesByItself, giveUp, close }: Opening,
  deadlineAt: number,
  signal: AbortSignal,
): Promise<Newcomer | PairingEnd | undefined> {
  const arrival = Promise.withResolvers<Newcomer | undefined>();
  const onAdded = (node: ZWaveNode): void => {
    // The library asks such a node nothing at all.
    const meeting: Promise<Meeting> = node.failedS2Bootstrapping
      ? Promise.resolve({ kind: 'insecure' })
      : discovery.meetings.next(node.id);
    arrival.resolve({ node, meeting });
  };
  controller.on('node added', onAdded);
  let mayEnd = closesByItself;
  const ignoreIdle = onIdle(controller, () => {
    if (mayEnd) arrival.resolve(undefined);
  });
  try {
    const failure = await open();
    if (failure !== undefined) return failure;
    const newcomer = await orInterrupted(arrival.promise, deadlineAt - performance.now(), signal);
    if (newcomer !== undefined || controller.inclusionState !== InclusionState.Busy) return newcomer;
    const late = await orInterrupted(arrival.promise, finishTimeoutMs, signal);
    if (late !== undefined) return late;
    // Keys that are not exchanged by now never will be. A lock that is in the network without them is still told of.
    mayEnd = true;
    giveUp();
    controller.cancelSecureBootstrapS2(KEXFailType.BootstrappingCanceled);
    return await within(Promise.race([arrival.promise, discovery.stopped]), CANCEL_TIMEOUT_MS);
  } finally {
    controller.off('node added', onAdded);
    ignoreIdle();
    close?.();
    await closes(() => controller.stopInclusion(), signal);
  }
}

/** Waits until the interview says what it is. `undefined`: no lock, or none that could be met in time. */
export async function meet(
  { discovery }: Network,
  { node, meeting }: Newcomer,
  signal: AbortSignal,
): Promise<PairingEnd | undefined> {
  const deadlineAt = performance.now() + MEET_TIMEOUT_MS;
  for (let next = meeting; ; next = discovery.meetings.next(node.id)) {
    const met = await orInterrupted(next, deadlineAt - performance.now(), signal);
    switch (met?.kind) {
      case 'lock':
        return { kind: 'done', deviceIds: [met.deviceId] };
      case 'insecure':
        return insecure;
      case 'failed':
        break;
      case 'stranger':
        return undefined;
      case 'radio_down':
      case undefined:
        return endedBy(signal);
    }
  }
}

const insecure: PairingEnd = {
  kind: 'failed',
  reason: 'insecure',
  message:
    'The lock joined without its keys and shows no codes. Reset it, then pair it again with the right PIN or QR code: ' +
    'that also takes it off the list of the radio.',
};
