import { overview } from '../../live.ts';
import { Card, Notice } from '../../ui/parts.tsx';
import { AdmissionForm } from './admission.tsx';
import { ChooseLock } from './choose-lock.tsx';
import { useBegin } from './use-begin.ts';

/** Puts a new lock in the place of a failed one; what was to be on that one goes on the new one. */
export function ReplaceForm({ deviceId }: { readonly deviceId: string }) {
  const { isBusy, failure, begin } = useBegin();
  if (overview.value === null) return <p class="quiet">Loading…</p>;
  const locks = overview.value.locks.filter(({ radio }) => radio !== null && radio !== 'offline');
  const lock = locks.find((one) => one.device_id === deviceId);
  if (locks.length === 0) {
    return <Notice tone="info">This hub has no lock that could be replaced.</Notice>;
  }
  return (
    <Card title="Replace a failed lock">
      <p>
        The new lock takes the name and all codes of the failed one: as soon as it is in, the hub writes every
        code to it, and guests notice nothing. The failed lock must no longer answer.
      </p>
      <ChooseLock locks={locks} chosen={lock} task="replace" />
      {deviceId !== '' && lock === undefined && <Notice tone="warn">This hub has no such lock.</Notice>}
      {lock?.online === true && (
        <Notice tone="warn">
          {lock.name} still answers, so it is not failed. Take its batteries out or reset it first; the hub
          looks whether it answers before it begins.
        </Notice>
      )}
      {lock?.radio != null && lock.radio !== 'offline' && (
        <>
          <p>
            <b>{lock.codes.total === 1 ? '1 code' : `${lock.codes.total} codes`}</b> of {lock.name} will be
            written to the new lock.
          </p>
          <AdmissionForm
            key={lock.device_id}
            radio={lock.radio}
            action={`Replace ${lock.name}`}
            isBusy={isBusy}
            onBegin={(admission) =>
              begin({ type: 'replace_device', device_id: lock.device_id, ...admission })
            }
          />
        </>
      )}
      {failure !== null && <Notice tone="bad">{failure}</Notice>}
    </Card>
  );
}
