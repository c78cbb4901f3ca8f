import { z } from 'zod';
import type { RadioStorage } from '../../src/lock-driver.ts';
import type { Logger } from 'pino';
import type { Retry, Refused } from './exchange.ts';

/** What an account said last of its locks: it holds while the account can't be asked, over restarts as well. */
export class KnownDevices<T> {
  readonly #storage: RadioStorage;
  readonly #file: string;
  readonly #log: Logger;
  #devices: readonly T[];
  #told: string | undefined;

  constructor(vendor: string, schema: z.ZodType<T>, storage: RadioStorage, log: Logger) {
    this.#storage = storage;
    this.#file = `offline/${vendor}/devices`;
    this.#log = log.child({ vendor });
    this.#devices = storage.entries(this.#file).map(([, text]) => schema.parse(JSON.parse(text)));
  }

  /** Takes an answer, or why there is none, which is logged when it is another reason than before. */
  after(answer: readonly T[] | Retry | Refused): readonly T[] {
    if ('kind' in answer) {
      if (this.#told !== answer.reason) {
        this.#log.warn(
          { reason: answer.reason },
          `locks with offline codes are not listed: ${answer.message}`,
        );
      }
      this.#told = answer.reason;
      return this.#devices;
    }
    this.#told = undefined;
    if (JSON.stringify(answer) !== JSON.stringify(this.#devices)) this.#keep(answer);
    return answer;
  }

  #keep(devices: readonly T[]): void {
    this.#devices = devices;
    this.#storage.clear(this.#file);
    for (const [index, device] of devices.entries()) {
      this.#storage.set(this.#file, String(index), JSON.stringify(device));
    }
    this.#storage.flush();
  }
}
