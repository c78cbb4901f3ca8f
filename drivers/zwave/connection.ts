import { isZWaveError, ZWaveErrorCodes } from '@zwave-js/core';
import type { Logger } from 'pino';
import { Driver, type ZWaveOptions } from 'zwave-js';
import { SystemClock } from '../../src/clock.ts';
import { faultOf, faultText, type RadioFault } from '../../src/core/radio-fault.ts';
import type { RadioState, RadioStorage } from '../../src/lock-driver.ts';
import { giveMemory, memoryGiven, needsMemory, whoAnswers } from './kept-memory.ts';
import type { SecurityKeys } from './keys.ts';
import { libraryOptions } from './library-options.ts';
import { within } from './within.ts';

/** A radio that is not there is tried again after this long, then twice as long, up to the maximum. */
const RETRY_FIRST_MS = 500;
const RETRY_MAX_MS = 10_000;

/** Longest a start may take from opening the port until the controller is known. */
const START_TIMEOUT_MS = 120_000;

/** Longest the library may take to close; a stick that hangs must not keep the hub from stopping. */
const CLOSE_TIMEOUT_MS = 2_500;

export interface ConnectionOptions {
  /** Serial path or `tcp://host:port`. */
  readonly port: string;
  readonly storage: RadioStorage;
  readonly securityKeys: SecurityKeys;
  readonly log: Logger;
  /** The controller is up and its nodes are known. */
  readonly onReady: (driver: Driver) => void;
  /** The controller is gone, or could not be reached. */
  readonly onDown: (message: string) => void;
  readonly onState: (state: RadioState, message: string, fault?: RadioFault) => void;
  /** Other programs that have the port, for the message; absent: nobody looks. */
  readonly holders?: () => readonly string[];
  readonly testingHooks?: ZWaveOptions['testingHooks'];
}

/** Keeps one controller open: starts it, notices when it is lost, and starts it again until `stop`. */
export class Connection {
  readonly #options: ConnectionOptions;
  readonly #stopping = new AbortController();
  #ended: Promise<void> = Promise.resolve();
  #state: RadioState | null = null;
  #fault: RadioFault | null = null;

  constructor(options: ConnectionOptions) {
    this.#options = options;
  }

  /** The controller can be asked for something right now. */
  get isUp(): boolean {
    return this.#state === 'ready';
  }

  /** Resolves when the first attempt has ended, well or not. */
  start(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#ended = this.#run(resolve);
      this.#ended.catch(reject);
    });
  }

  /** Bounded by the time the library may take to close. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#ended;
  }

  async #run(onFirstAttempt: () => void): Promise<void> {
    const clock = new SystemClock();
    let delayMs = RETRY_FIRST_MS;
    while (!this.#stopping.signal.aborted) {
      const session = new Session(this.#options, this.#stopping.signal, (state, message) =>
        this.#tell(state, message),
      );
      this.#tell('starting', 'opening the radio');
      const isReady = await session.ready;
      if (isReady) {
        delayMs = RETRY_FIRST_MS;
        onFirstAttempt();
      }
      const message = await session.lost;
      this.#options.onDown(message);
      if (!this.#stopping.signal.aborted) this.#tell('down', message);
      onFirstAttempt();
      await session.close();
      await clock.sleepFor(delayMs, this.#stopping.signal);
      delayMs = Math.min(delayMs * 2, RETRY_MAX_MS);
    }
  }

  /** A radio that stays away for the same reason is reported once and not at each attempt. */
  #tell(state: RadioState, message: string): void {
    if (this.#state === 'down' && state === 'starting') return;
    const { port, holders, onState } = this.#options;
    const fault = state === 'down' ? faultOf(message) : null;
    if (this.#state === state && this.#fault === fault) return;
    this.#state = state;
    this.#fault = fault;
    if (fault === null) onState(state, message);
    else onState(state, faultText(fault, port, fault === 'port_taken' ? (holders?.() ?? []) : []), fault);
  }
}

/** One life of the library: from opening the port to its loss. */
class Session {
  /** True when the controller is up; false when this attempt has failed. */
  readonly ready: Promise<boolean>;
  /** Settles, with the reason, when this session is of no more use. */
  readonly lost: Promise<string>;
  readonly #driver: Driver;
  readonly #log: Logger;

  constructor(
    options: ConnectionOptions,
    stopping: AbortSignal,
    tell: (state: RadioState, message: string) => void,
  ) {
    let isReady = false;
    let isGiving = false;
    const driver = new Driver(
      options.port,
      libraryOptions({
        ...options,
        onPortOpening: () => {
          if (isReady) tell('down', 'the port of the radio was lost');
        },
        onPortOpened: () => {
          // A stick can be open and say nothing: the library reopens the port of one that hangs, again and again.
          if (!isReady) return;
          void whoAnswers(driver).then((stick) => {
            if (stick === 'same') tell('ready', 'the radio answers again');
            if (stick === 'another') lost.resolve('another stick was plugged in');
          });
        },
      }),
    );
    this.#driver = driver;
    this.#log = options.log;
    const lost = Promise.withResolvers<string>();
    this.lost = lost.promise;
    driver.on('error', (error) => {
      // The library reports lesser troubles the same way; only these end it.
      if (!isZWaveError(error) || error.code === ZWaveErrorCodes.Driver_Failed) lost.resolve(reasonOf(error));
      else options.log.warn({ code: error.code }, 'the radio library reports an error');
    });
    const onStop = (): void => lost.resolve('stopped');
    stopping.addEventListener('abort', onStop);
    void lost.promise.then(() => stopping.removeEventListener('abort', onStop));
    const startTimer = (): NodeJS.Timeout =>
      setTimeout(() => lost.resolve('the radio did not start in time'), START_TIMEOUT_MS);
    let timer = startTimer();
    const up = new Promise<boolean>((resolve) => {
      driver.on('driver ready', () => {
        clearTimeout(timer);
        if (isReady) return;
        if (isGiving) memoryGiven(driver, options.storage);
        else if (needsMemory(driver, options.storage)) {
          isGiving = true;
          tell('starting', 'giving the new stick the network of the old one');
          void giveMemory(driver, options.storage, options.log).then(() => {
            // A stick that has taken it starts once more, and the library with it, which tells of that only by being ready.
            if (!isReady) timer = startTimer();
          });
          return;
        }
        isReady = true;
        tell('ready', 'the radio is up');
        options.onReady(driver);
        resolve(true);
      });
    });
    driver.start().catch((error: unknown) => lost.resolve(reasonOf(error)));
    this.ready = Promise.race([up, this.lost.then(() => false)]).finally(() => clearTimeout(timer));
  }

  async close(): Promise<void> {
    const closed = this.#driver.destroy().catch((error: unknown) => {
      this.#log.warn({ err: error }, 'the radio library did not close cleanly');
    });
    await within(closed, CLOSE_TIMEOUT_MS);
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : 'the radio failed';
}
