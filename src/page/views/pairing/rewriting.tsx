import type { LockDetail, PageCode } from '../../../http/page/types.ts';
import { Badge, Notice, type Tone } from '../../ui/parts.tsx';
import { usePage } from '../../use-page.ts';

const STATUS: Readonly<Record<PageCode['status'], { readonly word: string; readonly tone: Tone }>> = {
  set: { word: 'on the new lock', tone: 'good' },
  setting: { word: 'being written', tone: 'info' },
  removing: { word: 'being removed', tone: 'info' },
  unset: { word: 'not due now', tone: 'quiet' },
  unknown: { word: 'radio does not answer', tone: 'warn' },
};

/** The codes of a lock as they come onto the one that took its place. */
export function Rewriting({ deviceId }: { readonly deviceId: string }) {
  const { answer, error } = usePage<LockDetail>(
    'locks',
    { device_id: deviceId },
    (message) => message.kind === 'changed' && message.device_ids.includes(deviceId),
  );
  if (error !== null) return <Notice tone="warn">{error.message}</Notice>;
  if (answer === null) return <p class="quiet">Loading the codes…</p>;
  const codes = answer.managed_codes;
  if (codes.length === 0) return <p>The lock had no codes of this hub, so there is nothing to write.</p>;
  const due = codes.filter(({ status }) => status === 'set' || status === 'setting');
  const done = due.filter(({ status }) => status === 'set').length;
  return (
    <section aria-label="Codes for the new lock">
      <h2>
        Codes: {done} of {due.length} written
      </h2>
      <progress class="wide" aria-label="Codes written" max={Math.max(due.length, 1)} value={done} />
      <p class="quiet" role="status">
        {done < due.length
          ? 'Stay here or go: the hub goes on by itself.'
          : 'All codes that are due are on the lock.'}
      </p>
      <ul class="rewriting-list">
        {codes.map(({ access_code_id, name, status }) => (
          <li key={access_code_id}>
            <span>{name ?? 'Code without a name'}</span>
            <Badge tone={STATUS[status].tone}>{STATUS[status].word}</Badge>
          </li>
        ))}
      </ul>
    </section>
  );
}
