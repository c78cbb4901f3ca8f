import { HardResetRequest } from '@zwave-js/serial/serialapi';
import type { Logger } from 'pino';
import type { ZWaveOptions } from 'zwave-js';
import { SystemClock } from '../../src/clock.ts';
import type { Operation, Outcome } from '../../src/core/operation.ts';
import type { TimeReading } from '../../src/core/time.ts';
import type { NetworkView } from '../../src/core/radio-view.ts';
import type {
  ActionOutcome,
  DriverHost,
  LockAction,
  LinkOutcome,
  LockDriver,
  Pairing,
  RadioStorage,
} from '../../src/lock-driver.ts';
import { act, actionOutcomeOf, isReinterviewed } from './act/act.ts';
import { Connection } from './connection.ts';
import { Discovery } from './discovery.ts';
import { Evidence } from './evidence.ts';
import { execute } from './execute/execute.ts';
import { actAtKeypad } from './keypad/act.ts';
import type { Keypad } from './keypad/keypads.ts';
import type { SecurityKeys } from './keys.ts';
import type { ZwaveLock } from './lock.ts';
import { keepMemory } from './kept-memory.ts';
import { checkLink } from './link-check.ts';
import { viewOf } from './network-view.ts';
import { isUndecoded, unknown, outcomeOfError, radioDown, unreachable, type Deed } from './outcome.ts';
import type { Network } from './pairing/network.ts';
import { ZwavePairing } from './pairing/pairing.ts';
import { takeTurn, type Turn } from './turn.ts';
import { within } from './within.ts';

const EXECUTE_DEADLINE_MS = 15_000;
/** An interview may take so many times longer than an operation; one of hundreds of slots goes on after the answer. */
const REINTERVIEW_FACTOR = 2;
/** Longest an open network may take to close at the stop. */
const PAIRING_STOP_MS = 500;
/** A lock that is half in when the time of a pairing is over may come in: exchanging keys takes as long. */
const FINISH_TIMEOUT_MS = 60_000;
const PING_DEADLINE_MS = 5_000;
/** A stick forgets its network within seconds. */
const RESET_DEADLINE_MS = 40_000;
/** Longest a check of a link goes on, and may take until it has ended. */
const LINK_CHECK_MS = 24_000;
const LINK_DEADLINE_MS = 30_000;

export interface ZwaveDriverOptions {
  /** Serial path or `tcp://host:port`. */
  readonly port: string;
  /** Other programs that have the port, by name, as far as the system shows them; absent: nobody looks. */
  readonly holders?: () => readonly string[];
  readonly storage: RadioStorage;
  readonly securityKeys: SecurityKeys;
  readonly log: Logger;
  /** The hub's time, which locks are given and compared with; the machine's, if absent. */
  readonly now?: () => TimeReading;
  /** Longest an operation may take, counted from the call; at most 15 s, also if absent (the port allows 30 s). */
  readonly executeDeadlineMs?: number;
  /** Longest a lock that is half in when a pairing's time is over is waited for; absent: a minute. */
  readonly finishTimeoutMs?: number;
  /** Passed to zwave-js, for tests that have no hardware to probe. */
  readonly testingHooks?: ZWaveOptions['testingHooks'];
}

/**
 * Locks over Z-Wave, by zwave-js. The process's time zone has to be the site's before this is called: the library
 * gives it to the locks (must-know 4).
 */
export function createZwaveDriver(options: ZwaveDriverOptions): LockDriver {
  return new ZwaveDriver(options);
}

class ZwaveDriver implements LockDriver {
  readonly radio = 'zwave';
  readonly #pairing = new ZwavePairing(
    () => (this.#isUp ? this.#network : null),
    () => this.#tellPairing(),
  );
  readonly #options: ZwaveDriverOptions;
  #tellPairing: () => void = () => undefined;
  /** As the controller last told them. */
  readonly #neighbors = new Map<number, readonly number[]>();
  #connection: Connection | null = null;
  #network: Network | null = null;
  /** Resolves at the stop: the library leaves some answers that it waits for open when it is destroyed. */
  readonly #stopped = Promise.withResolvers<undefined>();

  constructor(options: ZwaveDriverOptions) {
    this.#options = options;
  }

  start(host: DriverHost): Promise<void> {
    this.#tellPairing = () => host.onPairing();
    const log = this.#options.log.child({ radio: this.radio });
    const { storage, finishTimeoutMs = FINISH_TIMEOUT_MS } = this.#options;
    const now = this.#options.now ?? (() => new SystemClock().now());
    this.#connection = new Connection({
      ...this.#options,
      log,
      onReady: (driver) => {
        this.#pairing.forgetExpected(driver);
        const discovery = new Discovery({ driver, host, storage, now, log });
        this.#network = { driver, discovery, finishTimeoutMs };
      },
      onDown: () => this.#endDiscovery(),
      onState: (state, message, fault) => host.onRadioState(state, message, fault),
    });
    return this.#connection.start();
  }

  get pairing(): Pairing {
    return this.#pairing;
  }

  async act(deviceId: string, action: LockAction): Promise<ActionOutcome> {
    const { executeDeadlineMs = EXECUTE_DEADLINE_MS } = this.#options;
    const deadlineMs = executeDeadlineMs * (action === 'reinterview' ? REINTERVIEW_FACTOR : 1);
    const keypad = this.#network?.discovery.keypad(deviceId);
    if (keypad !== undefined) return this.#actAtKeypad(keypad, action, deadlineMs);
    const lock = this.#presentLock(deviceId);
    if ('kind' in lock) return actionOutcomeOf(lock);
    const turn = await takeTurn(lock, deadlineMs, this.#stopped.promise, this.#options.log, () =>
      this.#act(lock, action),
    );
    return turn.kind === 'ended' ? turn.result : actionOutcomeOf(outcomeOfTurn(turn));
  }

  async execute(deviceId: string, operation: Operation): Promise<Outcome> {
    const { executeDeadlineMs = EXECUTE_DEADLINE_MS } = this.#options;
    const lock = this.#presentLock(deviceId);
    if ('kind' in lock) return lock;
    const turn = await takeTurn(lock, executeDeadlineMs, this.#stopped.promise, this.#options.log, () =>
      this.#run(lock, operation),
    );
    return turn.kind === 'ended' ? turn.result : outcomeOfTurn(turn);
  }

  async ping(deviceId: string): Promise<boolean> {
    const node = this.#network?.discovery.nodeOf(deviceId);
    if (node === undefined) return false;
    const answered = node.ping().catch(() => false);
    return (await within(answered, PING_DEADLINE_MS)) ?? false;
  }

  async checkLink(deviceId: string): Promise<LinkOutcome> {
    const lock = this.#presentLock(deviceId);
    if ('kind' in lock) return linkOutcomeOf(lock);
    const late = Promise.withResolvers<undefined>();
    const timer = setTimeout(() => late.resolve(undefined), LINK_CHECK_MS);
    const turn = await takeTurn(lock, LINK_DEADLINE_MS, this.#stopped.promise, this.#options.log, () =>
      this.#checkLink(lock, late.promise),
    ).finally(() => clearTimeout(timer));
    return turn.kind === 'ended' ? turn.result : linkOutcomeOf(outcomeOfTurn(turn));
  }

  network(): NetworkView | null {
    return this.#isUp && this.#network !== null ? viewOf(this.#network, this.#neighbors) : null;
  }

  async keepStick(): Promise<boolean> {
    const driver = this.#isUp ? this.#network?.driver : undefined;
    if (driver === undefined) return false;
    return keepMemory(driver, this.#options.storage, this.#options.log);
  }

  async resetStick(): Promise<boolean> {
    const driver = this.#isUp ? this.#network?.driver : undefined;
    if (driver === undefined) return false;
    // The library would begin to work with the empty stick, which is to be left alone.
    const reset = driver.sendMessage(new HardResetRequest(), { supportCheck: false }).then(
      () => true,
      () => false,
    );
    return (await within(reset, RESET_DEADLINE_MS)) ?? false;
  }

  async stop(): Promise<void> {
    this.#pairing.stop();
    await within(this.#pairing.ended, PAIRING_STOP_MS);
    this.#endDiscovery();
    await this.#connection?.stop();
    this.#connection = null;
    this.#stopped.resolve(undefined);
    this.#options.storage.flush();
  }

  /** The lock, or what is to be said of one that can't be spoken to now. */
  #presentLock(deviceId: string): ZwaveLock | Outcome {
    const lock = this.#network?.discovery.lock(deviceId);
    if (!this.#isUp) return radioDown('the radio is not there');
    // After a reconnect the radio is up some moments before its locks are introduced again.
    if (lock === undefined) return radioDown('the lock was not met since the radio came back');
    // The library has forgotten what it checks commands with.
    return isReinterviewed(lock.node) ? unreachable('the lock is being asked everything anew') : lock;
  }

  async #run(lock: ZwaveLock, operation: Operation): Promise<Outcome> {
    const duplicate = new Evidence();
    lock.occupation.work = {
      slot: 'slot' in operation ? operation.slot : null,
      duplicate,
      jam: new Evidence(),
    };
    try {
      const outcome = await execute(lock, operation, duplicate);
      if (outcome.kind === 'done') lock.credentials.understood();
      return outcome;
    } catch (error) {
      return this.#outcomeOf(error, lock, operation.kind);
    } finally {
      lock.occupation.work = null;
    }
  }

  async #act(lock: ZwaveLock, action: LockAction): Promise<ActionOutcome> {
    const jam = new Evidence();
    lock.occupation.work = { slot: null, duplicate: new Evidence(), jam };
    try {
      const outcome = await act(lock, action, jam);
      if (outcome.kind === 'done') lock.credentials.understood();
      return outcome;
    } catch (error) {
      return actionOutcomeOf(this.#outcomeOf(error, lock, action));
    } finally {
      lock.occupation.work = null;
    }
  }

  async #actAtKeypad(keypad: Keypad, action: LockAction, deadlineMs: number): Promise<ActionOutcome> {
    const { discovery } = this.#network ?? {};
    if (!this.#isUp || discovery === undefined) return actionOutcomeOf(radioDown('the radio is not there'));
    const { meetings } = discovery;
    const acted = actAtKeypad(keypad, action, () => meetings.next(keypad.node.id)).catch((error: unknown) =>
      actionOutcomeOf(outcomeOfError(error, action, this.#isUp && this.#network?.discovery === discovery)),
    );
    return (await within(acted, deadlineMs)) ?? actionOutcomeOf(unknown('the keypad took too long'));
  }

  async #checkLink(lock: ZwaveLock, late: Promise<unknown>): Promise<LinkOutcome> {
    try {
      const outcome = await checkLink(lock, late);
      // The check has asked the controller the same, so this costs no frame on the air.
      const { controller } = lock.driver;
      for (const nodeId of [lock.node.id, controller.ownNodeId ?? 1])
        this.#neighbors.set(nodeId, await controller.getNodeNeighbors(nodeId));
      return outcome;
    } catch (error) {
      return linkOutcomeOf(this.#outcomeOf(error, lock, 'check_link'));
    }
  }

  #outcomeOf(error: unknown, lock: ZwaveLock, deed: Deed): Outcome {
    if (isUndecoded(error)) lock.credentials.undecoded();
    const isSameRadio = this.#isUp && this.#network?.discovery.lock(lock.deviceId)?.driver === lock.driver;
    return outcomeOfError(error, deed, isSameRadio);
  }

  get #isUp(): boolean {
    return this.#network !== null && this.#connection?.isUp === true;
  }

  #endDiscovery(): void {
    this.#network?.discovery.stop();
    this.#network = null;
    this.#pairing.radioLost();
  }
}

function linkOutcomeOf(outcome: Outcome): LinkOutcome {
  const action = actionOutcomeOf(outcome);
  if (action.kind === 'done') throw new Error('A check of a link has a result.');
  return action;
}

function outcomeOfTurn(turn: Exclude<Turn<unknown>, { kind: 'ended' }>): Outcome {
  switch (turn.kind) {
    case 'busy':
      return unreachable('the lock is still busy with an earlier operation');
    case 'late':
      return unknown('the lock took too long');
  }
}
