import { useState } from 'preact/hooks';
import { overview } from '../../live.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { Card, Notice } from '../../ui/parts.tsx';
import { ChooseLock } from './choose-lock.tsx';
import { useBegin } from './use-begin.ts';

/** Takes a lock out of its network. */
export function RemoveForm({ deviceId }: { readonly deviceId: string }) {
  const { isBusy, failure, begin } = useBegin();
  const [isAsking, setAsking] = useState(false);
  if (overview.value === null) return <p class="quiet">Loading…</p>;
  const locks = overview.value.locks.filter(({ radio }) => radio !== null && radio !== 'offline');
  const lock = locks.find((one) => one.device_id === deviceId);
  if (locks.length === 0) return <Notice tone="info">This hub has no lock that could be removed.</Notice>;
  return (
    <Card title="Remove a lock">
      <p>
        The lock leaves the network of the hub. A Z-Wave lock that answers has to be told so at its keypad,
        within a minute; a Zigbee lock, and one that no longer answers, needs nothing done at it. To put a new
        lock in its place with the same codes, replace it instead.
      </p>
      <ChooseLock locks={locks} chosen={lock} task="remove" />
      {deviceId !== '' && lock === undefined && <Notice tone="warn">This hub has no such lock.</Notice>}
      <button
        type="button"
        class="danger wide"
        disabled={lock === undefined || isBusy}
        onClick={() => setAsking(true)}
      >
        {isBusy ? 'Asking the hub…' : 'Remove…'}
      </button>
      {failure !== null && <Notice tone="bad">{failure}</Notice>}
      {isAsking && lock !== undefined && (
        <Dialog title={`Remove ${lock.name}?`} onClose={() => setAsking(false)}>
          <p>
            The hub will no longer see, lock or unlock it, and can neither add nor delete codes on it.
            {lock.slots.used > 0 &&
              ' Codes that are on it may stay in its memory: reset it before somebody else gets it.'}
          </p>
          <div class="row end">
            <button type="button" onClick={() => setAsking(false)}>
              Keep it
            </button>
            <button
              type="button"
              class="danger"
              onClick={() => {
                setAsking(false);
                begin({ type: 'remove_device', device_id: lock.device_id });
              }}
            >
              Remove it
            </button>
          </div>
        </Dialog>
      )}
    </Card>
  );
}
