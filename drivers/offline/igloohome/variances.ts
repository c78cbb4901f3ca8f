import { z } from 'zod';
import { wallMs } from '../../../src/core/timing/local-time.ts';
import { DAY_MS, type Instant } from '../../../src/core/time.ts';
import type { OfflineWindow } from '../../../src/core/offline/window.ts';
import type { RadioStorage } from '../../../src/lock-driver.ts';
import type { OfflineIssueRequest } from '../../../src/offline-issuer.ts';

/** Codes that igloohome makes for the same hour or day, and for the same start of one-time codes. */
export const VARIANCES_MAX: Readonly<Record<OfflineWindow['kind'], number>> = {
  hourly: 3,
  daily: 3,
  one_time: 5,
};

/** Rows of the hub's database with what is used. */
const FILE = 'offline/igloohome/variances';
/** How long after its end a code is still counted, whatever the hub's clock does meanwhile. */
const KEPT_MS = DAY_MS;

const usedSchema = z.object({ place: z.string(), variance: z.number(), endsAt: z.number() });
type Used = z.infer<typeof usedSchema>;

/**
 * Which code has which variance. igloohome computes the digits from lock, kind, window and variance, so the same
 * question again gives the same digits: a variance is written down before it is asked for, and an answer that was
 * lost costs no other one. All codes of one kind that begin together count, wherever they end.
 */
export class Variances {
  readonly #storage: RadioStorage;
  readonly #zone: string;
  readonly #now: () => Instant;
  readonly #used: Map<string, Used>;

  constructor(storage: RadioStorage, zone: string, now: () => Instant) {
    this.#storage = storage;
    this.#zone = zone;
    this.#now = now;
    this.#used = new Map(storage.entries(FILE).map(([id, text]) => [id, usedSchema.parse(JSON.parse(text))]));
  }

  /** The variance of this code: the one it has, or the first that is free. `null`: all are used. */
  take({ accessCodeId, address, window }: OfflineIssueRequest): number | null {
    this.#forgetEnded();
    const place = this.#placeOf(address, window);
    const own = this.#used.get(accessCodeId);
    if (own?.place === place && own.endsAt === window.endsAt) return own.variance;
    if (own !== undefined) this.#drop(accessCodeId);
    const taken = [...this.#used.values()].filter((each) => each.place === place);
    for (let variance = 1; variance <= VARIANCES_MAX[window.kind]; variance += 1) {
      if (taken.some((each) => each.variance === variance)) continue;
      this.#keep(accessCodeId, { place, variance, endsAt: window.endsAt });
      return variance;
    }
    return null;
  }

  /** The vendor made no code with it and never will. */
  free(accessCodeId: string): void {
    if (this.#used.has(accessCodeId)) this.#drop(accessCodeId);
  }

  /** Somebody else has used the variance of this code: it is nobody's of ours. */
  giveUp(accessCodeId: string): void {
    const used = this.#used.get(accessCodeId);
    if (used === undefined) return;
    this.#drop(accessCodeId);
    this.#keep(`${used.place} ${used.variance}`, used);
  }

  #placeOf(address: string, { kind, startsAt }: OfflineWindow): string {
    const day = Math.floor(wallMs(this.#zone, startsAt) / DAY_MS);
    return `${address} ${kind} ${kind === 'daily' ? day : startsAt}`;
  }

  #forgetEnded(): void {
    const before = this.#now() - KEPT_MS;
    for (const [id, { endsAt }] of this.#used) if (endsAt < before) this.#drop(id);
  }

  #keep(id: string, used: Used): void {
    this.#used.set(id, used);
    this.#storage.set(FILE, id, JSON.stringify(used));
    this.#storage.flush();
  }

  #drop(id: string): void {
    this.#used.delete(id);
    this.#storage.delete(FILE, id);
  }
}
