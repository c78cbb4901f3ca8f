import { NodeStatus } from '@zwave-js/core';
import type { Logger } from 'pino';
import type { ZWaveNode } from 'zwave-js';

/** A node that does not answer is asked again after this long, then twice as long, up to the maximum. */
const RETRY_FIRST_MS = 5_000;
const PING_MAX_MS = 120_000;

/** An interview reads every slot, hundreds of frames from a battery: a node that answers badly is spared. */
const INTERVIEW_MAX_MS = 3_600_000;

interface Retry {
  readonly timer: NodeJS.Timeout;
  readonly delayMs: number;
}

/** Interviews that failed are repeated from here: nobody else asks for a node that the hub has not met. */
export class InterviewRetries {
  readonly #log: Logger;
  readonly #retries = new Map<number, Retry>();
  #isStopped = false;

  constructor(log: Logger) {
    this.#log = log;
  }

  /**
   * Asks the node again, later.
   *
   * @param forgetSecurity whether even its security classes are in doubt
   */
  later(node: ZWaveNode, forgetSecurity = false): void {
    if (this.#isStopped) return;
    const last = this.#retries.get(node.id);
    clearTimeout(last?.timer);
    const maxMs = node.status === NodeStatus.Dead ? PING_MAX_MS : INTERVIEW_MAX_MS;
    const delayMs = Math.min((last?.delayMs ?? RETRY_FIRST_MS / 2) * 2, maxMs);
    const timer = setTimeout(() => {
      this.#ask(node, forgetSecurity).catch((error: unknown) => {
        this.#log.debug({ node: node.id, err: error }, 'an interview could not be repeated');
        this.later(node, forgetSecurity);
      });
    }, delayMs);
    this.#retries.set(node.id, { timer, delayMs });
  }

  /** The node is known now, or gone. */
  end(nodeId: number): void {
    clearTimeout(this.#retries.get(nodeId)?.timer);
    this.#retries.delete(nodeId);
  }

  stop(): void {
    this.#isStopped = true;
    for (const nodeId of this.#retries.keys()) this.end(nodeId);
  }

  async #ask(node: ZWaveNode, forgetSecurity: boolean): Promise<void> {
    if (node.status !== NodeStatus.Dead) return node.refreshInfo({ resetSecurityClasses: forgetSecurity });
    // The library takes up the interview by itself when a dead node answers.
    if (!(await node.ping())) this.later(node, forgetSecurity);
  }
}
