import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { LogLine } from '../../http/page/types.ts';
import { overview } from '../live.ts';
import { Card, Notice } from '../ui/parts.tsx';
import { say } from '../ui/toast.tsx';
import { Filters, type Asked } from './log/filters.tsx';
import { Line } from './log/line.tsx';
import { isShown, lineText, LINES_MAX } from './log/lines.ts';
import { useLines } from './log/use-lines.ts';
import './log/log.css';

/** Nearer to the end than this, one reads along. */
const AT_END_PX = 40;

/** What the hub does, as it says it, and all of it as a file for whoever helps. */
export default function LogView() {
  return (
    <>
      <h1>Log</h1>
      <LiveLog />
      <Diagnostics />
    </>
  );
}

function LiveLog() {
  const [asked, setAsked] = useState<Asked>({ level: 'info', text: '', deviceId: '' });
  const { lines, error } = useLines(asked.level);
  const [frozen, setFrozen] = useState<readonly LogLine[] | null>(null);
  const lock = overview.value?.locks.find(({ device_id }) => device_id === asked.deviceId) ?? null;
  const filter = { ...asked, lock };
  const shown = (frozen ?? lines ?? []).filter((line) => isShown(line, filter));
  const newestFrozen = frozen?.at(-1)?.id ?? 0;
  const missed =
    frozen === null
      ? 0
      : (lines ?? []).filter((line) => line.id > newestFrozen && isShown(line, filter)).length;
  return (
    <section class="card" aria-label="Lines">
      <Filters asked={asked} onAsk={setAsked} />
      <div class="row log-actions">
        <button
          type="button"
          aria-pressed={frozen !== null}
          onClick={() => setFrozen(frozen === null ? (lines ?? []) : null)}
        >
          {frozen === null ? 'Pause' : 'Go on'}
        </button>
        <button type="button" disabled={shown.length === 0} onClick={() => void copy(shown)}>
          Copy
        </button>
        <span class="quiet" role="status">
          {frozen === null ? linesText(shown.length) : `Paused; ${missed} new since`}
        </span>
      </div>
      {error !== null && <Notice tone="bad">{error.message}</Notice>}
      <Lines lines={shown} isLoading={lines === null && error === null} isPaused={frozen !== null} />
    </section>
  );
}

/** Goes along with the newest line until one scrolls back. */
function Lines(props: {
  readonly lines: readonly LogLine[];
  readonly isLoading: boolean;
  readonly isPaused: boolean;
}) {
  const box = useRef<HTMLDivElement>(null);
  const [isFollowing, setFollowing] = useState(true);
  const toEnd = (): void => box.current?.scrollTo({ top: box.current.scrollHeight });
  const newest = props.lines.at(-1)?.id;
  useLayoutEffect(() => {
    if (isFollowing && !props.isPaused) toEnd();
  }, [newest, props.lines.length]);
  useEffect(() => {
    if (!props.isPaused && isFollowing) toEnd();
  }, [props.isPaused]);
  const look = ({
    currentTarget: { scrollHeight, scrollTop, clientHeight },
  }: {
    readonly currentTarget: HTMLElement;
  }): void => setFollowing(scrollHeight - scrollTop - clientHeight < AT_END_PX);
  return (
    <div class="log-frame">
      <div
        ref={box}
        class="log-box"
        tabIndex={0}
        role="log"
        aria-live="off"
        aria-label="Log, oldest line first"
        onScroll={look}
      >
        {props.isLoading && <p class="quiet">Loading…</p>}
        {!props.isLoading && props.lines.length === 0 && (
          <p class="quiet">No line fits. Choose a lower level, another lock or fewer words.</p>
        )}
        {props.lines.map((line) => (
          <Line key={line.id} line={line} />
        ))}
      </div>
      {!isFollowing && (
        <button
          type="button"
          class="primary log-follow"
          onClick={() => {
            setFollowing(true);
            toEnd();
          }}
        >
          Follow the newest
        </button>
      )}
    </div>
  );
}

function Diagnostics() {
  return (
    <Card title="Diagnostics bundle">
      <p>
        One file for whoever helps you: the health of the hub, a check-up, its locks with their slots,
        operations and events, commands, the radio network, how large the tables of its database are, this
        log, versions and settings.
      </p>
      <p>
        <b>No PIN is in it</b>, and no name of a guest, password or key: it is built from lists that have no
        such fields.
      </p>
      <a class="button primary download" href="/page/diagnostics" download>
        Download the bundle
      </a>
    </Card>
  );
}

function linesText(count: number): string {
  if (count >= LINES_MAX) return `The newest ${LINES_MAX} lines`;
  return count === 1 ? '1 line' : `${count} lines`;
}

async function copy(lines: readonly LogLine[]): Promise<void> {
  try {
    await navigator.clipboard.writeText(lines.map(lineText).join('\n'));
    say('done', `${linesText(lines.length)} copied.`);
  } catch {
    // Without https a page has no clipboard.
    say('failed', 'The browser does not let this page copy. Download the bundle instead: the log is in it.');
  }
}
