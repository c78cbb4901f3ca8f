import { MINUTE_MS, SECOND_MS, type Instant } from '../../../src/core/time.ts';

/** A day and hour of every year, UTC, as Time CC version 2 carries them. */
export interface YearlyHour {
  /** 1 to 12. */
  readonly month: number;
  readonly day: number;
  readonly hour: number;
}

/** What a lock was told of its time zone. Offsets in minutes east of UTC; `dstMinutes` is the whole offset. */
export interface LockZone {
  readonly standardMinutes: number;
  readonly dstMinutes: number;
  /** When summer time starts and ends; `null` if nobody said, and then the standard offset always holds. */
  readonly dst: { readonly start: YearlyHour; readonly end: YearlyHour } | null;
}

const UTC: LockZone = { standardMinutes: 0, dstMinutes: 0, dst: null };

/** The clock inside a lock: wrong by an offset, drifting, and in UTC until a hub says otherwise. */
export class LockClock {
  readonly #now: () => Instant;
  #driftPpm: number;
  #offsetMs = 0;
  #setAt: Instant;
  #zone = UTC;

  /** `now` is the true time; `driftPpm` is how many millionths of the time passed this clock gains. */
  constructor(now: () => Instant, driftPpm: number) {
    this.#now = now;
    this.#driftPpm = driftPpm;
    this.#setAt = now();
  }

  get zone(): LockZone {
    return this.#zone;
  }

  set zone(zone: LockZone) {
    this.#zone = zone;
  }

  /** How far this clock is ahead of the true time, in milliseconds. */
  get offsetMs(): number {
    return this.#offsetMs + ((this.#now() - this.#setAt) * this.#driftPpm) / 1_000_000;
  }

  /** Makes the clock wrong by so much from now on. */
  setOffsetMs(offsetMs: number): void {
    this.#offsetMs = offsetMs;
    this.#setAt = this.#now();
  }

  /** Makes the clock gain so many millionths of the time that passes from now on. */
  setDriftPpm(driftPpm: number): void {
    this.setOffsetMs(this.offsetMs);
    this.#driftPpm = driftPpm;
  }

  /** The time this clock shows. */
  utc(): Instant {
    return this.#now() + this.offsetMs;
  }

  /** A hub sets the clock. */
  setUtc(at: Instant): void {
    this.setOffsetMs(at - this.#now());
  }

  /** Minutes east of UTC that the lock uses at the moment. */
  utcOffsetMinutes(): number {
    const { standardMinutes, dstMinutes, dst } = this.#zone;
    if (dst === null) return standardMinutes;
    const today = hourOfYear(this.utc());
    const start = sortable(dst.start);
    const end = sortable(dst.end);
    const summer = start <= end ? start <= today && today < end : today < end || start <= today;
    return summer ? dstMinutes : standardMinutes;
  }

  /** Local wall time to the second, `YYYY-MM-DDTHH:mm:ss`. */
  local(): string {
    return new Date(this.utc() + this.utcOffsetMinutes() * MINUTE_MS).toISOString().slice(0, 19);
  }

  /** A hub sets the clock to a local wall time of the zone it was told before. */
  setLocal(wallTimeAsUtc: Instant): void {
    this.setUtc(wallTimeAsUtc - this.utcOffsetMinutes() * MINUTE_MS);
  }

  /** What the control interface shows. */
  view(): { local: string; offset_seconds: number; utc_offset_minutes: number } {
    return {
      local: this.local(),
      offset_seconds: Math.round(this.offsetMs / SECOND_MS),
      utc_offset_minutes: this.utcOffsetMinutes(),
    };
  }
}

function sortable({ month, day, hour }: YearlyHour): number {
  return (month * 100 + day) * 100 + hour;
}

function hourOfYear(at: Instant): number {
  const date = new Date(at);
  return sortable({ month: date.getUTCMonth() + 1, day: date.getUTCDate(), hour: date.getUTCHours() });
}
