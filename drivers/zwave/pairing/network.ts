import { isZWaveError } from '@zwave-js/core';
import { InclusionState, type Driver, type ZWaveController } from 'zwave-js';
import type { PairingEnd } from '../../../src/lock-driver.ts';
import type { Discovery } from '../discovery.ts';
import { within } from '../within.ts';

/** A radio that is up, and who is met on it. */
export interface Network {
  readonly driver: Driver;
  readonly discovery: Discovery;
  /** Longest a lock that is half in when the time is over is waited for. */
  readonly finishTimeoutMs: number;
}

/** Why nothing is waited for any more; the reason of the abort signal. */
export type Interruption = 'stopped' | 'radio_down';

/** Longest the controller may take to open or close the network. */
const SWITCH_TIMEOUT_MS = 10_000;

/** Something that was waited for, or `undefined` when the time is over or the signal came first. */
export async function orInterrupted<T>(
  work: Promise<T>,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<T | undefined> {
  const interrupted = Promise.withResolvers<undefined>();
  const onAbort = (): void => interrupted.resolve(undefined);
  signal.addEventListener('abort', onAbort);
  if (signal.aborted) onAbort();
  try {
    return await within(Promise.race([work, interrupted.promise]), timeoutMs);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

/** Calls back when the controller has ended what it began, unless it has brought a node in or out in the same turn. */
export function onIdle(controller: ZWaveController, tell: () => void): () => void {
  const onState = (state: InclusionState): void => {
    if (state === InclusionState.Idle) setImmediate(tell);
  };
  controller.on('inclusion state changed', onState);
  return () => controller.off('inclusion state changed', onState);
}

/** Opens the network; answers why it did not. */
export async function openingFailure(
  begin: Promise<boolean>,
  close: () => Promise<unknown>,
  signal: AbortSignal,
): Promise<PairingEnd | undefined> {
  const begun = begin.then(
    (isOpen) => (isOpen ? 'open' : 'busy'),
    (error: unknown) => ignoreZWaveError(error),
  );
  let hasBegun = await orInterrupted(begun, SWITCH_TIMEOUT_MS, signal);
  // Only what is open can be closed, so a stop waits for that; a radio that is gone will not open.
  if (hasBegun === undefined && !isRadioLost(signal)) hasBegun = await within(begun, SWITCH_TIMEOUT_MS);
  // What opens late is closed again: nobody waits for it.
  if (hasBegun === undefined) begun.then(close).catch(ignoreZWaveError);
  if (signal.aborted) return endedBy(signal);
  if (hasBegun === 'open') return undefined;
  return hasBegun === 'busy' ? busy : radioDown;
}

/** Closes the network, where there still is a controller to be told. */
export async function closes(close: () => Promise<unknown>, signal: AbortSignal): Promise<void> {
  if (!isRadioLost(signal)) await within(close().catch(ignoreZWaveError), SWITCH_TIMEOUT_MS);
}

function isRadioLost(signal: AbortSignal): boolean {
  const reason: Interruption | undefined = signal.reason;
  return reason === 'radio_down';
}

/** How a pairing or removal ends that found nothing in its time or was interrupted. */
export function endedBy(signal: AbortSignal): PairingEnd {
  if (!signal.aborted) return { kind: 'timed_out' };
  const reason: Interruption = signal.reason;
  switch (reason) {
    case 'stopped':
      return { kind: 'stopped', deviceIds: [] };
    case 'radio_down':
      return radioDown;
  }
}

export const radioDown: PairingEnd = {
  kind: 'failed',
  reason: 'radio_down',
  message: 'The radio is not there.',
};

export const busy: PairingEnd = {
  kind: 'failed',
  reason: 'busy',
  message: 'The radio is letting a lock in or out already.',
};

/** An error of the library is an answer of the controller; everything else is a bug. */
export function ignoreZWaveError(error: unknown): false {
  if (!isZWaveError(error)) throw error;
  return false;
}
