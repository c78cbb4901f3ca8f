import type { Logger } from 'pino';
import type { Controller } from 'zigbee-herdsman';
import { SystemClock, type Clock } from '../../src/clock.ts';
import type { Operation, Outcome } from '../../src/core/operation.ts';
import type { NetworkView } from '../../src/core/radio-view.ts';
import type {
  ActionOutcome,
  DriverHost,
  LinkOutcome,
  LockAction,
  LockDriver,
  Pairing,
} from '../../src/lock-driver.ts';
import { act, actionOutcomeOf } from './act/act.ts';
import { isAnswering } from './attributes.ts';
import { Connection } from './connection.ts';
import { eraseStick, keepBackup, silenceLibrary } from './controller.ts';
import { Discovery } from './discovery.ts';
import { Evidence } from './evidence.ts';
import { execute } from './execute/execute.ts';
import { NO_MEMORY, RadioFolder, SHARED_MEMORY } from './folder.ts';
import { actAtKeypad } from './keypad/act.ts';
import type { Keypad } from './keypad/keypad.ts';
import { checkLink } from './link-check.ts';
import type { AnswerTimes, ZigbeeLock } from './lock.ts';
import { viewOf, type Network } from './network-view.ts';
import type { ZigbeeDriverOptions } from './options.ts';
import { radioDown, unknown, unreachable, unsupported } from './outcome.ts';
import { Parents } from './parents.ts';
import { ZigbeePairing } from './pairing/pairing.ts';
import { takeTurn, type Turn } from './turn.ts';
import { unlessEnded, within } from './within.ts';

/** A write and its proof at a lock that sleeps and answers slowly; the port allows 30 s. */
const EXECUTE_DEADLINE_MS = 28_000;
const PAIRING_STOP_MS = 500;
const PING_DEADLINE_MS = 5_000;
const LINK_CHECK_MS = 24_000;
/** A stick is asked for every entry of its tables. */
const BACKUP_DEADLINE_MS = 120_000;
/** A stick that was reset takes some seconds to be back. */
const RESET_DEADLINE_MS = 40_000;
/**
 * A sleeping lock is waited for up to its poll interval, in which the air is free for others. As many as the library
 * itself speaks to at a time (`concurrent` of its adapters for current sticks).
 */
const LOCKS_AT_ONCE = 16;
const ANSWER_TIMES: AnswerTimes = { questionMs: 6_000, writeMs: 9_000 };

/** Locks over Zigbee, by zigbee-herdsman. One at a time in a process: the library keeps its devices in globals. */
export function createZigbeeDriver(options: ZigbeeDriverOptions): LockDriver {
  return new ZigbeeDriver(options);
}

class ZigbeeDriver implements LockDriver {
  readonly radio = 'zigbee';
  readonly locksAtOnce = LOCKS_AT_ONCE;
  readonly #options: ZigbeeDriverOptions;
  readonly #log: Logger;
  readonly #clock: Clock;
  readonly #pairing: ZigbeePairing;
  #host: DriverHost | null = null;
  #folder: RadioFolder | null = null;
  #connection: Connection | null = null;
  #network: Network | null = null;
  /** The controller is lost or closed. The library leaves what waits for an answer waiting, which nobody else should. */
  #lost = new AbortController();

  constructor(options: ZigbeeDriverOptions) {
    this.#options = options;
    this.#log = options.log.child({ radio: this.radio });
    this.#clock = options.clock ?? new SystemClock();
    this.#pairing = new ZigbeePairing(
      () => (this.#isUp ? this.#network : null),
      () => this.#host,
      options.storage,
      this.#clock,
    );
  }

  start(host: DriverHost): Promise<void> {
    this.#host = host;
    silenceLibrary(this.#log);
    const { memoryPlace = SHARED_MEMORY, storage } = this.#options;
    if (memoryPlace === null) return Promise.resolve(host.onRadioState('down', NO_MEMORY));
    this.#folder = new RadioFolder(storage, memoryPlace);
    this.#connection = new Connection({
      ...this.#options,
      log: this.#log,
      clock: this.#clock,
      folder: this.#folder,
      accepts: (ieee) => this.#accepts(ieee),
      onReady: (controller) => this.#meetLocks(controller, host),
      onDown: () => this.#endDiscovery(),
      onState: (state, message, fault) => host.onRadioState(state, message, fault),
    });
    return this.#connection.start();
  }

  get pairing(): Pairing {
    return this.#pairing;
  }

  async execute(deviceId: string, operation: Operation): Promise<Outcome> {
    if (this.#keypad(deviceId) !== undefined) return unsupported;
    const slot = 'slot' in operation ? operation.slot : null;
    return this.#inTurn(
      deviceId,
      slot,
      (outcome) => outcome,
      (lock) => execute(lock, operation),
    );
  }

  async act(deviceId: string, action: LockAction): Promise<ActionOutcome> {
    const keypad = this.#keypad(deviceId);
    if (keypad !== undefined) return this.#actAtKeypad(keypad, action);
    return this.#inTurn(deviceId, null, actionOutcomeOf, (lock, jam) => {
      if (this.#network === null)
        return Promise.resolve({ kind: 'radio_down', message: 'The radio is not there.' });
      return act(lock, action, jam, this.#network.discovery);
    });
  }

  async keepStick(): Promise<boolean> {
    const controller = this.#isUp ? this.#network?.controller : undefined;
    if (controller === undefined || this.#folder === null) return false;
    const isKept = await within(keepBackup(controller), BACKUP_DEADLINE_MS);
    this.#folder.save();
    return isKept ?? false;
  }

  async resetStick(): Promise<boolean> {
    const controller = this.#isUp ? this.#network?.controller : undefined;
    if (controller === undefined) return false;
    return (await within(eraseStick(controller), RESET_DEADLINE_MS)) ?? false;
  }

  async ping(deviceId: string): Promise<boolean> {
    const member = this.#network?.discovery.member(deviceId);
    if (member === undefined) return false;
    const answering = within(isAnswering(member), PING_DEADLINE_MS);
    return (await unlessEnded(answering, this.#lost.signal)) ?? false;
  }

  async checkLink(deviceId: string): Promise<LinkOutcome> {
    const keypad = this.#keypad(deviceId);
    if (keypad !== undefined) {
      const checked = await unlessEnded(checkLink(keypad, LINK_CHECK_MS), this.#lost.signal);
      return checked ?? linkOutcomeOf(lostOnTheWay);
    }
    return this.#inTurn<LinkOutcome>(deviceId, null, linkOutcomeOf, (lock) => checkLink(lock, LINK_CHECK_MS));
  }

  network(): NetworkView | null {
    return this.#isUp && this.#network !== null ? viewOf(this.#network, this.#options.keys) : null;
  }

  async stop(): Promise<void> {
    this.#pairing.stop();
    await within(this.#pairing.ended, PAIRING_STOP_MS);
    this.#network?.discovery.stop();
    this.#network?.parents.stop();
    await this.#connection?.stop();
    this.#connection = null;
    this.#folder?.remove();
    this.#folder = null;
    this.#options.storage.flush();
  }

  /** Who is known may come back with another short address; strangers only while the network is open for them. */
  #accepts(ieee: string): boolean {
    const isGuest = this.#pairing.isGuest(ieee);
    if (isGuest) this.#network?.discovery.expectAnew(ieee);
    return isGuest || this.#network?.controller.getDeviceByIeeeAddr(ieee) !== undefined;
  }

  async #meetLocks(controller: Controller, host: DriverHost): Promise<void> {
    const { storage, keys, zone, known, answerTimes = ANSWER_TIMES } = this.#options;
    const save = (): void => this.#folder?.save();
    const backUp = (): void => {
      controller.backup().then(save, () => this.#log.warn('the stick could not be backed up'));
    };
    const discovery = new Discovery({
      controller,
      host,
      storage,
      keys,
      zone,
      now: this.#options.now ?? (() => new SystemClock().now()),
      known: known?.() ?? [],
      times: answerTimes,
      log: this.#log,
      clock: this.#clock,
      save,
      backUp,
    });
    const { type, meta } = await controller.getCoordinatorVersion();
    const revision = meta['revision'];
    const stick = revision === undefined ? type : `${type}, revision ${revision}`;
    this.#network = { controller, discovery, parents: new Parents(controller), stick };
    this.#lost = new AbortController();
    discovery.start();
  }

  #keypad(deviceId: string): Keypad | undefined {
    return this.#isUp ? this.#network?.discovery.keypads.get(deviceId) : undefined;
  }

  async #actAtKeypad(keypad: Keypad, action: LockAction): Promise<ActionOutcome> {
    const { executeDeadlineMs = EXECUTE_DEADLINE_MS } = this.#options;
    if (this.#network === null) return actionOutcomeOf(lostOnTheWay);
    const acting = within(actAtKeypad(keypad, action, this.#network.discovery), executeDeadlineMs);
    const outcome = await unlessEnded(acting, this.#lost.signal);
    return outcome ?? actionOutcomeOf(this.#isUp ? tookTooLong : lostOnTheWay);
  }

  /** Does something at a lock within the deadline, one after the other. */
  async #inTurn<T>(
    deviceId: string,
    slot: number | null,
    otherwise: (outcome: Outcome) => T,
    work: (lock: ZigbeeLock, jam: Evidence) => Promise<T>,
  ): Promise<T> {
    const { executeDeadlineMs = EXECUTE_DEADLINE_MS } = this.#options;
    const lock = this.#presentLock(deviceId);
    if ('kind' in lock) return otherwise(lock);
    const taking = takeTurn(lock, executeDeadlineMs, this.#log, async () => {
      const jam = new Evidence();
      lock.occupation.work = { slot, jam };
      try {
        return await work(lock, jam);
      } finally {
        lock.occupation.work = null;
      }
    });
    const turn = await unlessEnded(taking, this.#lost.signal);
    if (turn === undefined) return otherwise(lostOnTheWay);
    if (turn.kind !== 'ended') return otherwise(outcomeOfTurn(turn));
    const isSameRadio = this.#isUp && this.#network?.discovery.lock(deviceId)?.device === lock.device;
    const { kind } = turn.result as { readonly kind: string };
    if (!isSameRadio && kind !== 'done' && kind !== 'refused') return otherwise(lostOnTheWay);
    if (kind === 'unreachable') this.#network?.discovery.missed(lock);
    return turn.result;
  }

  /** The lock, or what is to be said of one that can't be spoken to now. */
  #presentLock(deviceId: string): ZigbeeLock | Outcome {
    if (!this.#isUp) return radioDown('the radio is not there');
    const lock = this.#network?.discovery.lock(deviceId);
    return lock ?? radioDown('the lock was not met since the radio came back');
  }

  get #isUp(): boolean {
    return this.#network !== null && this.#connection?.isUp === true;
  }

  #endDiscovery(): void {
    this.#network?.discovery.stop();
    this.#network?.parents.stop();
    this.#network = null;
    this.#lost.abort();
    this.#pairing.radioLost();
  }
}

const lostOnTheWay = unknown('the radio was lost on the way');
const tookTooLong = unknown('the keypad took too long');

function linkOutcomeOf(outcome: Outcome): LinkOutcome {
  const action = actionOutcomeOf(outcome);
  if (action.kind === 'done') throw new Error('A check of a link has a result.');
  return action;
}

function outcomeOfTurn(turn: Exclude<Turn<unknown>, { readonly kind: 'ended' }>): Outcome {
  switch (turn.kind) {
    case 'busy':
      return unreachable('the lock is still busy with an earlier operation');
    case 'late':
      return unknown('the lock took too long');
  }
}
