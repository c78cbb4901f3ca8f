import { MINUTE_MS, SECOND_MS } from '../../../src/core/time.ts';
import type { PairingProgress, PairingStage } from '../../../src/core/radio-view.ts';
import type { Pairing, PairingEnd, PairingRequest } from '../../../src/lock-driver.ts';
import type { SimLock } from '../lock/lock.ts';

/** How often an open network is looked at. */
const LOOK_EVERY_MS = SECOND_MS / 2;
/** How long the network listens for a lock that is told at its keypad to leave. */
const EXCLUSION_MS = MINUTE_MS;
/** Longest a lock that has joined is waited for until it has answered everything. */
const MEET_TIMEOUT_MS = 2 * MINUTE_MS;
/** How long somebody may look for the digits of a lock. */
const PIN_TIMEOUT_MS = 4 * MINUTE_MS;
const QR_PATTERN = /^90\d{50,}$/;

/** A lock that is in. */
export interface Admitted {
  readonly deviceId: string;
  readonly isMet: () => boolean;
}

/** The network that locks get into and out of. */
export interface Place {
  readonly locks: readonly SimLock[];
  readonly sleep: (durationMs: number) => Promise<void>;
  /** False when the radio is gone. */
  readonly up: () => boolean;
  /** Takes a lock in and begins to interview it. */
  readonly admit: (lock: SimLock) => Admitted;
  /** The same, in the place of a lock that is gone. */
  readonly succeed: (deviceId: string, lock: SimLock) => Admitted;
  /** The progress is another one. */
  readonly tell: () => void;
  /** The lock of a device; `undefined`: there is none. */
  readonly lockOf: (deviceId: string) => SimLock | undefined;
  readonly answers: (deviceId: string) => Promise<boolean>;
  readonly dismiss: (deviceId: string) => void;
}

/** Pairing over the lock models: what asks at its keypad gets in or out, a lock with S2 only by its PIN or QR code. */
export class DirectPairing implements Pairing {
  readonly #place: Place;
  #underway: { stopped: boolean } | null = null;
  #progress: PairingProgress | null = null;
  /** The digits that were entered last. */
  #pin: string | null = null;

  constructor(place: Place) {
    this.#place = place;
  }

  start(request: PairingRequest): Promise<PairingEnd> {
    return this.#alone(async () => {
      if (request.qr !== null && !QR_PATTERN.test(request.qr)) return INVALID_QR;
      const lock = await this.#comer(request);
      return lock === undefined ? this.#end() : this.#letIn(lock, request, () => this.#place.admit(lock));
    });
  }

  stop(): void {
    if (this.#underway !== null) this.#underway.stopped = true;
  }

  remove(deviceId: string): Promise<PairingEnd> {
    return this.#alone(async () => {
      const lock = this.#place.lockOf(deviceId);
      if (lock === undefined) return failed('radio_down', 'no such lock was met on this radio');
      const asks = (): true | undefined => (lock.membership.asks === 'leave' ? true : undefined);
      this.#at('waiting_for_lock');
      const isOut =
        !(await this.#place.answers(deviceId)) || (await this.#first(asks, EXCLUSION_MS)) === true;
      if (!isOut || !this.#place.up()) return this.#end();
      this.#place.dismiss(deviceId);
      return { kind: 'done', deviceIds: [deviceId] };
    });
  }

  replace(deviceId: string, request: PairingRequest): Promise<PairingEnd> {
    return this.#alone(async () => {
      if (request.qr !== null && !QR_PATTERN.test(request.qr)) return INVALID_QR;
      const old = this.#place.lockOf(deviceId);
      if (old === undefined) return failed('radio_down', 'no such lock was met on this radio');
      if (await this.#place.answers(deviceId)) return failed('still_there', 'the old lock still answers');
      const lock = await this.#comer(request);
      if (lock === undefined) return this.#end();
      return this.#letIn(lock, request, () => this.#place.succeed(deviceId, lock));
    });
  }

  enterPin(pin: string | null): boolean {
    if (this.#progress?.stage !== 'pin_needed') return false;
    this.#pin = pin;
    this.#at('exchanging_keys');
    return true;
  }

  progress(): PairingProgress | null {
    return this.#progress;
  }

  /** The first lock that asks to join in its time. */
  #comer({ qr, durationMs }: PairingRequest): Promise<SimLock | undefined> {
    this.#at('waiting_for_lock');
    return this.#first(() => this.#place.locks.find((lock) => mayJoin(lock, qr)), durationMs);
  }

  /** The digits that somebody enters in time. */
  async #asked(dsk: string): Promise<string | null> {
    this.#pin = null;
    this.#show({ stage: 'pin_needed', dsk: dsk.slice(dsk.indexOf('-') + 1), progress: null });
    const isOver = (): true | undefined => (this.#progress?.stage === 'pin_needed' ? undefined : true);
    await this.#first(isOver, PIN_TIMEOUT_MS);
    return this.#pin;
  }

  #at(stage: PairingStage): void {
    this.#show({ stage, dsk: null, progress: null });
  }

  #show(progress: PairingProgress | null): void {
    this.#progress = progress;
    this.#place.tell();
  }

  async #letIn(
    lock: SimLock,
    { qr, pin, asksForPin }: PairingRequest,
    admit: () => Admitted,
  ): Promise<PairingEnd> {
    const { membership } = lock;
    const { label } = membership;
    this.#at('exchanging_keys');
    const mustAsk = label !== null && qr === null && pin === null && asksForPin;
    const digits = mustAsk ? await this.#asked(label.dsk) : pin;
    if (!this.#place.up() || this.#underway?.stopped !== false) return this.#end();
    const isProven = label === null || qr !== null || digits === label.pin;
    if (!isProven) {
      // Without its keys it would show nothing; the hub sees no more of it than if it had left again.
      membership.dismissed();
      return failed('insecure', 'the lock joined without its keys and shows no codes');
    }
    this.#at('interviewing');
    const { deviceId, isMet } = admit();
    const met = await this.#first(() => (isMet() ? true : undefined), MEET_TIMEOUT_MS);
    return met === undefined ? this.#end() : { kind: 'done', deviceIds: [deviceId] };
  }

  /** The first that is seen in its time; `undefined`: none, or the radio is gone, or it was stopped. */
  async #first<T>(look: () => T | undefined, durationMs: number): Promise<T | undefined> {
    for (let passedMs = 0; passedMs <= durationMs; passedMs += LOOK_EVERY_MS) {
      if (!this.#place.up() || this.#underway?.stopped !== false) return undefined;
      const seen = look();
      if (seen !== undefined) return seen;
      await this.#place.sleep(LOOK_EVERY_MS);
    }
    return undefined;
  }

  #end(): PairingEnd {
    if (this.#underway?.stopped === true) return { kind: 'stopped', deviceIds: [] };
    return this.#place.up() ? { kind: 'timed_out' } : failed('radio_down', 'the radio is gone');
  }

  async #alone(work: () => Promise<PairingEnd>): Promise<PairingEnd> {
    if (!this.#place.up()) return failed('radio_down', 'the radio is gone');
    if (this.#underway !== null) return failed('busy', 'the radio is letting a lock in or out already');
    this.#underway = { stopped: false };
    this.#at('opening');
    try {
      return await work();
    } finally {
      this.#underway = null;
      this.#show(null);
    }
  }
}

/** A code names one lock; without one, any that asks. */
function mayJoin({ membership, fault }: SimLock, qr: string | null): boolean {
  const isNamed = qr === null || membership.label?.qr === qr;
  return membership.asks === 'join' && fault.kind !== 'unreachable' && isNamed;
}

const INVALID_QR = failed('invalid_qr', 'the text is no QR code of a lock');

function failed(reason: Extract<PairingEnd, { kind: 'failed' }>['reason'], message: string): PairingEnd {
  return { kind: 'failed', reason, message };
}
