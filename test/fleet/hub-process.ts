import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import type { Answer, Order } from './orders.ts';

const CHILD = path.join(import.meta.dirname, 'hubs-child.ts');
/** A process that is busy with hundreds of hubs takes its time. */
const ANSWER_WITHIN_MS = 300_000;
const END_WITHIN_MS = 30_000;

type Asked = 'begun' | 'measured' | 'looked';
type AnswerOf<Kind extends Asked> = Extract<Answer, { readonly kind: Kind }>;

/** A process with hubs in it. */
export class HubProcess {
  readonly hubIds: readonly string[];
  readonly #child: ChildProcess;
  readonly #onAnswer = new Map<string, (answer: Answer) => void>();

  #isEnding = false;

  /** `heard` is told what the process says unasked. */
  constructor(hubIds: readonly string[], heard: (answer: Answer) => void) {
    this.hubIds = hubIds;
    this.#child = fork(CHILD, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    this.#child.on('message', (answer: Answer) => {
      const take = this.#onAnswer.get(answer.kind) ?? heard;
      this.#onAnswer.delete(answer.kind);
      take(answer);
    });
    this.#child.on('exit', (code, signal) => {
      if (this.#isEnding) return;
      const died: Answer = { kind: 'error', line: `a process with hubs ended: ${code ?? signal}` };
      for (const take of [...this.#onAnswer.values(), heard]) take(died);
    });
  }

  order(order: Order): void {
    this.#child.send(order);
  }

  /** Rejects when the process ends, or after 5 minutes. */
  ask<Kind extends Asked>(order: Order, kind: Kind): Promise<AnswerOf<Kind>> {
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`No answer to ${order.kind}.`)), ANSWER_WITHIN_MS);
      this.#onAnswer.set(kind, (answer) => {
        clearTimeout(late);
        if (answer.kind === kind) resolve(answer as AnswerOf<Kind>);
        else reject(new Error(JSON.stringify(answer)));
      });
      this.order(order);
    });
  }

  /** Stops its hubs and ends it. */
  async end(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#isEnding = true;
    const exit = once(this.#child, 'exit');
    const late = setTimeout(() => this.#child.kill('SIGKILL'), END_WITHIN_MS);
    this.order({ kind: 'end' });
    await exit;
    clearTimeout(late);
  }
}
