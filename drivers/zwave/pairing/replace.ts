import { isZWaveError, SecurityClass, ZWaveErrorCodes } from '@zwave-js/core';
import { InclusionStrategy, type ReplaceNodeOptions, type ZWaveNode } from 'zwave-js';
import type { PairingEnd, PairingRequest } from '../../../src/lock-driver.ts';
import type { Admission } from './admission.ts';
import { endStaleKeyExchanges } from './key-exchange.ts';
import { meet, nextNewcomer } from './let-in.ts';
import { endedBy, openingFailure, type Network } from './network.ts';

const STILL_THERE: ReadonlySet<ZWaveErrorCodes> = new Set([
  ZWaveErrorCodes.ReplaceFailedNode_Failed,
  ZWaveErrorCodes.ReplaceFailedNode_NodeOK,
]);

/** Lets one lock in under the address of another that no longer answers. */
export async function replace(
  network: Network,
  old: ZWaveNode,
  admission: Admission,
  { durationMs, pin, asksForPin }: PairingRequest,
  signal: AbortSignal,
): Promise<PairingEnd> {
  const deadlineAt = performance.now() + durationMs;
  const { controller } = network.driver;
  if (await old.ping()) return stillThere;
  endStaleKeyExchanges(network.driver);
  let isThere = false;
  const options = replacing(admission, old, pin !== null || asksForPin);
  const open = (): Promise<PairingEnd | undefined> => {
    const begin = controller.replaceFailedNode(old.id, options).catch((error: unknown) => {
      isThere = isZWaveError(error) && STILL_THERE.has(error.code);
      throw error;
    });
    return openingFailure(begin, () => controller.stopInclusion(), signal);
  };
  const { giveUp } = admission;
  const opening = { open, closesByItself: true, giveUp };
  const newcomer = await nextNewcomer(network, opening, deadlineAt, signal);
  if (isThere) return stillThere;
  const end = newcomer && ('kind' in newcomer ? newcomer : await meet(network, newcomer, signal));
  return end ?? endedBy(signal);
}

/** The library learns nothing of the new lock before its keys, so without proof it is judged by the old one. */
function replacing(admission: Admission, old: ZWaveNode, hasProof: boolean): ReplaceNodeOptions {
  if (admission.kind === 'smart_start')
    return { strategy: InclusionStrategy.Security_S2, provisioning: admission.entry };
  const { options } = admission;
  if ('provisioning' in options && options.provisioning !== undefined)
    return { strategy: InclusionStrategy.Security_S2, provisioning: options.provisioning };
  const highest = hasProof ? SecurityClass.S2_AccessControl : old.getHighestSecurityClass();
  if (highest === SecurityClass.S0_Legacy) return { strategy: InclusionStrategy.Security_S0 };
  if (highest === SecurityClass.None) return { strategy: InclusionStrategy.Insecure };
  const { userCallbacks } = 'userCallbacks' in options ? options : {};
  return {
    strategy: InclusionStrategy.Security_S2,
    ...(userCallbacks === undefined ? {} : { userCallbacks }),
  };
}

const stillThere: PairingEnd = {
  kind: 'failed',
  reason: 'still_there',
  message: 'The old lock still answers. Take its batteries out or reset it, then replace it.',
};
