import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import path from 'node:path';

export type ToReceiver =
  | { readonly kind: 'expect'; readonly hubId: string; readonly events: number }
  | { readonly kind: 'write'; readonly hubId: string; readonly file: string }
  | { readonly kind: 'stop' };

export type FromReceiver =
  | { readonly kind: 'connected' }
  /** As many events as were expected, each once and in order. */
  | { readonly kind: 'all'; readonly hubId: string }
  | { readonly kind: 'written' }
  | { readonly kind: 'violation'; readonly message: string };

/** The reference cloud in a process of its own: it takes, checks and acknowledges what hubs send. */
export class Receiver {
  readonly #child: ChildProcess;
  #violation: string | undefined;

  private constructor(url: string) {
    this.#child = fork(path.join(import.meta.dirname, 'receiver-child.ts'), [url]);
    this.#child.on('message', (said: FromReceiver) => {
      if (said.kind === 'violation') this.#violation ??= said.message;
    });
  }

  static async at(url: string): Promise<Receiver> {
    const receiver = new Receiver(url);
    await receiver.#heard('connected');
    return receiver;
  }

  /** Resolves when so many events of a hub have come. */
  async all(hubId: string, events: number): Promise<void> {
    this.#tell({ kind: 'expect', hubId, events });
    await this.#heard('all');
  }

  /** The payloads of all batches that came, in order; they are forgotten. */
  async batches(hubId: string, file: string): Promise<string[]> {
    this.#tell({ kind: 'write', hubId, file });
    await this.#heard('written');
    return readFileSync(file, 'utf8').split('\n');
  }

  /** Throws when a hub broke the contract. */
  async stop(): Promise<void> {
    const exit = once(this.#child, 'exit');
    this.#tell({ kind: 'stop' });
    await exit;
    if (this.#violation !== undefined) throw new Error(`The contract was broken: ${this.#violation}`);
  }

  #tell(what: ToReceiver): void {
    this.#child.send(what);
  }

  #heard(kind: FromReceiver['kind']): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#child.once('exit', () => reject(new Error('The receiving process ended.')));
      const listen = (said: FromReceiver): void => {
        if (said.kind !== kind) return;
        this.#child.off('message', listen);
        resolve();
      };
      this.#child.on('message', listen);
    });
  }
}
