import { z } from 'zod';
import type { RadioStorage } from '../../src/lock-driver.ts';

/** Where bolts were told to be last, by IEEE address: what a lock reports every hour is compared with it. */
const BOLTS = 'zigbee.bolts';

const position = z.enum(['locked', 'unlocked']);
type Position = z.infer<typeof position>;

/** Where one bolt was told to be, also before a restart. Written through, so that no movement is told twice. */
export class BoltPlace {
  readonly #ieee: string;
  readonly #storage: RadioStorage;

  constructor(ieee: string, storage: RadioStorage) {
    this.#ieee = ieee;
    this.#storage = storage;
  }

  /** `null`: never told. */
  get position(): Position | null {
    const text = this.#storage.entries(BOLTS).find(([ieee]) => ieee === this.#ieee)?.[1];
    return position.safeParse(text).data ?? null;
  }

  keep(told: Position): void {
    if (told === this.position) return;
    this.#storage.set(BOLTS, this.#ieee, told);
    this.#storage.flush();
  }

  forget(): void {
    this.#storage.delete(BOLTS, this.#ieee);
  }
}
