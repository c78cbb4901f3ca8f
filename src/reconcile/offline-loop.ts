import { observe } from '../core/observe/observe.ts';
import type { OfflineIssueOutcome } from '../core/offline/issue.ts';
import {
  issueDueAt,
  isUnissued,
  settleIssue,
  withIssueAsked,
  type Unissued,
} from '../core/offline/settle-issue.ts';
import { issuedRetryAt, LONGEST_ISSUE_WAIT_MS } from '../core/offline/issue-retry.ts';
import { unmetLock, type LockState, type Policy } from '../core/lock.ts';
import type { OfflineCapability } from '../core/offline/window.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS, type Instant, type TimeReading } from '../core/time.ts';
import type { Clock } from '../clock.ts';
import type { OfflineCodeIssuer, OfflineDevice } from '../offline-issuer.ts';
import type { Store } from '../store/store.ts';
import { bounded, DRIVER_DEADLINE_MS } from './bounded.ts';
import type { Log } from './lock-loop.ts';

/** How often an issuer is asked which locks it knows, and while it names none. */
const LIST_EVERY_MS = HOUR_MS;
const LIST_AGAIN_MS = MINUTE_MS;

/** Longest sleep of an idle loop. */
const IDLE_MAX_MS = HOUR_MS;

/** Wait after a turn that threw, so that it is tried again without spinning. */
const FAULT_PAUSE_MS = 5 * SECOND_MS;

export interface OfflineLoopParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly policy: Policy;
  readonly log: Log;
  /** Told which lock is another one than before. */
  readonly onChange: (deviceId: string) => void;
}

/** A code to ask for, and when. */
interface Wanted {
  readonly deviceId: string;
  readonly code: Unissued;
  readonly address: string;
  readonly at: Instant;
}

/**
 * The loop of one issuer: asks it for the codes that wait, one at a time, the one that starts first. The codes
 * themselves are the queue, so that nothing is lost; an issuer that can't be asked is left alone for a while.
 */
export class OfflineLoop {
  readonly #issuer: OfflineCodeIssuer;
  readonly #parts: OfflineLoopParts;
  #sleep = new AbortController();
  #stopped = false;
  #listAt = Number.NEGATIVE_INFINITY;
  /** Tries in a row that brought nothing, and until when none is made. */
  #failures = 0;
  #pausedTill = Number.NEGATIVE_INFINITY;

  constructor(issuer: OfflineCodeIssuer, parts: OfflineLoopParts) {
    this.#issuer = issuer;
    this.#parts = parts;
  }

  /** Something about a lock of this issuer may have changed. */
  wake(): void {
    this.#sleep.abort();
  }

  /** Ends what is under way. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.wake();
    await this.#issuer.stop();
  }

  /** Runs until stopped. */
  async run(): Promise<void> {
    const { clock, log } = this.#parts;
    while (!this.#stopped) {
      // Made before the look, so that a wake during the turn ends the sleep that follows it.
      this.#sleep = new AbortController();
      let till: Instant;
      try {
        till = await this.#turn();
      } catch (error) {
        log.error({ vendor: this.#issuer.vendor, err: error }, 'A turn failed; it is tried again');
        till = clock.now().earliest + FAULT_PAUSE_MS;
      }
      if (!this.#stopped) await this.#idle(till);
    }
  }

  /** Sleeps until an instant, and no longer than that takes by a clock that never steps. */
  async #idle(till: Instant): Promise<void> {
    const { clock } = this.#parts;
    const ended = new AbortController();
    const signal = AbortSignal.any([this.#sleep.signal, ended.signal]);
    const longestMs = till - clock.now().earliest;
    await Promise.race([clock.sleepUntil(till, signal), clock.sleepFor(longestMs, signal)]);
    ended.abort();
  }

  /** One step. Returns the instant until which nothing is to be done. */
  async #turn(): Promise<Instant> {
    const { clock } = this.#parts;
    if (isReached(this.#listAt, clock.now().earliest)) await this.#list();
    const reading = clock.now();
    const now = reading.earliest;
    const idleTill = Math.min(this.#listAt, now + IDLE_MAX_MS);
    // By the same reading: what is due now would always be due a moment later.
    const next = this.#next(reading);
    if (next === undefined) return idleTill;
    const at = Math.max(next.at, isReached(this.#pausedTill, now) ? now : this.#pausedTill);
    if (at > now) return Math.min(at, idleTill);
    if (!this.#stopped) await this.#ask(next);
    return clock.now().earliest;
  }

  /** Meets the locks that the issuer knows. */
  async #list(): Promise<void> {
    const { clock } = this.#parts;
    const devices = await bounded(this.#issuer.devices(), [], DRIVER_DEADLINE_MS, this.#parts);
    if (this.#stopped) return;
    for (const device of devices) this.#meet(device);
    this.#listAt = clock.now().earliest + (devices.length > 0 ? LIST_EVERY_MS : LIST_AGAIN_MS);
  }

  #meet({ vendor, address, name, model, rules }: OfflineDevice): void {
    const { store, clock, policy } = this.#parts;
    const deviceId = store.deviceIdOf({ radio: 'offline', network: vendor, address, serial: null });
    const description = descriptionOf(address, model, { vendor, rules });
    store.transaction(() => {
      const now = clock.now();
      const before = store.lockState(deviceId);
      const unmet = { lock: { ...unmetLock(deviceId), nickname: name }, codes: [], slots: [] };
      const body = { kind: 'found', description, snapshot: [] } as const;
      const heard = { deviceId, at: now.earliest, body };
      const step = observe(before ?? unmet, heard, undefined, policy, now);
      if (step.state !== before) store.commit(before, step.state, step.events);
    });
    this.#parts.onChange(deviceId);
  }

  /** The code to ask for next: of those whose time has come the one that starts first. */
  #next(now: TimeReading): Wanted | undefined {
    const { store } = this.#parts;
    const wanted = store.deviceIds().flatMap((deviceId): Wanted[] => {
      const state = store.lockState(deviceId);
      const address = state && this.#addressOf(state);
      if (state === undefined || address === undefined) return [];
      return state.codes.flatMap((code) => {
        const at = issueDueAt(code, now);
        return at === null || !isUnissued(code) ? [] : { deviceId, code, address, at };
      });
    });
    const rank = ({ at }: Wanted): number => Math.max(at, now.earliest);
    const starts = ({ code }: Wanted): number => code.issue.window.startsAt;
    return wanted.toSorted((a, b) => rank(a) - rank(b) || starts(a) - starts(b))[0];
  }

  /** How this issuer calls a lock; `undefined`: it is another one's. */
  #addressOf({ lock }: LockState): string | undefined {
    if (lock.capabilities?.offline?.vendor !== this.#issuer.vendor) return undefined;
    return this.#issuer.vendor === 'lockhub' ? lock.deviceId : String(lock.address);
  }

  async #ask({ deviceId, code, address }: Wanted): Promise<void> {
    const { store, policy, clock, log } = this.#parts;
    const { accessCodeId, name, issue } = code;
    store.transaction(() => {
      const before = store.lockState(deviceId);
      if (before !== undefined) store.commit(before, withIssueAsked(before, accessCodeId), []);
    });
    const silent: OfflineIssueOutcome = {
      kind: 'retry',
      reason: 'timed_out',
      afterMs: null,
      message: 'The issuer did not answer within its deadline.',
    };
    const asked = this.#issuer.issue({ accessCodeId, address, window: issue.window, name });
    const outcome = await bounded(asked, silent, DRIVER_DEADLINE_MS, this.#parts);
    const fields = { deviceId, accessCodeId, vendor: this.#issuer.vendor };
    const reason = outcome.kind === 'issued' ? null : outcome.reason;
    log.info({ ...fields, outcome: outcome.kind, reason }, 'An issuer was asked for a code');
    store.transaction(() => {
      const now = clock.now();
      this.#pause(outcome, now.earliest);
      const before = store.lockState(deviceId);
      if (before === undefined) return;
      const step = settleIssue(before, accessCodeId, outcome, policy, now);
      store.commit(before, step.state, step.events);
    });
    this.#parts.onChange(deviceId);
  }

  /** What fails for one code now fails for all of them. */
  #pause(outcome: OfflineIssueOutcome, now: Instant): void {
    this.#failures = outcome.kind === 'retry' ? this.#failures + 1 : 0;
    this.#pausedTill =
      outcome.kind === 'retry'
        ? issuedRetryAt(outcome, this.#failures, this.#issuer.vendor, now)
        : Number.NEGATIVE_INFINITY;
  }
}

/** A time too far ahead was told by a clock that was wrong. */
function isReached(at: Instant, now: Instant): boolean {
  return at <= now || at - now > LONGEST_ISSUE_WAIT_MS;
}

/** A lock that the hub reaches by nothing: it has no slots, and nothing is known of it but what its issuer says. */
function descriptionOf(address: string, model: string, offline: OfflineCapability) {
  return {
    radio: 'offline',
    address,
    model,
    capabilities: {
      firstSlot: 1,
      lastSlot: 0,
      adminSlots: [],
      pinLength: { min: 4, max: 12 },
      constraints: [{ type: 'cannot_specify_pin_code' }],
      nativeScheduling: null,
      weekDaySchedules: 0,
      disabledCodes: false,
      checksum: false,
      offline,
    },
    secure: true,
    batteryLevel: null,
    locked: null,
  } as const;
}
