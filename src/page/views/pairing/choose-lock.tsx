import { useLocation } from 'wouter-preact';
import type { LockSummary } from '../../../http/page/types.ts';

/** Names the lock that something is about; the address then names it too. */
export function ChooseLock(props: {
  readonly locks: readonly LockSummary[];
  readonly chosen: LockSummary | undefined;
  readonly task: 'replace' | 'remove';
}) {
  const [, go] = useLocation();
  return (
    <div class="field">
      <label for="which-lock">Lock</label>
      <select
        id="which-lock"
        value={props.chosen?.device_id ?? ''}
        onChange={({ currentTarget }) => {
          const question = new URLSearchParams({ [props.task]: currentTarget.value });
          go(`/pairing?${question.toString()}`, { replace: true });
        }}
      >
        <option value="">Choose a lock</option>
        {props.locks.map(({ device_id, name, online }) => (
          <option key={device_id} value={device_id}>
            {online ? name : `${name} (does not answer)`}
          </option>
        ))}
      </select>
    </div>
  );
}
