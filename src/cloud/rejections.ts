import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import { MINUTE_MS } from '../core/time.ts';
import type { Store } from '../store/store.ts';
import type { RejectReason } from './messages/rejection.ts';

/** Longest topic that is quoted in an event or a log line, in characters. */
const TOPIC_LENGTH_MAX = 120;

/** At most one event per reason in this time. */
const QUIET_MS = MINUTE_MS;

interface Tally {
  /** Topic of the first message that is not reported yet. */
  topic: string;
  unreported: number;
  /** Monotonic time of the last report; `null` before the first. */
  reportedAtMs: number | null;
}

export interface RejectionsOptions {
  readonly store: Pick<Store, 'append'>;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Counts what was not taken, and reports it by the event `hub.message_rejected` with the first topic and the
 * count since the last report. Memory and events are bounded by the number of reasons, not by the messages.
 */
export class Rejections {
  readonly #options: RejectionsOptions;
  readonly #tallies = new Map<RejectReason, Tally>();
  readonly #totals = new Map<RejectReason, number>();

  constructor(options: RejectionsOptions) {
    this.#options = options;
  }

  /** Counts one; reports it at once unless this reason was reported a moment ago. Throws what the store throws. */
  count(reason: RejectReason, topic: string): void {
    const tally = this.#tallies.get(reason) ?? { topic, unreported: 0, reportedAtMs: null };
    if (tally.unreported === 0) tally.topic = topic;
    tally.unreported += 1;
    this.#totals.set(reason, (this.#totals.get(reason) ?? 0) + 1);
    this.#tallies.set(reason, tally);
    this.#reportWhereDue(reason, tally);
  }

  /** All that was not taken since the start. */
  totals(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#totals);
  }

  /** Reports what was counted since the last report and has waited long enough. To be called now and then. */
  flush(): void {
    for (const [reason, tally] of this.#tallies) {
      if (tally.unreported > 0) this.#reportWhereDue(reason, tally);
    }
  }

  /** Reports all that was counted since the last report, before the hub ends. */
  close(): void {
    for (const [reason, tally] of this.#tallies) {
      if (tally.unreported > 0) this.#report(reason, tally);
    }
  }

  #reportWhereDue(reason: RejectReason, tally: Tally): void {
    const nowMs = this.#options.clock.monotonicMs();
    if (tally.reportedAtMs === null || nowMs - tally.reportedAtMs >= QUIET_MS) this.#report(reason, tally);
  }

  #report(reason: RejectReason, tally: Tally): void {
    const { store, clock, log } = this.#options;
    const details = { topic: tally.topic.slice(0, TOPIC_LENGTH_MAX), reason, count: tally.unreported };
    store.append([{ event_type: 'hub.message_rejected', occurredAt: clock.now().earliest, details }]);
    tally.unreported = 0;
    tally.reportedAtMs = clock.monotonicMs();
    log.warn(details, 'messages from the cloud were not taken');
  }
}
