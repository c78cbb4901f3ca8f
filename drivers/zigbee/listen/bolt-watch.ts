import type { AccessMethod, LockEventBody } from '../../../src/core/lock-event.ts';

/** Longest time between what a lock says about who moved its bolt and the report that the bolt moved. */
const TOGETHER_MS = 1500;

export type Movement = Extract<LockEventBody, { readonly kind: 'locked' | 'unlocked' }>;
type Position = Movement['kind'];

interface Who {
  readonly method: AccessMethod;
  readonly slot: number | null;
  readonly atMs: number;
}

export interface BoltWatchOptions {
  /** Where the bolt was when it was told of last; `null`: never. */
  readonly position: Position | null;
  /** Only its state says where the bolt is (`boltFromReports` of the quirks). */
  readonly fromReports: boolean;
  /** One movement, told once. */
  readonly tell: (movement: Movement) => void;
}

/**
 * Makes one movement of the two things a lock says of it: the event tells who, the report of its state tells where the
 * bolt is, and either may come first. A report that repeats a position, as every hour, is no movement.
 */
export class BoltWatch {
  readonly #options: BoltWatchOptions;
  #position: Position | null;
  #who: Who | null = null;
  #waiting: { readonly position: Position; readonly timer: NodeJS.Timeout } | null = null;

  constructor(options: BoltWatchOptions) {
    this.#options = options;
    this.#position = options.position;
  }

  /** The lock says who moved its bolt. */
  moved(movement: Movement): void {
    const { method, slot } = movement;
    const waiting = this.#take();
    if (this.#options.fromReports) {
      if (waiting !== null) this.#tell({ kind: waiting, method, slot });
      else this.#who = { method, slot, atMs: performance.now() };
      return;
    }
    if (waiting !== null && waiting !== movement.kind) this.#tellUnknown(waiting);
    this.#tell(movement);
  }

  /** The lock says where its bolt is. */
  shown(position: Position): void {
    if (this.#waiting?.position === position) return;
    this.flush();
    if (position === this.#position) return;
    const who = this.#who;
    this.#who = null;
    if (who !== null && performance.now() - who.atMs <= TOGETHER_MS)
      this.#tell({ kind: position, method: who.method, slot: who.slot });
    else this.#waiting = { position, timer: setTimeout(() => this.flush(), TOGETHER_MS) };
  }

  /** It is told already that the bolt is there. */
  learn(position: Position): void {
    this.#take();
    this.#position = position;
  }

  /** The bolt is in no position: whichever it takes next is news. */
  stuck(): void {
    this.flush();
    this.#position = null;
  }

  /** Tells what waits without knowing who it was. */
  flush(): void {
    const waiting = this.#take();
    if (waiting !== null) this.#tellUnknown(waiting);
  }

  #take(): Position | null {
    const waiting = this.#waiting;
    this.#waiting = null;
    clearTimeout(waiting?.timer);
    return waiting?.position ?? null;
  }

  #tellUnknown(position: Position): void {
    this.#tell({ kind: position, method: 'unknown', slot: null });
  }

  #tell(movement: Movement): void {
    this.#position = movement.kind;
    this.#options.tell(movement);
  }
}
