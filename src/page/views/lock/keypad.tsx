import { useState } from 'preact/hooks';
import type { LockDetail } from '../../../http/page/types.ts';
import { ApiError } from '../../api.ts';
import { failureOf, runCommand } from '../../run-command.ts';
import { say } from '../../ui/toast.tsx';

/** Which keypad's offline codes open the lock. */
export function KeypadOf({ lock, door }: { readonly lock: LockDetail; readonly door: Door }) {
  const [isUnderWay, setUnderWay] = useState(false);
  const choose = async (keypadId: string): Promise<void> => {
    setUnderWay(true);
    try {
      const keypad_device_id = keypadId === '' ? null : keypadId;
      const command = await runCommand({ type: 'set_keypad', device_id: lock.device_id, keypad_device_id });
      const failure = failureOf(command);
      say(failure === null ? 'done' : 'failed', failure ?? doneText(keypad_device_id, door));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      say('failed', error.message);
    } finally {
      setUnderWay(false);
    }
  };
  return (
    <select
      aria-label="Keypad whose offline codes open the lock"
      value={door.keypad_device_id ?? ''}
      disabled={isUnderWay}
      onChange={({ currentTarget }) => void choose(currentTarget.value)}
    >
      <option value="">None</option>
      {door.keypads.map(({ device_id, name }) => (
        <option key={device_id} value={device_id}>
          {name}
        </option>
      ))}
    </select>
  );
}

type Door = NonNullable<LockDetail['door']>;

function doneText(keypadId: string | null, { keypads }: Door): string {
  const name = keypads.find(({ device_id }) => device_id === keypadId)?.name;
  return name === undefined
    ? 'No keypad opens this lock any more.'
    : `Codes typed at ${name} open this lock.`;
}
