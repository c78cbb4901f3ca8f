import {
  CLOCK_UNCERTAIN,
  failed,
  type Command,
  type CommandError,
  type CommandOutcome,
  type CommandRequest,
} from '../core/command.ts';
import { observe } from '../core/observe/observe.ts';
import type { LinkCheck } from '../core/radio-view.ts';
import { isExact } from '../core/timing/lock-clock.ts';
import type { TimeReading } from '../core/time.ts';
import type { ActionOutcome, LinkOutcome, LockAction, LockDriver } from '../lock-driver.ts';
import { bounded, DRIVER_DEADLINE_MS } from './bounded.ts';
import { selfTest, type SelfTestParts } from './self-test.ts';

/** Commands looked at in one turn; the others wait for the next. */
const LOOK_MAX = 20;

export type LockCommandsParts = SelfTestParts;

/** What the cloud or a technician wants of one lock once: tried one time each, because doors must not move twice. */
export class LockCommands {
  readonly #deviceId: string;
  readonly #parts: LockCommandsParts;

  constructor(deviceId: string, parts: LockCommandsParts) {
    this.#deviceId = deviceId;
    this.#parts = parts;
  }

  /** The next one to do. Those that can't be done any more are ended. To be called inside a transaction. */
  next(now: TimeReading): Command | undefined {
    const { commands } = this.#parts.store;
    for (const command of commands.open(this.#deviceId, LOOK_MAX)) {
      const end = endOf(command, now);
      if (end === null) return command;
      commands.settle(command.commandId, end, now.earliest);
    }
    return undefined;
  }

  /** Does it and tells what came of it. It counts as begun before the radio is touched. */
  async perform({ commandId, request }: Command, driver: LockDriver): Promise<void> {
    const { store, clock, log } = this.#parts;
    store.transaction(() => store.commands.settle(commandId, { state: 'running' }, clock.now().earliest));
    const outcome = await this.#do(request, driver);
    log.info(
      { deviceId: this.#deviceId, commandId, type: request?.type, outcome: outcome.state },
      'Command ended',
    );
    store.transaction(() => store.commands.settle(commandId, outcome, clock.now().earliest));
  }

  async #do(request: CommandRequest | null, driver: LockDriver): Promise<CommandOutcome> {
    const { store, clock } = this.#parts;
    if (request?.type === 'self_test') return selfTest(this.#deviceId, driver, this.#parts);
    const outcome = await bounded(this.#ask(request, driver), LOST, DRIVER_DEADLINE_MS, this.#parts);
    if (outcome.kind === 'done') store.transaction(() => this.#heard(clock.now()));
    return commandOutcome(request, outcome);
  }

  async #ask(request: CommandRequest | null, driver: LockDriver): Promise<ActionOutcome | LinkOutcome> {
    if (request?.type === 'ping') {
      const isThere = await driver.ping(this.#deviceId);
      return isThere ? { kind: 'done' } : { kind: 'unreachable', message: 'The lock does not answer.' };
    }
    if (request?.type === 'check_link') return driver.checkLink(this.#deviceId);
    const action = request && actionOf(request);
    if (action === null) throw new Error(`A lock was given a command that is none: ${request?.type}`);
    return driver.act(this.#deviceId, action);
  }

  /** Whoever answers is there, which a lock that was lost has to be told of. */
  #heard(now: TimeReading): void {
    const { store, policy } = this.#parts;
    const before = store.lockState(this.#deviceId);
    if (before === undefined || before.lock.online) return;
    const heard = { deviceId: this.#deviceId, at: now.earliest, body: { kind: 'online' } } as const;
    const step = observe(before, heard, undefined, policy, now);
    store.commit(before, step.state, step.events);
  }
}

const LOST = { kind: 'unknown', message: 'The driver did not answer within its deadline.' } as const;

/** Why it is not to be done any more; `null`: it is. */
function endOf({ request, expiresAt, outcome }: Command, now: TimeReading): CommandOutcome | null {
  // Only one is done at a time, so one that was begun and is still open was cut short by the end of the process.
  if (outcome.state === 'running') {
    return failed(
      'interrupted',
      'The hub ended while it was under way: nobody knows whether the lock did it.',
    );
  }
  if (now.earliest >= expiresAt) return { state: 'expired' };
  // What was typed at a keypad is judged already, by the clock as it is, and opens within a minute or never.
  const isWish = request?.type === 'unlock_door' && request.entry === undefined;
  return isWish && !isExact(now) ? CLOCK_UNCERTAIN : null;
}

function actionOf(request: CommandRequest): LockAction | null {
  switch (request.type) {
    case 'lock_door':
      return 'lock';
    case 'unlock_door':
      return 'unlock';
    case 'identify':
    case 'reinterview':
      return request.type;
    case 'ping':
    case 'audit':
    case 'set_keypad':
    case 'set_offline_secret':
    case 'wipe':
    case 'pull_backup_access_code':
    case 'reveal_code':
    case 'generate_code':
    case 'diagnostics':
    case 'make_backup':
    case 'rotate_key':
    case 'update':
    case 'resend_events':
    case 'start_pairing':
    case 'stop_pairing':
    case 'remove_device':
    case 'replace_device':
    case 'enter_pairing_pin':
    case 'self_test':
    case 'check_link':
      return null;
  }
}

const ERRORS: Readonly<Record<Exclude<ActionOutcome['kind'], 'done'>, CommandError>> = {
  jammed: 'jammed',
  refused: 'refused_by_lock',
  unsupported: 'unsupported',
  unreachable: 'device_offline',
  unknown: 'no_answer',
  radio_down: 'radio_down',
};

function commandOutcome(
  request: CommandRequest | null,
  outcome: ActionOutcome | LinkOutcome,
): CommandOutcome {
  if (outcome.kind !== 'done') return failed(ERRORS[outcome.kind], outcome.message);
  if ('check' in outcome) return { state: 'succeeded', result: linkResult(outcome.check) };
  const isDoor = request?.type === 'lock_door' || request?.type === 'unlock_door';
  return { state: 'succeeded', result: isDoor ? { locked: request.type === 'lock_door' } : {} };
}

function linkResult({ rating, rounds }: LinkCheck): Readonly<Record<string, unknown>> {
  return {
    rating,
    rounds: rounds.map((round) => ({
      round_trip_ms: round.roundTripMs,
      rssi_dbm: round.rssiDbm,
      failed_pings: round.failedPings,
    })),
  };
}
