import { z } from 'zod';
import type { RadioStorage } from '../../src/lock-driver.ts';
import type { Logger } from 'pino';
import type { Retry, Refused } from './exchange.ts';

interface KnownDevicesParts<T> {
  readonly vendor: string;
  readonly schema: z.ZodType<T>;
  /** By which the vendor knows it. */
  readonly idOf: (device: T) => string;
  /** The ids of this site's locks; `null`: all of the account. */
  readonly wanted: readonly string[] | null;
  readonly storage: RadioStorage;
  readonly log: Logger;
}

/** What an account said last of its locks: it holds while the account can't be asked, over restarts as well. */
export class KnownDevices<T> {
  readonly #parts: KnownDevicesParts<T>;
  readonly #file: string;
  #devices: readonly T[];
  /** What was logged last: it is not repeated. */
  #told = '';

  constructor(parts: KnownDevicesParts<T>) {
    const { vendor, schema, storage } = parts;
    this.#parts = parts;
    this.#file = `offline/${vendor}/devices`;
    this.#devices = storage.entries(this.#file).map(([, text]) => schema.parse(JSON.parse(text)));
  }

  /** The locks of this site after an answer, or after none. What a person has to know of it is logged once. */
  after(answer: readonly T[] | Retry | Refused): readonly T[] {
    const { wanted, idOf } = this.#parts;
    if ('kind' in answer) {
      this.#tell(`locks with offline codes are not listed: ${answer.message}`);
    } else {
      if (JSON.stringify(answer) !== JSON.stringify(this.#devices)) this.#keep(answer);
      const missing = (wanted ?? []).filter((id) => !answer.some((device) => idOf(device) === id));
      this.#tell(
        missing.length === 0 ? '' : `the account has no lock ${missing.join(', ')}: see offline[].devices`,
      );
    }
    return this.#devices.filter((device) => wanted?.includes(idOf(device)) ?? true);
  }

  #tell(message: string): void {
    const { log, vendor } = this.#parts;
    if (message !== '' && message !== this.#told) log.warn({ vendor }, message);
    this.#told = message;
  }

  #keep(devices: readonly T[]): void {
    const { storage, idOf } = this.#parts;
    this.#devices = devices;
    storage.clear(this.#file);
    for (const device of devices) storage.set(this.#file, idOf(device), JSON.stringify(device));
    storage.flush();
  }
}
