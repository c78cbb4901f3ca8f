import { useState } from 'preact/hooks';
import { ApiError } from '../../api.ts';
import { failureOf, runCommand, type CommandWish } from '../../run-command.ts';
import { watch } from './watched.ts';

/** A button that begins something: whether it was asked for and not granted yet, and why it was not. */
export function useBegin() {
  const [isBusy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const begin = async (wish: CommandWish): Promise<void> => {
    setBusy(true);
    setFailure(null);
    try {
      const command = await runCommand(wish);
      // It is shown in place of the form, also where it was over before this tab saw it under way.
      watch(command.command_id);
      setFailure(failureOf(command));
    } catch (error) {
      setFailure(error instanceof ApiError ? error.message : String(error));
    }
    setBusy(false);
  };
  return { isBusy, failure, begin: (wish: CommandWish): void => void begin(wish) };
}
