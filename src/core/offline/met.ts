import type { Step } from '../event.ts';
import type { LockState, Policy } from '../lock.ts';
import type { OfflineCapability } from './window.ts';
import { advance } from '../settle/advance.ts';
import type { TimeReading } from '../time.ts';
import { withLock } from '../with.ts';

/** A lock of the hub that takes offline codes too, from now on. One that its radio has not met yet is met first. */
export function withOfflineRules(
  state: LockState,
  offline: OfflineCapability,
  policy: Policy,
  now: TimeReading,
): Step<LockState> {
  const { capabilities } = state.lock;
  if (capabilities === null || JSON.stringify(capabilities.offline) === JSON.stringify(offline)) {
    return { state, events: [] };
  }
  return advance(withLock(state, { capabilities: { ...capabilities, offline } }), policy, now);
}
