import { CommanderError } from 'commander';
import type { Logger } from 'pino';
import { portTaken } from './port-taken.ts';

export const EXIT_FAILURE = 1;
const EXIT_USAGE = 2;
/** After this a stop that hangs becomes an exit, so that a signal always ends the process within 5 s. */
export const STOP_TIMEOUT_MS = 4500;
const KEEP_ALIVE_MS = 3_600_000;

/** Mistakes in the config or another file that the user named; one line each. */
export class UsageError extends Error {}

/** It can't start, and a person can mend it: the message is one line that says how. */
export class StartError extends Error {}

/** Where the last word about a bug goes, once there is a log. */
let log: Logger | undefined;

/** From now on the last word about a bug goes to this log. */
export function lastWordTo(to: Logger): void {
  log = to;
}

/** Resolves at SIGTERM or SIGINT. From then on the process ends within 5 s, and at a second signal at once. */
export function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    // A hub without radios and without a cloud waits for nothing, which would end the process.
    const staysAlive = setInterval(() => undefined, KEEP_ALIVE_MS);
    const stop = (signal: NodeJS.Signals): void => {
      clearInterval(staysAlive);
      log?.info({ signal }, 'stopping');
      setTimeout(() => giveUp(new Error('The stop took too long')), STOP_TIMEOUT_MS).unref();
      process.once('SIGTERM', () => process.exit(EXIT_FAILURE));
      process.once('SIGINT', () => process.exit(EXIT_FAILURE));
      resolve();
    };
    process.once('SIGTERM', stop);
    process.once('SIGINT', stop);
  });
}

/** Ends the process: one line for a mistake or a failed start, one log line (with the stack in it) for a bug. */
export function giveUp(error: unknown): never {
  // The parser has printed its line already.
  if (error instanceof CommanderError) process.exit(error.exitCode === 0 ? 0 : EXIT_USAGE);
  const isExpected = error instanceof UsageError || error instanceof StartError;
  if (!isExpected && error instanceof Error && error.name === 'StoreError') {
    log?.fatal(
      { reason: error.message },
      'the database ended the hub; one that is damaged is repaired at the next start',
    );
  } else if (!isExpected && log !== undefined) {
    log.fatal({ err: error }, 'a bug ended the hub');
  } else {
    const text = error instanceof Error ? error.message : String(error);
    process.stderr.write(`${isExpected ? text : `lockhub: ${text.replaceAll(/\s+/g, ' ')}`}\n`);
  }
  process.exit(error instanceof UsageError ? EXIT_USAGE : EXIT_FAILURE);
}

/**
 * What the system or the store says at the start is for the user, and so is what `isWrongFile` knows as the mistake of a
 * file that the user named; anything else is a bug.
 */
export async function started<T>(
  work: () => Promise<T>,
  isWrongFile: (error: unknown) => Promise<boolean>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Error && (await isWrongFile(error)))
      throw new UsageError(error.message, { cause: error });
    const taken = portTaken(error);
    if (taken !== undefined) throw new StartError(taken, { cause: error });
    const { StoreError } = await import('../store/errors.ts');
    const isForUser = error instanceof StoreError || (error instanceof Error && 'syscall' in error);
    throw isForUser ? new StartError(error.message, { cause: error }) : error;
  }
}
