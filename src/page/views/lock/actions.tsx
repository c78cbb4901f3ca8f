import { useState } from 'preact/hooks';
import { Link } from 'wouter-preact';
import type { LockDetail, PageCommand } from '../../../http/page/types.ts';
import { ApiError } from '../../api.ts';
import { Confirm } from '../../ui/confirm.tsx';
import { Badge, Card, Time, type Tone } from '../../ui/parts.tsx';
import { say } from '../../ui/toast.tsx';
import { type Deed, deedOf, deedsOf, faultOf, isOver, standing } from './deeds.ts';
import { TestResult } from './test-result.tsx';
import type { useCommands } from './use-commands.ts';

/** How many deeds are shown with their end. */
const SHOWN_MAX = 4;

/** What can be done with this lock, what is being done, and how the last of it ended. */
export function Actions(props: {
  readonly lock: LockDetail;
  readonly commands: ReturnType<typeof useCommands>;
}) {
  const { lock, commands } = props;
  const { door, care, remove } = deedsOf(lock);
  const main = lock.locked === true ? null : door[0];
  const [wanted, setWanted] = useState<Deed | null>(null);
  const [dismissed, setDismissed] = useState<ReadonlySet<string>>(new Set());
  const ask = (deed: Deed): void => {
    if (deed.question === undefined) void commands.ask(deed.type).catch(sayRefused);
    else setWanted(deed);
  };
  const shown = commands.all
    .filter((command) => isWorthShowing(command, commands.asked) && !dismissed.has(command.command_id))
    .slice(0, SHOWN_MAX);
  const buttons = { commands, ask };
  return (
    <Card title="Actions">
      {door.length > 0 && (
        <div class="deeds deeds-door">
          {door.map((deed) => (
            <DeedButton key={deed.type} deed={deed} isMain={deed === main} {...buttons} />
          ))}
        </div>
      )}
      <div class="deeds">
        {care.map((deed) => (
          <DeedButton key={deed.type} deed={deed} {...buttons} />
        ))}
        {!lock.online && (
          <Link href={`/pairing?replace=${lock.device_id}`} class="button">
            Replace by another {lock.is_keypad ? 'keypad' : 'lock'}
          </Link>
        )}
        <DeedButton deed={remove} isDangerous {...buttons} />
      </div>
      <ul class="standings" aria-live="polite">
        {shown.map((command) => (
          <Standing
            key={command.command_id}
            command={command}
            onDismiss={() => setDismissed((before) => new Set(before).add(command.command_id))}
          />
        ))}
      </ul>
      {wanted?.question !== undefined && (
        <Confirm
          title={wanted.question.title}
          deed={wanted.question.yes}
          isDangerous={wanted.question.isDangerous}
          act={() => commands.ask(wanted.type)}
          onClose={() => setWanted(null)}
        >
          <p>{wanted.question.text}</p>
        </Confirm>
      )}
    </Card>
  );
}

/** The hub did not even take the wish. */
function sayRefused(error: unknown): void {
  if (!(error instanceof ApiError)) throw error;
  say('failed', error.message);
}

function DeedButton(props: {
  readonly deed: Deed;
  readonly isMain?: boolean;
  readonly isDangerous?: boolean;
  readonly commands: ReturnType<typeof useCommands>;
  readonly ask: (deed: Deed) => void;
}) {
  const { deed, commands, ask } = props;
  const isBusy =
    commands.sending === deed.type ||
    commands.all.some((command) => command.type === deed.type && !isOver(command));
  return (
    <button
      type="button"
      class={props.isDangerous === true ? 'danger' : props.isMain === true ? 'primary' : undefined}
      disabled={isBusy}
      onClick={() => ask(deed)}
    >
      {isBusy ? `${deed.label}…` : deed.label}
    </button>
  );
}

const STATE_WORDS: Readonly<Record<PageCommand['state'], { readonly word: string; readonly tone: Tone }>> = {
  accepted: { word: 'Waiting', tone: 'info' },
  running: { word: 'Under way', tone: 'info' },
  succeeded: { word: 'Done', tone: 'good' },
  failed: { word: 'Failed', tone: 'bad' },
  expired: { word: 'Too late', tone: 'bad' },
};

const FAULTY = { word: 'Found a fault', tone: 'bad' } as const;

function Standing({ command, onDismiss }: { readonly command: PageCommand; readonly onDismiss: () => void }) {
  const { word, tone } = faultOf(command) === null ? STATE_WORDS[command.state] : FAULTY;
  return (
    <li class="standing">
      <div class="standing-head">
        <Badge tone={tone}>{word}</Badge>
        <strong>{deedOf(command.type)?.label ?? command.type}</strong>
        <span class="quiet">
          <Time iso={command.received_at} ago />
        </span>
        {isOver(command) && (
          <button type="button" class="plain standing-close" aria-label="Dismiss" onClick={onDismiss}>
            ✕
          </button>
        )}
      </div>
      <p>{standing(command)}</p>
      {!isOver(command) && <progress aria-label={standing(command)} />}
      <TestResult command={command} />
    </li>
  );
}

/** What is under way, whoever asked for it; what was asked here; and the last tests, which say how the lock is. */
function isWorthShowing(command: PageCommand, asked: ReadonlySet<string>): boolean {
  return deedOf(command.type) !== undefined && (!isOver(command) || asked.has(command.command_id));
}
