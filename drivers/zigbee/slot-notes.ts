import { z } from 'zod';
import type { Schedule } from '../../src/core/slot.ts';
import { WEEK_DAYS } from '../../src/core/slot.ts';
import type { RadioStorage } from '../../src/lock-driver.ts';

/** Schedules of slots that are empty, by `IEEE/slot`. */
const STAGED = 'zigbee.staged';
/** What was written to slots that cannot be read, by `IEEE/slot`. */
const WRITTEN = 'zigbee.written';

const schedule = z.union([
  z.object({ start: z.string(), stop: z.string() }),
  z.object({
    weekDays: z.array(z.object({ day: z.enum(WEEK_DAYS), start: z.string(), stop: z.string() })),
  }),
]);

/**
 * What is known of a slot of a lock that shows nothing: what our own writes came to, or that somebody else has put a code
 * there.
 */
const written = z.enum(['set', 'doubtful', 'foreign']);
export type Written = z.infer<typeof written>;

/** What has to be remembered of a lock's slots, because the lock can't be asked. Written through: a crash loses none. */
export class SlotNotes {
  readonly #storage: RadioStorage;
  readonly #ieee: string;

  constructor(ieee: string, storage: RadioStorage) {
    this.#ieee = ieee;
    this.#storage = storage;
  }

  /**
   * The schedule that waits for the PIN of an empty slot. A lock keeps schedules only for users it has, and the
   * schedule has to be on it before its PIN opens.
   */
  staged(slot: number): Schedule | null {
    const text = this.#read(STAGED, slot);
    return text === undefined ? null : schedule.parse(JSON.parse(text));
  }

  stage(slot: number, wanted: Schedule | null): void {
    this.#write(STAGED, slot, wanted === null ? undefined : JSON.stringify(wanted));
  }

  /** `undefined`: the lock has never taken a code from this hub there, or has erased it. */
  written(slot: number): Written | undefined {
    return written.optional().parse(this.#read(WRITTEN, slot));
  }

  noteWritten(slot: number, what: Written | undefined): void {
    this.#write(WRITTEN, slot, what);
  }

  /** All slots were emptied at the lock. */
  forgetWritten(): void {
    this.#forget(WRITTEN);
  }

  /** The lock was reset or has left. */
  forget(): void {
    for (const file of [STAGED, WRITTEN]) this.#forget(file);
  }

  #forget(file: string): void {
    for (const [key] of this.#storage.entries(file))
      if (key.startsWith(`${this.#ieee}/`)) this.#storage.delete(file, key);
    this.#storage.flush();
  }

  #read(file: string, slot: number): string | undefined {
    const key = `${this.#ieee}/${slot}`;
    return this.#storage.entries(file).find(([name]) => name === key)?.[1];
  }

  #write(file: string, slot: number, text: string | undefined): void {
    const key = `${this.#ieee}/${slot}`;
    if (text === this.#read(file, slot)) return;
    if (text === undefined) this.#storage.delete(file, key);
    else this.#storage.set(file, key, text);
    this.#storage.flush();
  }
}
