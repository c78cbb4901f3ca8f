import type { Clock } from '../clock.ts';
import { doerOf, failed, type Command, type CommandError, type CommandOutcome } from '../core/command.ts';
import type { RadioKind } from '../core/lock-event.ts';
import type { PairingNow } from '../core/radio-view.ts';
import { MINUTE_MS } from '../core/time.ts';
import type { LockDriver, PairingEnd } from '../lock-driver.ts';
import type { Store } from '../store/store.ts';
import type { Log } from './lock-loop.ts';

/** Commands looked at when something changes; more than this many never wait. */
const LOOK_MAX = 100;

/** Longest a network stays open for a lock that is to leave (the port). */
const REMOVAL_MS = MINUTE_MS;

const RADIOS: readonly RadioKind[] = ['zwave', 'zigbee'];

export interface RadioCommandsParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  /** The driver of this kind of radio, up or not; `undefined`: the hub has none. */
  readonly driverOf: (kind: RadioKind) => { readonly driver: LockDriver; readonly isUp: boolean } | undefined;
  /** Awaited before a lock is taken out or replaced. Never rejects. */
  readonly beforeRisk?: () => Promise<unknown>;
  /** Told when `pairing()` is another one. */
  readonly onPairing: () => void;
}

/** What `PairingNow` says that the driver does not know. */
type Current = Pick<PairingNow, 'commandId' | 'kind' | 'radio' | 'deviceId' | 'closesAt' | 'ended'>;

/** A command that opens a network, and for how long. */
interface Wish extends Pick<Current, 'kind' | 'deviceId'> {
  readonly command: Command;
  /** `null`: the lock is in no network. */
  readonly radio: RadioKind | null;
  readonly durationMs: number;
}

/** The hub does it without a radio, over a restart of itself. */
function isUnderWayAtHub({ request, outcome }: Command): boolean {
  // A wipe goes on over restarts, by a mark of its own.
  if (request?.type === 'wipe') return true;
  return outcome.state === 'running' && request !== null && doerOf(request) === 'hub';
}

/** Commands that need a radio as a whole: locks are let in and taken out, one at a time. */
export class RadioCommands {
  readonly #parts: RadioCommandsParts;
  /** Those that this process has begun. */
  readonly #begun = new Map<string, Promise<void>>();

  #current: Current | null = null;

  constructor(parts: RadioCommandsParts) {
    this.#parts = parts;
  }

  /** What is under way, or the last one since the start. */
  pairing(): PairingNow | null {
    if (this.#current === null) return null;
    const { radio, ended } = this.#current;
    const progress = this.#parts.driverOf(radio)?.driver.pairing.progress() ?? OPENING;
    return { ...this.#current, ...(ended === null ? progress : ENDED) };
  }

  /** Something may wait to be done. */
  look(): void {
    const { store, clock } = this.#parts;
    for (const command of store.commands.open(null, LOOK_MAX)) {
      if (this.#begun.has(command.commandId) || isUnderWayAtHub(command)) continue;
      const now = clock.now().earliest;
      if (command.outcome.state === 'running') this.#end(command, INTERRUPTED);
      else if (now >= command.expiresAt) this.#end(command, { state: 'expired' });
      else this.#begin(command);
    }
  }

  /** Closes every network and waits for what was begun to be settled. */
  async stop(): Promise<void> {
    for (const kind of RADIOS) this.#parts.driverOf(kind)?.driver.pairing.stop();
    await Promise.all(this.#begun.values());
  }

  #radioOf(deviceId: string): RadioKind | null {
    const radio = this.#parts.store.lockState(deviceId)?.lock.radio ?? null;
    return radio === 'offline' ? null : radio;
  }

  /** Those that need no radio are done where they came in. */
  #begin(command: Command): void {
    const { request } = command;
    if (request?.type === 'start_pairing') {
      const { radio, durationMs, qr, pin, asksForPin } = request;
      const wish = { command, kind: 'pair', radio, deviceId: null, durationMs } as const;
      this.#run(wish, ({ pairing }) => pairing.start({ durationMs, qr, pin, asksForPin }));
    } else if (request?.type === 'remove_device') {
      const { deviceId } = request;
      const radio = this.#radioOf(deviceId);
      const wish = { command, kind: 'remove', radio, deviceId, durationMs: REMOVAL_MS } as const;
      this.#run(wish, ({ pairing }) => pairing.remove(deviceId));
    } else if (request?.type === 'replace_device') {
      const { deviceId, durationMs, qr, pin, asksForPin } = request;
      const radio = this.#radioOf(deviceId);
      const wish = { command, kind: 'replace', radio, deviceId, durationMs } as const;
      this.#run(wish, ({ pairing }) => pairing.replace(deviceId, { durationMs, qr, pin, asksForPin }));
    } else if (request?.type === 'enter_pairing_pin') {
      const { pin } = request;
      const isTaken = RADIOS.some((kind) => this.#parts.driverOf(kind)?.driver.pairing.enterPin(pin));
      this.#end(command, isTaken ? { state: 'succeeded', result: {} } : NOTHING_ASKED);
    } else if (request?.type === 'stop_pairing') {
      const kinds = request.radio === null ? RADIOS : [request.radio];
      for (const kind of kinds) this.#parts.driverOf(kind)?.driver.pairing.stop();
      this.#end(command, { state: 'succeeded', result: {} });
    }
  }

  #run(wish: Wish, work: (driver: LockDriver) => Promise<PairingEnd>): void {
    const { store, clock, log } = this.#parts;
    const { command, kind, radio: radioKind, deviceId, durationMs } = wish;
    const { commandId } = command;
    const radio = radioKind === null ? undefined : this.#parts.driverOf(radioKind);
    if (radio === undefined) return this.#end(command, NO_RADIO);
    if (!radio.isUp) return this.#end(command, RADIO_DOWN);
    const at = clock.now().earliest;
    store.transaction(() => store.commands.settle(commandId, { state: 'running' }, at));
    // One that is refused because another is under way must not hide that one.
    if (this.#begun.size === 0)
      this.#show({
        commandId,
        kind,
        radio: radio.driver.radio,
        deviceId,
        closesAt: at + durationMs,
        ended: null,
      });
    const running = this.#prepared(kind)
      .then(() => work(radio.driver))
      .then(outcomeOf)
      .catch((error: unknown) => {
        log.error({ err: error }, 'A radio driver threw, which is a bug');
        return FAULT;
      })
      .then((outcome) => {
        this.#begun.delete(commandId);
        this.#end(command, outcome);
        if (this.#current?.commandId === commandId) this.#show({ ...this.#current, ended: outcome });
      });
    this.#begun.set(commandId, running);
  }

  async #prepared(kind: Wish['kind']): Promise<void> {
    if (kind !== 'pair') await this.#parts.beforeRisk?.();
  }

  #show(current: Current): void {
    this.#current = current;
    this.#parts.onPairing();
  }

  #end({ commandId, type }: Command, outcome: CommandOutcome): void {
    const { store, clock, log } = this.#parts;
    log.info({ commandId, type, state: outcome.state }, 'Command ended');
    store.transaction(() => store.commands.settle(commandId, outcome, clock.now().earliest));
  }
}

const OPENING = { stage: 'opening', dsk: null, progress: null } as const;
const ENDED = { stage: 'ended', dsk: null, progress: null } as const;

const INTERRUPTED = failed('interrupted', 'The hub ended while it was under way.');
const NOTHING_ASKED = failed('invalid_input', 'No lock waits for its five digits.');
const NO_RADIO = failed('unsupported', 'The hub has no radio of this kind.');
const RADIO_DOWN = failed('radio_down', 'The radio does not answer.');
const FAULT = failed('hub_fault', 'The hub failed; its log says how.');

const ERRORS: Readonly<Record<Extract<PairingEnd, { kind: 'failed' }>['reason'], CommandError>> = {
  busy: 'busy',
  radio_down: 'radio_down',
  invalid_qr: 'invalid_input',
  unsupported: 'unsupported',
  insecure: 'refused_by_lock',
  still_there: 'device_online',
  no_lock: 'unsupported',
};

function outcomeOf(end: PairingEnd): CommandOutcome {
  switch (end.kind) {
    case 'done':
      return { state: 'succeeded', result: { device_ids: end.deviceIds } };
    case 'stopped':
      return { state: 'succeeded', result: { device_ids: end.deviceIds, stopped: true } };
    case 'timed_out':
      return failed('timed_out', 'Nothing happened before the time was over.');
    case 'failed':
      return failed(ERRORS[end.reason], end.message);
  }
}
