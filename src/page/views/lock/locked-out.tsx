import type { LockSummary } from '../../../http/page/types.ts';
import { now } from '../../time.ts';
import { Notice, Time } from '../../ui/parts.tsx';

/** That too many wrong offline codes were typed at the door, for as long as none is looked at. */
export function LockedOut({ lock: { offline_locked_until: until } }: { readonly lock: LockSummary }) {
  if (until === null || Date.parse(until) <= now.value) return null;
  return (
    <Notice tone="warn">
      Too many wrong codes were typed at its keypad: no offline code opens it before <Time iso={until} />.
    </Notice>
  );
}
