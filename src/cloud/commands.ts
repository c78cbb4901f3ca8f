import {
  CLOCK_UNCERTAIN,
  doerOf,
  failed,
  isSettled,
  lockOf,
  type Command,
  type CommandOutcome,
} from '../core/command.ts';
import { isExact } from '../core/timing/lock-clock.ts';
import { DAY_MS } from '../core/time.ts';
import { HubCommands, type HubCommandsOptions } from './hub-commands.ts';
import type { AfterAck } from './inbox.ts';
import type { ReadCommand } from './messages/command.ts';

/** Commands that wait or are under way; more are refused, because nobody waits for a hundred doors. */
const OPEN_MAX = 100;

/** An id is known for this long (rule 5 of the MQTT contract), so no command may come to life later. */
const REMEMBERED_MS = 30 * DAY_MS;

export interface CommandsOptions extends HubCommandsOptions {
  /** Something waits that needs a radio as a whole. */
  readonly wakeRadios: () => void;
}

/** One-shot wishes from the cloud: each is stored before it is acknowledged, happens once, and is answered. */
export class Commands {
  readonly #options: CommandsOptions;
  readonly #hub: HubCommands;

  constructor(options: CommandsOptions) {
    this.#options = options;
    this.#hub = new HubCommands(options);
  }

  /** Stores a command or, if its id is known, has its outcome told again. To be called inside no transaction. */
  take(read: ReadCommand): AfterAck {
    const { store, clock } = this.#options;
    const open = store.transaction(() => {
      const known = store.commands.get(read.commandId);
      if (known !== undefined) {
        store.commands.tellAgain(read.commandId);
        return undefined;
      }
      const at = clock.now().earliest;
      store.commands.forgetBefore(at - REMEMBERED_MS);
      const { commandId, type, expiresAt } = read;
      const request = 'invalid' in read.request ? null : read.request;
      const outcome = this.#firstOutcome(read);
      const command = { commandId, type, request, receivedAt: at, expiresAt, outcome, outcomeAt: at };
      store.commands.add(command);
      return isSettled(outcome) ? undefined : command;
    });
    return () => {
      if (open !== undefined) this.#forward(open);
    };
  }

  /** Goes on with what was stored before the hub ended. */
  resume(): void {
    for (const command of this.#options.store.commands.open(null, OPEN_MAX)) this.#forward(command);
  }

  #firstOutcome({ request, expiresAt }: ReadCommand): CommandOutcome {
    const { store, clock } = this.#options;
    const now = clock.now();
    if ('invalid' in request) return failed('invalid_input', request.invalid);
    if (now.earliest >= expiresAt) return { state: 'expired' };
    if (expiresAt - now.earliest > REMEMBERED_MS) return TOO_LONG;
    if (request.type === 'unlock_door' && !isExact(now)) return CLOCK_UNCERTAIN;
    const deviceId = 'deviceId' in request ? request.deviceId : null;
    if (deviceId !== null && store.lockState(deviceId)?.lock.radio == null) return UNKNOWN_DEVICE;
    return store.commands.openCount() < OPEN_MAX ? { state: 'accepted' } : BUSY;
  }

  /** To whoever can do it. */
  #forward({ commandId, request }: Command): void {
    if (request === null) return;
    const { wake, wakeRadios } = this.#options;
    const deviceId = lockOf(request);
    if (deviceId !== null) wake(deviceId);
    else if (doerOf(request) === 'radio') wakeRadios();
    else this.#hub.begin(commandId, request);
  }
}

const UNKNOWN_DEVICE = failed('unknown_device', 'params.device_id: the hub has met no such lock.');
const TOO_LONG = failed('invalid_input', 'expires_at: must be at most 30 days ahead.');
const BUSY = failed('busy', `${OPEN_MAX} commands wait.`);
