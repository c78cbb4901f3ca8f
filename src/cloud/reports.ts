import type { Store } from '../store/store.ts';
import type { Lock } from '../core/lock.ts';
import { reportedOf, reportedParts, type ReportContext } from './reported.ts';

/** Largest message, in bytes of JSON. */
const REPORT_BYTES_MAX = 90_000;

/** The report of one lock, ready to be sent, usually in one message. */
export interface Report {
  readonly deviceId: string;
  readonly payloads: readonly string[];
}

/** Which locks are to be reported: a level and not a queue, so a lock that changed ten times is reported once. */
export class Reports {
  readonly #store: Store;
  readonly #context: ReportContext;
  readonly #bootId: string;
  readonly #due = new Set<string>();
  readonly #onTheirWay = new Set<string>();
  /** Digest of the last report of this connection. */
  readonly #digests = new Map<string, string>();

  #seq = 0;

  constructor(store: Store, context: ReportContext, bootId: string) {
    this.#store = store;
    this.#context = context;
    this.#bootId = bootId;
  }

  /** On a new connection: every lock, whatever was sent before. */
  restart(): void {
    this.#onTheirWay.clear();
    this.#digests.clear();
    this.changed(this.#store.deviceIds());
  }

  /** Is sent only if its report differs from the last one. */
  changed(deviceIds: readonly string[]): void {
    for (const deviceId of deviceIds) this.#due.add(deviceId);
  }

  /** Is sent even if nothing changed. */
  again(deviceId: string): void {
    this.#digests.delete(deviceId);
    this.#due.add(deviceId);
  }

  /** How many locks have a report on its way. */
  onTheirWay(): number {
    return this.#onTheirWay.size;
  }

  /** The next report; a lock whose last one is still on its way waits for it. */
  next(): Report | undefined {
    for (const deviceId of this.#due) {
      if (this.#onTheirWay.has(deviceId)) continue;
      this.#due.delete(deviceId);
      const payloads = this.#changedReport(deviceId);
      if (payloads === undefined) continue;
      this.#onTheirWay.add(deviceId);
      return { deviceId, payloads };
    }
    return undefined;
  }

  taken(report: Report): void {
    this.#onTheirWay.delete(report.deviceId);
  }

  #changedReport(deviceId: string): readonly string[] | undefined {
    const state = this.#store.lockState(deviceId);
    if (state === undefined || !isReported(state.lock)) return undefined;
    const report = reportedOf(state, this.#context);
    if (this.#digests.get(deviceId) === report.digest) return undefined;
    this.#digests.set(deviceId, report.digest);
    this.#seq += 1;
    return reportedParts({ ...report, boot_id: this.#bootId, report_seq: this.#seq }, REPORT_BYTES_MAX);
  }
}

/** Interviewed, or named by a document although nobody has met it yet. */
export function isReported(lock: Lock): boolean {
  return lock.capabilities !== null || lock.versionReceived > 0;
}
