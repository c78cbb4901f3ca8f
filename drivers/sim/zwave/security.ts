import {
  InvalidCC,
  Security2CCMessageEncapsulation,
  Security2CCPublicKeyReport,
  ZWaveProtocolCCNodeInformationFrame,
  ZWaveProtocolCCRequestNodeInformationFrame,
} from '@zwave-js/cc';
import {
  CommandClasses,
  keyPairFromRawECDHPrivateKey,
  SecurityClass,
  SecurityManager2,
  ZWaveErrorCodes,
} from '@zwave-js/core';
import type { MockNode, MockNodeBehavior } from '@zwave-js/testing';
import type { SimLock } from '../lock/lock.ts';

/** The PIN is the number that these bytes of the public key make. */
const PIN_BYTES = 2;

/** A lock, or whatever else has keys. */
interface Guarded {
  readonly fault: Pick<SimLock['fault'], 'kind'>;
  readonly model: Pick<SimLock['model'], 'secure'>;
}

/**
 * What zwave-js's mock leaves out of S2: a secured lock shows and answers what needs encryption only to those who
 * encrypt, and one with foreign keys understands nothing that is encrypted.
 */
export function guardSecurity(lock: Guarded): MockNodeBehavior {
  return {
    async transformIncomingCC(_controller, _node, received) {
      const isForeign =
        lock.fault.kind === 'foreign_keys' && received instanceof Security2CCMessageEncapsulation;
      return isForeign ? undecodable(received) : received;
    },
    async transformResponse(_controller, _node, _received, response) {
      if (response.action === 'sendCC' && response.cc instanceof Security2CCPublicKeyReport) {
        // What the PIN says is not told by radio: whoever does not know it derives other keys.
        response.cc.publicKey = Uint8Array.from([0, 0, ...response.cc.publicKey.subarray(PIN_BYTES)]);
      }
      return response;
    },
    handleCC(_controller, node, received) {
      if (!lock.model.secure) return undefined;
      if (received instanceof ZWaveProtocolCCRequestNodeInformationFrame) {
        return { action: 'sendCC', cc: openInformation(node) };
      }
      const isOpen =
        received.isEncapsulatedWith(CommandClasses['Security 2']) || !needsEncryption(node, received.ccId);
      return isOpen ? undefined : { action: 'stop' };
    },
  };
}

/** The mock answers this as a lock does to what it cannot decrypt: with a new nonce. */
function undecodable({ nodeId, ccId, ccCommand }: Security2CCMessageEncapsulation): InvalidCC {
  return new InvalidCC({
    nodeId,
    ccId,
    ...(ccCommand === undefined ? {} : { ccCommand }),
    ccName: 'Security2CCMessageEncapsulation',
    reason: ZWaveErrorCodes.Security2CC_CannotDecode,
  });
}

function openInformation(node: MockNode): ZWaveProtocolCCNodeInformationFrame {
  return new ZWaveProtocolCCNodeInformationFrame({
    nodeId: node.id,
    ...node.capabilities,
    supportedCCs: openCommandClasses(node),
    controlledCCs: [],
  });
}

/** What a node shows to those who have no keys. */
export function openCommandClasses(node: MockNode): CommandClasses[] {
  return [...node.implementedCCs]
    .filter(([ccId, { isSupported, secure }]) => isSupported && !secure && ccId !== CommandClasses.Basic)
    .map(([ccId]) => ccId);
}

function needsEncryption(node: MockNode, ccId: CommandClasses): boolean {
  return node.implementedCCs.get(ccId)?.secure ?? false;
}

/**
 * Takes from a node the keys that zwave-js's mock gives every node, so that it has to be given them; and gives it the key
 * pair of its label.
 */
export async function forgetKeys(
  node: MockNode,
  { membership: { label } }: Pick<SimLock, 'membership'>,
): Promise<void> {
  if (label === null) return;
  node.securityManagers.securityManager2 = await SecurityManager2.create();
  for (const nodeId of [node.id, node.controller.ownNodeId]) {
    node.encodingContext.setSecurityClass(nodeId, SecurityClass.S2_AccessControl, false);
  }
  node.ecdhKeyPair = await keyPairFromRawECDHPrivateKey(label.privateKey);
}
