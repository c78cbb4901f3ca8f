import type { Logger } from 'pino';
import type { ZWaveOptions } from 'zwave-js';
import type { Operation, Outcome } from '../../src/core/operation.ts';
import {
  NO_PAIRING,
  type ActionOutcome,
  type DriverHost,
  type LockDriver,
  type RadioStorage,
} from '../../src/lock-driver.ts';
import { Connection } from './connection.ts';
import { Discovery } from './discovery.ts';
import { DuplicateEvidence } from './duplicate-evidence.ts';
import { execute } from './execute/execute.ts';
import type { SecurityKeys } from './keys.ts';
import type { ZwaveLock } from './lock.ts';
import { isUndecoded, unknown, outcomeOfError, radioDown, unreachable } from './outcome.ts';
import { within } from './within.ts';

const EXECUTE_DEADLINE_MS = 15_000;
const PING_DEADLINE_MS = 5_000;

export interface ZwaveDriverOptions {
  /** Serial path or `tcp://host:port`. */
  readonly port: string;
  readonly storage: RadioStorage;
  readonly securityKeys: SecurityKeys;
  readonly log: Logger;
  /** Longest an operation may take, counted from the call; at most 30 s (the port), 15 s if absent. */
  readonly executeDeadlineMs?: number;
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
  readonly pairing = NO_PAIRING;
  readonly #options: ZwaveDriverOptions;
  #connection: Connection | null = null;
  #discovery: Discovery | null = null;
  /** Resolves at the stop: the library leaves some answers that it waits for open when it is destroyed. */
  readonly #stopped = Promise.withResolvers<undefined>();

  constructor(options: ZwaveDriverOptions) {
    this.#options = options;
  }

  start(host: DriverHost): Promise<void> {
    const log = this.#options.log.child({ radio: this.radio });
    const { storage } = this.#options;
    this.#connection = new Connection({
      ...this.#options,
      log,
      onReady: (driver) => {
        this.#discovery = new Discovery({ driver, host, storage, log });
      },
      onDown: () => this.#endDiscovery(),
      onState: (state, message) => host.onRadioState(state, message),
    });
    return this.#connection.start();
  }

  act(): Promise<ActionOutcome> {
    return Promise.resolve({ kind: 'unsupported', message: 'The driver of this radio cannot do that.' });
  }

  async execute(deviceId: string, operation: Operation): Promise<Outcome> {
    const { executeDeadlineMs = EXECUTE_DEADLINE_MS } = this.#options;
    const deadlineAt = performance.now() + executeDeadlineMs;
    const lock = this.#discovery?.lock(deviceId);
    if (!this.#isUp) return radioDown('the radio is not there');
    // After a reconnect the radio is up some moments before its locks are introduced again.
    if (lock === undefined) return radioDown('the lock was not met since the radio came back');
    if (lock.leftover !== null) await within(lock.leftover, executeDeadlineMs);
    // What is left over from an earlier deadline may still write: nothing may overtake it.
    if (lock.leftover !== null) return unreachable('the lock is still busy with an earlier operation');
    const running = this.#run(lock, operation);
    const answer = Promise.race([running, this.#stopped.promise]);
    const outcome = await within(answer, deadlineAt - performance.now());
    if (outcome !== undefined) return outcome;
    lock.leftover = running
      .then(
        () => {},
        (error: unknown) => this.#options.log.error({ err: error }, 'a late operation failed'),
      )
      .finally(() => {
        lock.leftover = null;
      });
    return unknown('the lock took too long');
  }

  async ping(deviceId: string): Promise<boolean> {
    const lock = this.#discovery?.lock(deviceId);
    if (lock === undefined) return false;
    const answered = lock.node.ping().catch(() => false);
    return (await within(answered, PING_DEADLINE_MS)) ?? false;
  }

  async stop(): Promise<void> {
    this.#endDiscovery();
    await this.#connection?.stop();
    this.#connection = null;
    this.#stopped.resolve(undefined);
    this.#options.storage.flush();
  }

  async #run(lock: ZwaveLock, operation: Operation): Promise<Outcome> {
    const duplicate = new DuplicateEvidence();
    lock.work = { slot: 'slot' in operation ? operation.slot : null, duplicate };
    try {
      const outcome = await execute(lock, operation, duplicate);
      if (outcome.kind === 'done') lock.credentials.understood();
      return outcome;
    } catch (error) {
      if (isUndecoded(error)) lock.credentials.undecoded();
      const isSameRadio = this.#isUp && this.#discovery?.lock(lock.deviceId)?.driver === lock.driver;
      return outcomeOfError(error, operation.kind, isSameRadio);
    } finally {
      lock.work = null;
    }
  }

  get #isUp(): boolean {
    return this.#discovery !== null && this.#connection?.isUp === true;
  }

  #endDiscovery(): void {
    this.#discovery?.stop();
    this.#discovery = null;
  }
}
