import type { Step } from '../event.ts';
import type { LockState } from '../lock.ts';
import type { TimeReading } from '../time.ts';
import { withLock } from '../with.ts';

/** Notes of a client about one lock: `null` and an empty text take one away. */
export type MetadataChange = Readonly<Record<string, string | boolean | null>>;

/** What is to be otherwise about a lock itself; what is missing stays. */
export interface LockNotes {
  /** `null`: it goes by its model again. */
  readonly nickname?: string | null | undefined;
  readonly customMetadata?: MetadataChange | undefined;
  readonly poolEnabled?: boolean | undefined;
}

/** Takes down what somebody says about a lock. Nothing of it is written to the lock. */
export function noteOnLock(state: LockState, notes: LockNotes, now: TimeReading): Step<LockState> {
  const { lock } = state;
  const nickname = notes.nickname === undefined ? lock.nickname : notes.nickname;
  const customMetadata =
    notes.customMetadata === undefined
      ? lock.customMetadata
      : changedMetadata(lock.customMetadata, notes.customMetadata);
  const poolEnabled = notes.poolEnabled ?? lock.poolEnabled;
  const details = { from: { name: lock.nickname }, to: { name: nickname } };
  const renamed = { event_type: 'device.name_changed', occurredAt: now.earliest, details } as const;
  return {
    state: withLock(state, { nickname, customMetadata, poolEnabled }),
    events: nickname === lock.nickname ? [] : [{ ...renamed, device_id: lock.deviceId }],
  };
}

/** The notes as they are after a change. */
export function changedMetadata(
  before: LockState['lock']['customMetadata'],
  change: MetadataChange,
): Readonly<Record<string, string | boolean>> {
  const all = { ...before, ...change };
  const kept = Object.entries(all).flatMap(([key, value]) =>
    value === null || value === '' ? [] : [[key, value] as const],
  );
  return Object.fromEntries(kept);
}
