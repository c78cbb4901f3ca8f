import { firstOutcomeOf, COMMAND_REMEMBERED_MS, COMMANDS_OPEN_MAX } from '../core/command-intake.ts';
import { doerOf, failed, isSettled, lockOf, type Command, type CommandOutcome } from '../core/command.ts';
import { HubCommands, type HubCommandsOptions } from './hub-commands.ts';
import type { AfterAck } from './inbox.ts';
import type { ReadCommand } from './messages/command.ts';

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
      store.commands.forgetBefore(at - COMMAND_REMEMBERED_MS);
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
    for (const command of this.#options.store.commands.open(null, COMMANDS_OPEN_MAX)) this.#forward(command);
  }

  #firstOutcome({ request, expiresAt }: ReadCommand): CommandOutcome {
    const { store, clock } = this.#options;
    if ('invalid' in request) return failed('invalid_input', request.invalid);
    return firstOutcomeOf(request, expiresAt, clock.now(), {
      linkOf: (deviceId) => store.lockState(deviceId)?.lock.radio ?? null,
      openCount: () => store.commands.openCount(),
    });
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
