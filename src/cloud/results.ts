import type { Command } from '../core/command.ts';
import type { CommandLog, Store } from '../store/store.ts';
import { notedText } from '../wire/instant-text.ts';
import type { Result } from './messages/command.ts';
import { MAJOR_VERSION } from './messages/payload.ts';

/** Results looked at in one turn. */
const LOOK_MAX = 16;

/** A result, ready to be sent. */
export interface Told {
  readonly command: Command;
  readonly payload: string;
}

/** Which commands have an outcome that no broker has: read from the store, so that none is lost with the process. */
export class Results {
  readonly #commands: CommandLog;
  readonly #onTheirWay = new Set<string>();
  /** Nothing was found the last time, and nothing has changed since. */
  #isQuiet = false;

  constructor(store: Store) {
    this.#commands = store.commands;
  }

  /** On a new connection: what was on its way counts for nothing. */
  restart(): void {
    this.#onTheirWay.clear();
    this.changed();
  }

  changed(): void {
    this.#isQuiet = false;
  }

  /** The next one; a command whose last outcome is still on its way waits for it. */
  next(): Told | undefined {
    if (this.#isQuiet) return undefined;
    const found = this.#commands.untold(LOOK_MAX);
    const command = found.find(({ commandId }) => !this.#onTheirWay.has(commandId));
    if (command === undefined) {
      this.#isQuiet = true;
      return undefined;
    }
    this.#onTheirWay.add(command.commandId);
    return { command, payload: resultOf(command) };
  }

  /** A broker has it. */
  taken({ command }: Told): void {
    this.#onTheirWay.delete(command.commandId);
    this.#commands.told(command);
    this.changed();
  }
}

/** The payload of `up/result`. */
function resultOf({ commandId, type, outcome, outcomeAt }: Command): string {
  const result: Result = {
    v: MAJOR_VERSION,
    command_id: commandId,
    type,
    state: outcome.state,
    at: notedText(outcomeAt),
    ...(outcome.state === 'succeeded' && { result: outcome.result }),
    ...(outcome.state === 'failed' && { error: outcome.error }),
  };
  return JSON.stringify(result);
}
