import {
  Security2CC,
  Security2CCMessageEncapsulation,
  Security2CCNonceGet,
  Security2CCNonceReport,
  type CommandClass,
} from '@zwave-js/cc';
import { SPANState } from '@zwave-js/core';
import {
  createMockZWaveRequestFrame,
  MockZWaveFrameType,
  type LazyMockZWaveFrame,
  type MockNode,
  type MockNodeBehavior,
} from '@zwave-js/testing';
import { setTimeout as pause } from 'node:timers/promises';
import { isExchangingKeys } from './key-exchange.ts';
import { requestNonce } from './nonce.ts';

/** A lock answers the command at hand before it tells what else happened. */
const REPORT_DELAY_MS = 20;
/** Reports that wait to be sent; past that new ones are lost. */
const REPORTS_MAX = 32;
const NONCE_TIMEOUT_MS = 1000;
/** How long a frame can be sent again when the hub says that it could not decrypt it. */
const RESEND_WITHIN_MS = 5000;

/**
 * Sends what a lock tells without being asked, one frame at a time. On an S2 node it does what the mock leaves out and
 * real nodes do: it asks for a nonce when hub and lock share no state, and sends its last frame again when the hub,
 * just restarted or in the middle of a command, could not decrypt it.
 */
export class ReportSender {
  readonly #node: MockNode;
  #waiting = 0;
  #tail = Promise.resolve();
  #last: { readonly cc: CommandClass; readonly sentAtMs: number } | undefined;
  /** When the node last asked for a nonce that has not come. */
  #askedAtMs = -Infinity;

  constructor(node: MockNode) {
    this.#node = node;
    const send = node.sendToController.bind(node);
    node.sendToController = (frame) => {
      this.#remember(frame);
      return send(frame);
    };
    node.defineBehavior(this.#resendBehavior());
  }

  /** Queues one frame. */
  send(cc: CommandClass): void {
    if (this.#waiting >= REPORTS_MAX) return;
    this.#waiting += 1;
    this.#tail = this.#tail.then(async () => {
      await pause(REPORT_DELAY_MS, undefined, { ref: false });
      try {
        await this.#transmit(cc);
      } catch {
        // The hub gave no nonce in time: nobody listens, and the report is lost as it would be on the air.
      } finally {
        this.#waiting -= 1;
      }
    });
  }

  async #transmit(cc: CommandClass): Promise<void> {
    const node = this.#node;
    const security = node.securityManagers.securityManager2;
    if (security === undefined) {
      await node.sendToController(createMockZWaveRequestFrame(cc, { ackRequested: false }));
      return;
    }
    const { type } = security.getSPANState(node.controller.ownNodeId);
    if (type === SPANState.None || type === SPANState.LocalEI) await requestNonce(node, NONCE_TIMEOUT_MS);
    await this.#sendEncrypted(cc);
  }

  async #sendEncrypted(cc: CommandClass): Promise<void> {
    const node = this.#node;
    const encrypted = Security2CC.encapsulate(cc, node.id, node.securityManagers);
    await node.sendToController(createMockZWaveRequestFrame(encrypted, { ackRequested: false }));
  }

  #remember(frame: LazyMockZWaveFrame): void {
    if (frame.type !== MockZWaveFrameType.Request) return;
    if (frame.payload instanceof Security2CCNonceGet) this.#askedAtMs = performance.now();
    if (!(frame.payload instanceof Security2CCMessageEncapsulation)) return;
    const cc = frame.payload.encapsulated;
    this.#last = cc === undefined ? undefined : { cc, sentAtMs: performance.now() };
  }

  #resendBehavior(): MockNodeBehavior {
    return {
      handleCC: async (_controller, _node, command) => {
        if (!(command instanceof Security2CCNonceReport)) return undefined;
        // While it joins, a lock asks for nothing that it would not wait for.
        const isAskedFor =
          this.#askedAtMs > -Infinity &&
          (isExchangingKeys(this.#node) || performance.now() - this.#askedAtMs < NONCE_TIMEOUT_MS);
        this.#askedAtMs = -Infinity;
        if (isAskedFor) return undefined;
        const last = this.#last;
        if (last !== undefined && performance.now() - last.sentAtMs < RESEND_WITHIN_MS) {
          await this.#sendEncrypted(last.cc);
        }
        // Once only: a hub that still cannot decrypt it will ask again for the next one.
        this.#last = undefined;
        return { action: 'stop' };
      },
    };
  }
}
