import type { PageCommand } from '../http/page/types.ts';
import { again } from './again.ts';
import { ApiError, pageGet, pagePost } from './api.ts';
import { onStream } from './live.ts';

/** A pairing may take five minutes, and what it waits for at its end some more. */
const WAIT_MAX_MS = 10 * 60_000;

/** A command with its parameters, as `POST /page/commands` takes it. */
export type CommandWish = Readonly<Record<string, unknown>> & { readonly type: PageCommand['type'] };

/** Asks for a command and resolves with it when it has come to its end. Rejects with an `ApiError`. */
export async function runCommand(wish: CommandWish): Promise<PageCommand> {
  const { command } = await pagePost<{ command: PageCommand }>('commands', wish);
  return endOf(command.command_id);
}

/** Why a command did not do what was asked, in the hub's words; `null`: it did. */
export function failureOf({ state, error }: Pick<PageCommand, 'state' | 'error'>): string | null {
  if (state === 'expired') return 'The hub did not come to it in time, so nothing was done.';
  return state === 'failed' ? (error?.message ?? 'The hub did not say why.') : null;
}

function endOf(commandId: string): Promise<PageCommand> {
  return new Promise((resolve, reject) => {
    const settle = (command: PageCommand): void => {
      if (command.state === 'accepted' || command.state === 'running') return;
      stop();
      resolve(command);
    };
    // Its end may have been told before anybody listened, or while the stream was cut.
    const look = again(async () => {
      const answer = await pageGet<{ command: PageCommand }>('commands', { command_id: commandId }).catch(
        () => null,
      );
      if (answer !== null) settle(answer.command);
    });
    const ignore = onStream((message) => {
      if (message.kind === 'command' && message.command.command_id === commandId) settle(message.command);
      else if (message.kind === 'hello') look();
    });
    const timer = setTimeout(() => {
      stop();
      reject(new ApiError(0, 'unreachable', 'The hub did not tell how this ended.'));
    }, WAIT_MAX_MS);
    const stop = (): void => {
      ignore();
      clearTimeout(timer);
    };
    look();
  });
}
