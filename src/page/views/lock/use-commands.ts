import { useEffect, useRef, useState } from 'preact/hooks';
import type { CommandAnswer, PageCommand } from '../../../http/page/types.ts';
import { pagePost } from '../../api.ts';
import { onStream } from '../../live.ts';
import { say } from '../../ui/toast.tsx';
import { isBad, isOver, merged, standing } from './deeds.ts';

/** How many are remembered that the hub's list may not have yet. */
const HEARD_MAX = 40;

interface Commands {
  /** Of this lock, the newest first. */
  readonly all: readonly PageCommand[];
  /** Ids of those that were asked for here and now. */
  readonly asked: ReadonlySet<string>;
  /** Rejects with an `ApiError` where the hub does not take it. */
  readonly ask: (type: string) => Promise<void>;
  /** The type whose request is on its way to the hub. */
  readonly sending: string | null;
}

/** Asks the hub for deeds at one lock, follows each to its end, and says there how it ended. */
export function useCommands(deviceId: string, listed: readonly PageCommand[]): Commands {
  const [heard, setHeard] = useState<readonly PageCommand[]>([]);
  const [asked, setAsked] = useState<ReadonlySet<string>>(new Set());
  const [sending, setSending] = useState<string | null>(null);
  const hear = (command: PageCommand): void =>
    setHeard((before) => merged([command], before).slice(0, HEARD_MAX));
  useEffect(
    () =>
      onStream((message) => {
        if (message.kind === 'command' && message.command.device_id === deviceId) hear(message.command);
      }),
    [deviceId],
  );
  const all = merged(heard, listed);
  useEndings(all, asked);

  const ask = async (type: string): Promise<void> => {
    setSending(type);
    try {
      const { command } = await pagePost<CommandAnswer>('commands', { type, device_id: deviceId });
      setAsked((before) => new Set(before).add(command.command_id));
      hear(command);
    } finally {
      setSending(null);
    }
  };
  return { all, asked, ask, sending };
}

/** Says once of each command that was asked for here how it ended. */
function useEndings(all: readonly PageCommand[], asked: ReadonlySet<string>): void {
  const told = useRef(new Set<string>());
  useEffect(() => {
    for (const command of all) {
      const { command_id } = command;
      if (!asked.has(command_id) || !isOver(command) || told.current.has(command_id)) continue;
      told.current.add(command_id);
      say(isBad(command) ? 'failed' : 'done', standing(command));
    }
  });
}
