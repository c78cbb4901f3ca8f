import type { Clock } from '../clock.ts';
import { failed, type Command, type CommandError, type CommandOutcome } from '../core/command.ts';
import type { RadioKind } from '../core/lock-event.ts';
import type { LockDriver, PairingEnd } from '../lock-driver.ts';
import type { Store } from '../store/store.ts';
import type { Log } from './lock-loop.ts';

/** Commands looked at when something changes; more than this many never wait. */
const LOOK_MAX = 100;

const RADIOS: readonly RadioKind[] = ['zwave', 'zigbee'];

export interface RadioCommandsParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  /** The driver of this kind of radio, up or not; `undefined`: the hub has none. */
  readonly driverOf: (kind: RadioKind) => { readonly driver: LockDriver; readonly isUp: boolean } | undefined;
}

/** Commands that need a radio as a whole: locks are let in and taken out, one at a time. */
export class RadioCommands {
  readonly #parts: RadioCommandsParts;
  /** Those that this process has begun. */
  readonly #begun = new Map<string, Promise<void>>();

  constructor(parts: RadioCommandsParts) {
    this.#parts = parts;
  }

  /** Something may wait to be done. */
  look(): void {
    const { store, clock } = this.#parts;
    for (const command of store.commands.open(null, LOOK_MAX)) {
      if (this.#begun.has(command.commandId)) continue;
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

  /** Those that need no radio are done where they came in. */
  #begin(command: Command): void {
    const { request } = command;
    if (request?.type === 'start_pairing') {
      const { radio, durationMs, qr, pin } = request;
      this.#run(command, radio, (driver) => driver.pairing.start({ durationMs, qr, pin }));
    } else if (request?.type === 'remove_device') {
      const { deviceId } = request;
      const radio = this.#parts.store.lockState(deviceId)?.lock.radio ?? null;
      this.#run(command, radio, (driver) => driver.pairing.remove(deviceId));
    } else if (request?.type === 'stop_pairing') {
      const kinds = request.radio === null ? RADIOS : [request.radio];
      for (const kind of kinds) this.#parts.driverOf(kind)?.driver.pairing.stop();
      this.#end(command, { state: 'succeeded', result: {} });
    }
  }

  #run(command: Command, kind: RadioKind | null, work: (driver: LockDriver) => Promise<PairingEnd>): void {
    const { store, clock, log } = this.#parts;
    const radio = kind === null ? undefined : this.#parts.driverOf(kind);
    if (radio === undefined) return this.#end(command, NO_RADIO);
    if (!radio.isUp) return this.#end(command, RADIO_DOWN);
    store.transaction(() =>
      store.commands.settle(command.commandId, { state: 'running' }, clock.now().earliest),
    );
    const running = work(radio.driver)
      .then(outcomeOf)
      .catch((error: unknown) => {
        log.error({ err: error }, 'A radio driver threw, which is a bug');
        return FAULT;
      })
      .then((outcome) => {
        this.#begun.delete(command.commandId);
        this.#end(command, outcome);
      });
    this.#begun.set(command.commandId, running);
  }

  #end({ commandId, type }: Command, outcome: CommandOutcome): void {
    const { store, clock, log } = this.#parts;
    log.info({ commandId, type, state: outcome.state }, 'Command ended');
    store.transaction(() => store.commands.settle(commandId, outcome, clock.now().earliest));
  }
}

const INTERRUPTED = failed('interrupted', 'The hub ended while it was under way.');
const NO_RADIO = failed('unsupported', 'The hub has no radio of this kind.');
const RADIO_DOWN = failed('radio_down', 'The radio does not answer.');
const FAULT = failed('hub_fault', 'The hub failed; its log says how.');

const ERRORS: Readonly<Record<Extract<PairingEnd, { kind: 'failed' }>['reason'], CommandError>> = {
  busy: 'busy',
  radio_down: 'radio_down',
  invalid_qr: 'invalid_input',
  unsupported: 'unsupported',
  insecure: 'refused_by_lock',
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
