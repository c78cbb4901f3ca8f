import { useEffect, useRef } from 'preact/hooks';
import { Link, useLocation } from 'wouter-preact';
import type { RadioView } from '../../../http/page/radio-types.ts';
import { overview } from '../../live.ts';
import { failureOf } from '../../run-command.ts';
import { Notice } from '../../ui/parts.tsx';
import { usePage } from '../../use-page.ts';
import { securityVerdict } from '../radio/security.ts';
import { adviceOn } from './advice.ts';
import { Rewriting } from './rewriting.tsx';
import { putAway } from './watched.ts';
import type { Current } from './stages.ts';

type End = NonNullable<Current['ended']>;

/** How it ended, and what comes next; it stays until it is put away. */
export function Ended({ current, ended }: { readonly current: Current; readonly ended: End }) {
  const failure = failureOf(ended);
  const [, go] = useLocation();
  const heading = useRef<HTMLHeadingElement>(null);
  // What was under way is gone from the view, and the focus with it; a screen reader goes on here.
  useEffect(() => heading.current?.focus(), []);
  const goOn = (to: string): void => {
    putAway();
    go(to);
  };
  const isStopped = ended.result?.['stopped'] === true;
  return (
    <div class="pairing">
      <h1 ref={heading} tabIndex={-1}>
        {titleOf(current.kind, failure !== null, isStopped)}
      </h1>
      <section class="card" aria-label="How it ended">
        {failure !== null && <Failed current={current} failure={failure} code={ended.error?.code ?? ''} />}
        {failure === null && isStopped && <p>Nothing was changed. You can begin again at any time.</p>}
        {failure === null && !isStopped && <Succeeded current={current} ended={ended} />}
        <div class="row">
          {(failure !== null || isStopped) && (
            <button type="button" class="primary" onClick={() => goOn(againAt(current))}>
              Try again
            </button>
          )}
          <button type="button" onClick={() => goOn('/pairing')}>
            {failure === null && current.kind === 'pair' && !isStopped ? 'Pair another lock' : 'Close'}
          </button>
        </div>
      </section>
    </div>
  );
}

function Failed(props: { readonly current: Current; readonly failure: string; readonly code: string }) {
  const { kind, radio } = props.current;
  return (
    <>
      <Notice tone="bad">{props.failure}</Notice>
      <h2>What to do next</h2>
      <ul class="advice">
        {adviceOn(kind, props.code, radio).map((one) => (
          <li key={one}>{one}</li>
        ))}
      </ul>
    </>
  );
}

function Succeeded({ current, ended }: { readonly current: Current; readonly ended: End }) {
  const told = ended.result?.['device_ids'];
  const [first] = Array.isArray(told) ? (told as readonly string[]) : [];
  const deviceId = first ?? current.device_id;
  const lock = overview.value?.locks.find(({ device_id }) => device_id === deviceId);
  if (current.kind === 'remove') {
    return (
      <Notice tone="good">
        {lock?.name ?? 'The lock'} has left the network. Codes may stay in its memory: reset it before
        somebody else gets it.
      </Notice>
    );
  }
  return (
    <>
      <Notice tone="good">
        {current.kind === 'pair'
          ? `${lock?.name ?? 'The lock'} is in the network and was met.`
          : `The new lock has taken the place of ${lock?.name ?? 'the old one'}.`}
      </Notice>
      {deviceId !== null && <SecurityOf deviceId={deviceId} />}
      {deviceId !== null && current.kind === 'replace' && <Rewriting deviceId={deviceId} />}
      {deviceId !== null && (
        <p>
          <Link class="button primary" href={`/locks/${deviceId}`}>
            Open {lock?.name ?? 'the lock'}
          </Link>
        </p>
      )}
    </>
  );
}

/** Whether the new lock talks safely; a weak one is a warning that says how to mend it. */
function SecurityOf({ deviceId }: { readonly deviceId: string }) {
  const { answer } = usePage<RadioView>('radio', {}, ({ kind }) => kind === 'changed');
  const node = answer?.radios.flatMap(({ nodes }) => nodes).find(({ device_id }) => device_id === deviceId);
  if (node === undefined) return null;
  const { tone, word, meaning } = securityVerdict(node.security);
  if (meaning === null) return <p>Security: {word}.</p>;
  return (
    <Notice tone={tone}>
      <b>Security: {word}.</b> {meaning}
    </Notice>
  );
}

function titleOf(kind: Current['kind'], isFailed: boolean, isStopped: boolean): string {
  if (isStopped) return 'Cancelled';
  switch (kind) {
    case 'pair':
      return isFailed ? 'No lock was paired' : 'The lock is paired';
    case 'replace':
      return isFailed ? 'The lock was not replaced' : 'The lock is replaced';
    case 'remove':
      return isFailed ? 'The lock was not removed' : 'The lock is removed';
  }
}

/** The form that it was begun with. */
function againAt({ kind, device_id }: Current): string {
  if (kind === 'pair' || device_id === null) return '/pairing';
  return `/pairing?${new URLSearchParams({ [kind]: device_id }).toString()}`;
}
