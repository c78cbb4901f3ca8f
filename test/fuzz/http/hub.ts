import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

/** Longest that the hub may take to answer its own parent. */
const ANSWER_MAX_MS = 60_000;

export type KeyName = 'read' | 'write' | 'pins' | 'admin' | 'revoked';

/** What a hub says when it listens. */
export interface Started {
  readonly url: string;
  readonly keys: Readonly<Record<KeyName, string>>;
}

/** How a hub is from inside. */
export interface Facts {
  /** What must not be: a PIN or a bug in its log, an error that nobody caught. */
  readonly faults: readonly string[];
  readonly logLines: number;
  /** After a garbage collection. */
  readonly heapBytes: number;
  readonly residentBytes: number;
  /** What each of its locks holds, by the lock itself. */
  readonly pins: readonly (readonly string[])[];
  readonly isPolluted: boolean;
}

export interface Asked {
  readonly id: number;
  readonly ask: 'facts' | 'login' | 'live' | 'end';
}

/** A hub in a process of its own, as its parent sees it. */
export class HubProcess {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, (told: unknown) => void>();
  #asked = 0;
  #hasEnded = false;

  private constructor(child: ChildProcess) {
    this.#child = child;
    child.on('message', ({ id, told }: { id: number; told: unknown }) => this.#waiting.get(id)?.(told));
    child.once('exit', () => (this.#hasEnded = true));
  }

  /** Resolves when it listens. */
  static async start(folder: string, seed: number): Promise<{ hub: HubProcess; started: Started }> {
    const file = path.join(import.meta.dirname, 'hub-child.ts');
    const hub = new HubProcess(fork(file, [folder, String(seed)]));
    return { hub, started: (await hub.#told(0)) as Started };
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  facts(): Promise<Facts> {
    return this.#ask('facts') as Promise<Facts>;
  }

  /** A path that lets a person log in once. */
  loginPath(): Promise<string> {
    return this.#ask('login') as Promise<string>;
  }

  /** From now on people use the locks that hold no code yet. */
  async beginToLive(): Promise<void> {
    await this.#ask('live');
  }

  /** Stops the hub; the answer is what SQLite says of the database that it leaves. */
  async end(): Promise<string> {
    const verdict = String(await this.#ask('end'));
    if (!this.#hasEnded) await once(this.#child, 'exit');
    return verdict;
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  #ask(ask: Asked['ask']): Promise<unknown> {
    this.#asked += 1;
    this.#child.send({ id: this.#asked, ask } satisfies Asked);
    return this.#told(this.#asked);
  }

  #told(id: number): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const end = (): void => {
        clearTimeout(deadline);
        this.#child.off('exit', ended);
        this.#waiting.delete(id);
      };
      const fail = (what: string): void => {
        end();
        reject(new Error(what));
      };
      const ended = (): void => fail('The hub ended.');
      const deadline = setTimeout(() => fail('The hub does not answer its parent.'), ANSWER_MAX_MS);
      this.#child.once('exit', ended);
      this.#waiting.set(id, (told) => {
        end();
        resolve(told);
      });
    });
  }
}
