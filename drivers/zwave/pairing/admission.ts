import {
  isZWaveError,
  parseQRCodeString,
  QRCodeVersion,
  SecurityClass,
  tryParseDSKFromQRCodeString,
  ZWaveErrorCodes,
} from '@zwave-js/core';
import {
  InclusionStrategy,
  type InclusionGrant,
  type InclusionOptions,
  type PlannedProvisioningEntry,
} from 'zwave-js';
import type { PairingRequest } from '../../../src/lock-driver.ts';
import type { Admittance } from './admittance.ts';

/** How the next lock is let in. */
export type Admission =
  /** By a person who starts it at the lock. */
  (
    | { readonly kind: 'classic'; readonly options: InclusionOptions }
    /** The lock announces itself as soon as it has power. */
    | { readonly kind: 'smart_start'; readonly entry: PlannedProvisioningEntry }
  ) & {
    /** Asks nobody for digits any more. */
    readonly giveUp: () => void;
  };

const S2_CLASSES: readonly SecurityClass[] = [
  SecurityClass.S2_AccessControl,
  SecurityClass.S2_Authenticated,
  SecurityClass.S2_Unauthenticated,
];

/** What of a person's answers there is without asking, and who can be asked. */
interface Proof {
  readonly pin: string | null;
  readonly ask: ((dsk: string) => Promise<string | null>) | null;
}

/** The only class for which a lock need not prove who it is. */
const UNPROVEN_CLASSES: readonly SecurityClass[] = [SecurityClass.S2_Unauthenticated];

/**
 * Reads what was scanned and typed. `undefined`: the text is no QR code of a Z-Wave lock.
 *
 * @param hasSmartStart whether this controller knows SmartStart
 * @param admittance where a lock's digits are asked for
 */
export async function admissionOf(
  { qr, pin, asksForPin }: PairingRequest,
  hasSmartStart: boolean,
  admittance: Admittance,
): Promise<Admission | undefined> {
  const giveUp = (): void => void admittance.enterPin(null);
  if (qr === null)
    return {
      kind: 'classic',
      options: typed({ pin, ask: asksForPin ? (part) => admittance.ask(part) : null }),
      giveUp,
    };
  const dsk = tryParseDSKFromQRCodeString(qr);
  if (dsk !== undefined) return scanned({ dsk, securityClasses: [...S2_CLASSES] }, giveUp);
  try {
    const code = await parseQRCodeString(qr);
    const securityClasses = code.requestedSecurityClasses.filter((asked) => S2_CLASSES.includes(asked));
    const entry = { ...code, securityClasses };
    const isSmart = code.version === QRCodeVersion.SmartStart && hasSmartStart;
    return isSmart ? { kind: 'smart_start', entry, giveUp } : scanned(entry, giveUp);
  } catch (error) {
    if (isZWaveError(error) && error.code === ZWaveErrorCodes.Security2CC_InvalidQRCode) return undefined;
    throw error;
  }
}

function scanned(provisioning: PlannedProvisioningEntry, giveUp: () => void): Admission {
  return { kind: 'classic', options: { strategy: InclusionStrategy.Security_S2, provisioning }, giveUp };
}

/** With the digits from its label, known or asked for, a lock gets the keys that it asks for, without them only what needs no proof. */
function typed({ pin, ask }: Proof): InclusionOptions {
  const grantable = pin === null && ask === null ? UNPROVEN_CLASSES : S2_CLASSES;
  return {
    strategy: InclusionStrategy.Default,
    userCallbacks: {
      grantSecurityClasses: ({ securityClasses: asked }): Promise<InclusionGrant | false> => {
        const securityClasses = asked.filter((one) => grantable.includes(one));
        return Promise.resolve(securityClasses.length > 0 && { securityClasses, clientSideAuth: false });
      },
      validateDSKAndEnterPIN: async (dsk) => pin ?? (await ask?.(dsk)) ?? false,
      abort: () => undefined,
    },
  };
}
