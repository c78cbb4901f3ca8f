import type { Logger } from 'pino';
import type { Controller } from 'zigbee-herdsman';
import type { Clock } from '../../src/clock.ts';
import { SECOND_MS } from '../../src/core/time.ts';
import { faultOf, faultText, type RadioFault } from '../../src/core/radio-fault.ts';
import type { RadioState } from '../../src/lock-driver.ts';
import { answerOfError } from './answer.ts';
import { abandon, createController, declareLost, isAnswering, type ZigbeeAdapter } from './controller.ts';
import type { RadioFolder } from './folder.ts';
import type { ZigbeeNetworkKeys } from './keys.ts';
import { within } from './within.ts';

/** A radio that is not there is tried again after this long, then twice as long, up to the maximum. */
const RETRY_FIRST_MS = 500;
const RETRY_MAX_MS = 10_000;
/** A new network takes 4 s to form on a fast machine; a stick that has to be reset takes 30 s to say so. */
const START_TIMEOUT_MS = 60_000;
/** Longest the library may take to close; a stick that hangs must not keep the hub from stopping. */
const CLOSE_TIMEOUT_MS = 2_500;
/** How often the stick itself is asked whether it is there, without a frame on the air. */
const ASK_EVERY_MS = 20 * SECOND_MS;
/** A stick answers at once; the library gives it 6 s. */
const STICK_ANSWER_MS = 8 * SECOND_MS;
/** A stick that is busy may leave one question out. */
const UNANSWERED_MAX = 2;

export interface ConnectionOptions {
  /** Serial path or `tcp://host:port`. */
  readonly port: string;
  readonly adapter: ZigbeeAdapter;
  readonly keys: ZigbeeNetworkKeys;
  readonly folder: RadioFolder;
  readonly log: Logger;
  readonly clock: Clock;
  /** Asked for everybody who joins. */
  readonly accepts: (ieee: string) => boolean;
  /** Called before the first frame of a controller, so that none is missed. */
  readonly onReady: (controller: Controller) => Promise<void>;
  readonly onDown: () => void;
  readonly onState: (state: RadioState, message: string, fault?: RadioFault) => void;
  /** Other programs that have the port, for the message; absent: nobody looks. */
  readonly holders?: () => readonly string[];
}

/** Keeps one controller open: starts it, notices when it is lost, and makes a new one until `stop` (field note 5). */
export class Connection {
  readonly #options: ConnectionOptions;
  readonly #stopping = new AbortController();
  /** What the library said last when it could not start. It may quote frames, so only its reason is used. */
  #failure = '';
  #ended: Promise<void> = Promise.resolve();
  #state: RadioState | null = null;
  #fault: RadioFault | null = null;

  constructor(options: ConnectionOptions) {
    this.#options = options;
  }

  get isUp(): boolean {
    return this.#state === 'ready';
  }

  /** Resolves when the first attempt has ended, well or not. */
  start(): Promise<void> {
    const first = Promise.withResolvers<undefined>();
    this.#ended = this.#run(() => first.resolve(undefined));
    this.#ended.catch((error: unknown) => first.reject(error));
    return first.promise;
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#ended;
  }

  async #run(onFirstAttempt: () => void): Promise<void> {
    const { clock } = this.#options;
    const { signal } = this.#stopping;
    let delayMs = RETRY_FIRST_MS;
    while (!signal.aborted) {
      this.#tell('starting', 'opening the radio');
      if (await this.#live(onFirstAttempt)) delayMs = RETRY_FIRST_MS;
      onFirstAttempt();
      await clock.sleepFor(delayMs, signal);
      delayMs = Math.min(delayMs * 2, RETRY_MAX_MS);
    }
  }

  /** One life of the library. True when the controller was up in it. */
  async #live(onReady: () => void): Promise<boolean> {
    const { folder, log } = this.#options;
    const controller = createController({
      ...this.#options,
      databasePath: folder.databasePath,
      backupPath: folder.backupPath,
    });
    const lost = Promise.withResolvers<string>();
    const onStop = (): void => lost.resolve('stopped');
    this.#stopping.signal.addEventListener('abort', onStop);
    controller.once('adapterDisconnected', () => lost.resolve('the radio was unplugged'));
    const started = await this.#started(controller, lost.promise);
    const life = new AbortController();
    if (started && (await this.#isIntroduced(controller))) {
      this.#tell('ready', 'the radio is up');
      onReady();
      void this.#watch(controller, life.signal);
    } else lost.resolve(this.#whyNotStarted());
    const message = await lost.promise;
    life.abort();
    this.#stopping.signal.removeEventListener('abort', onStop);
    if (!this.#stopping.signal.aborted) this.#tell('down', message);
    this.#options.onDown();
    const closed = (started ? controller.stop() : abandon(controller)).catch(() =>
      log.warn('the radio library did not close cleanly'),
    );
    await within(closed, CLOSE_TIMEOUT_MS);
    folder.save();
    return started;
  }

  #whyNotStarted(): string {
    const { adapter, port } = this.#options;
    const isOfPort = faultOf(this.#failure) !== null;
    return isOfPort ? this.#failure : `no stick that speaks ${adapter} has started at ${port}`;
  }

  /** A stick that goes just after its start is one that has not started. */
  async #isIntroduced(controller: Controller): Promise<boolean> {
    this.#options.folder.save();
    try {
      await this.#options.onReady(controller);
      return true;
    } catch (error) {
      answerOfError(error);
      return false;
    }
  }

  /** Finds a line that is open and dead: a stick that hangs, or a network that swallows everything. */
  async #watch(controller: Controller, signal: AbortSignal): Promise<void> {
    let unanswered = 0;
    while (!signal.aborted) {
      await this.#options.clock.sleepFor(ASK_EVERY_MS, signal);
      if (signal.aborted) return;
      const late = this.#options.clock.sleepFor(STICK_ANSWER_MS, signal).then(() => false);
      unanswered = (await Promise.race([isAnswering(controller), late])) ? 0 : unanswered + 1;
      if (unanswered >= UNANSWERED_MAX && !signal.aborted) declareLost(controller);
    }
  }

  async #started(controller: Controller, lost: Promise<string>): Promise<boolean> {
    const { log } = this.#options;
    const starting = controller.start().then(
      (result) => {
        log.info({ result }, 'the radio has started');
        return true;
      },
      (error: unknown) => {
        this.#failure = error instanceof Error ? error.message : '';
        log.debug({ reason: error instanceof Error ? error.name : 'unknown' }, 'the radio did not start');
        return false;
      },
    );
    const result = await within(Promise.race([starting, lost.then(() => false)]), START_TIMEOUT_MS);
    return result ?? false;
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
