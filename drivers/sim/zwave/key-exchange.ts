import {
  ECDHProfiles,
  KEXSchemes,
  Security2CC,
  Security2CCKEXFail,
  Security2CCKEXGet,
  Security2CCKEXReport,
  Security2CCKEXSet,
  Security2CCPublicKeyReport,
} from '@zwave-js/cc';
import { computePRK, deriveSharedECDHSecret, deriveTempKeys, type SecurityClass } from '@zwave-js/core';
import { createMockZWaveRequestFrame, type MockNode, type MockNodeBehavior } from '@zwave-js/testing';
import { setTimeout as pause } from 'node:timers/promises';
import { requestNonce } from './nonce.ts';

/** How often a joining lock asks whether its keys are granted, while a person reads digits (S2: every 10 s). */
export const KEY_REPEAT_MS = 10_000;
/** How long it goes on with that (S2: 240 s). */
const PERSON_TIMEOUT_MS = 240_000;
/** While it joins, a lock waits as long as the hub would for each answer (S2: 10 s), also on a busy machine. */
const ANSWER_TIMEOUT_MS = 10_000;
/** Where zwave-js's mock keeps how far the exchange is. */
const STATE = 'Security2_bootstrapState';

/** Whether a node is in the middle of being given its keys. */
export function isExchangingKeys(node: MockNode): boolean {
  return node.state.has(STATE);
}

/**
 * What zwave-js's mock leaves out of the exchange of keys: it asks once whether the keys are granted and gives up after
 * a second, but the hub understands the question only when a person has entered the digits of the label, so a real lock
 * asks again and again.
 */
export class KeyExchange {
  readonly #node: MockNode;
  readonly #repeatMs: number;
  #granted: SecurityClass[] = [];
  #asking = new AbortController();

  constructor(node: MockNode, repeatMs: number) {
    this.#node = node;
    this.#repeatMs = repeatMs;
    const expect = node.expectControllerFrame.bind(node);
    node.expectControllerFrame = (predicate, options) =>
      expect(predicate, isExchangingKeys(node) ? { ...options, timeout: ANSWER_TIMEOUT_MS } : options);
  }

  /** Asks no more. */
  stop(): void {
    this.#asking.abort();
  }

  behavior(): MockNodeBehavior {
    return {
      handleCC: async (_controller, node, received) => {
        if (received instanceof Security2CCKEXGet) this.stop();
        else if (received instanceof Security2CCKEXReport && received.echo) this.stop();
        else if (received instanceof Security2CCKEXSet && !received.echo)
          this.#granted = received.grantedKeys;
        else if (received instanceof Security2CCKEXFail) {
          this.stop();
          node.state.delete(STATE);
        } else if (received instanceof Security2CCPublicKeyReport && received.includingNode) {
          await this.#shareSecret(received.publicKey);
          void this.#ask();
          return { action: 'stop' };
        }
        return undefined;
      },
    };
  }

  async #shareSecret(hubKey: Security2CCPublicKeyReport['publicKey']): Promise<void> {
    const { ecdhKeyPair, securityManagers, controller } = this.#node;
    const secret = await deriveSharedECDHSecret({ publicKey: hubKey, privateKey: ecdhKeyPair.privateKey });
    const keys = await deriveTempKeys(await computePRK(secret, hubKey, ecdhKeyPair.publicKey));
    securityManagers.securityManager2?.tempKeys.set(controller.ownNodeId, {
      keyCCM: keys.tempKeyCCM,
      personalizationString: keys.tempPersonalizationString,
    });
  }

  /** Asks until the hub grants or refuses the keys. Whoever does not answer is asked again. */
  async #ask(): Promise<void> {
    this.stop();
    this.#asking = new AbortController();
    const { signal } = this.#asking;
    const deadlineAt = performance.now() + PERSON_TIMEOUT_MS;
    while (!signal.aborted && performance.now() < deadlineAt) {
      await this.#askOnce(signal).catch(() => undefined);
      await pause(this.#repeatMs, undefined, { ref: false, signal }).catch(() => undefined);
    }
  }

  async #askOnce(signal: AbortSignal): Promise<void> {
    const node = this.#node;
    const hubId = node.controller.ownNodeId;
    node.securityManagers.securityManager2?.deleteNonce(hubId);
    await requestNonce(node, ANSWER_TIMEOUT_MS);
    if (signal.aborted) return;
    const set = new Security2CCKEXSet({
      nodeId: hubId,
      echo: true,
      selectedKEXScheme: KEXSchemes.KEXScheme1,
      selectedECDHProfile: ECDHProfiles.Curve25519,
      permitCSA: false,
      grantedKeys: this.#granted,
    });
    const encrypted = Security2CC.encapsulate(set, node.id, node.securityManagers);
    await node.sendToController(createMockZWaveRequestFrame(encrypted, { ackRequested: false }));
  }
}
