import type { AccessCode, AccessCodeStatus, PendingEdits } from '../access-code.ts';
import type { DomainEvent, EventType } from '../event.ts';
import { instantText } from '../instant-text.ts';
import type { LockState, Policy } from '../lock.ts';
import { wasAccepted } from '../request/request.ts';
import { targetOf, timesOf } from '../timing/strategy.ts';
import type { Instant, TimeReading } from '../time.ts';

export interface TimeFrame {
  readonly startsAt: Instant | null;
  readonly endsAt: Instant | null;
}

/** Something that was asked for and has not become true on the lock. No PIN is in it. */
export type PendingMutation = { readonly since: Instant; readonly message: string } & (
  | { readonly kind: 'creating' | 'deleting' | 'updating_code' }
  /** Nothing is to be done before `scheduledAt`. */
  | { readonly kind: 'deferring_creation'; readonly scheduledAt: Instant }
  | { readonly kind: 'updating_name'; readonly from: string | null; readonly to: string | null }
  | { readonly kind: 'updating_time_frame'; readonly from: TimeFrame; readonly to: TimeFrame }
);

/** What is asked for and not yet true on the lock, oldest kind first; none when code and lock are in step. */
export function pendingMutations(
  code: AccessCode,
  state: LockState,
  policy: Policy,
  now: TimeReading,
): readonly PendingMutation[] {
  if (code.removingSince !== null) {
    return [
      { kind: 'deleting', since: code.removingSince, message: 'The code is being taken off the lock.' },
    ];
  }
  // A request that was refused from the start asks nothing of the lock.
  if (!wasAccepted(code)) return [];
  if (!code.everOnDevice) return [creation(code, state, policy, now)];
  return updates(code);
}

function creation(code: AccessCode, state: LockState, policy: Policy, now: TimeReading): PendingMutation {
  const since = code.createdAt;
  if (code.offline !== null)
    return { kind: 'creating', since, message: 'The digits of the code are being issued.' };
  const { armAt, onAt } = timesOf(code, state.lock, policy, now.earliest);
  const target = targetOf(code, state.lock, policy, now);
  // An armed code is on the lock already, and waits to be enabled.
  const isArmed = target.kind === 'present' && !target.enabled && code.slot !== null;
  const scheduledAt = isArmed ? onAt : (armAt ?? onAt);
  if (scheduledAt !== null && (isArmed || target.kind === 'absent')) {
    const message = `The code goes on the lock at ${instantText(scheduledAt)}.`;
    return { kind: 'deferring_creation', since, scheduledAt, message };
  }
  return { kind: 'creating', since, message: 'The code is being put on the lock.' };
}

function updates(code: AccessCode): readonly PendingMutation[] {
  const { name, code: pin, timeFrame } = code.edits;
  const found: PendingMutation[] = [];
  if (name !== undefined) {
    const message = 'The name of the code is being changed.';
    found.push({ kind: 'updating_name', since: name.since, from: name.from, to: code.name, message });
  }
  if (pin !== undefined) {
    const message = 'The lock still has the PIN that the code had before.';
    found.push({ kind: 'updating_code', since: pin.since, message });
  }
  if (timeFrame !== undefined) {
    const { since, ...from } = timeFrame;
    const to = { startsAt: code.startsAt, endsAt: code.endsAt };
    const message = 'The lock still has the time frame that the code had before.';
    found.push({ kind: 'updating_time_frame', since, from, to, message });
  }
  return found;
}

/**
 * The edits that are left once the lock holds what the code asks for, and an event for each that has become true.
 * No lock of this hub keeps names, so a name is changed as soon as it is asked for. The event of a changed PIN shows
 * neither of the two. What was `set` all the while (`staysSet`) is told to be so again, which confirms the edit (spec
 * section c).
 */
export function settledEdits(
  code: AccessCode,
  isOnLockAsAsked: boolean,
  staysSet: boolean,
  deviceId: string,
  now: TimeReading,
): { readonly edits: PendingEdits; readonly events: readonly DomainEvent[] } {
  const { name, code: pin, timeFrame } = code.edits;
  const events: DomainEvent[] = [];
  const tell = (event_type: EventType, details?: DomainEvent['details']): void => {
    const base = { event_type, occurredAt: now.earliest, device_id: deviceId };
    const { accessCodeId: access_code_id } = code;
    events.push({ ...base, access_code_id, ...(details === undefined ? {} : { details }) });
  };
  if (name !== undefined) {
    const description = 'The name of the code was changed.';
    tell('access_code.name_changed', { description, from: { name: name.from }, to: { name: code.name } });
  }
  if (isOnLockAsAsked && staysSet && (pin ?? timeFrame) !== undefined) tell('access_code.set_on_device');
  if (isOnLockAsAsked && pin !== undefined) {
    tell('access_code.code_changed', { description: 'The PIN of the code was changed on the lock.' });
  }
  if (isOnLockAsAsked && timeFrame !== undefined) {
    const description = 'The time frame of the code was changed on the lock.';
    tell('access_code.time_frame_changed', { description, from: frame(timeFrame), to: frame(code) });
  }
  if (events.length === 0) return { edits: code.edits, events };
  if (isOnLockAsAsked) return { edits: {}, events };
  const { name: _settled, ...edits } = code.edits;
  return { edits, events };
}

function frame({ startsAt, endsAt }: TimeFrame): Readonly<Record<string, string | null>> {
  return {
    starts_at: startsAt === null ? null : instantText(startsAt),
    ends_at: endsAt === null ? null : instantText(endsAt),
  };
}

/**
 * A label for people, in words that may change: programs decide by status, times, mutations, errors and warnings.
 * `status` is the one that is shown, which is `unknown` while the radio is gone.
 */
export function displayStatus(code: AccessCode, status: AccessCodeStatus, now: TimeReading): string {
  if (!wasAccepted(code)) return 'Rejected';
  switch (status) {
    case 'unknown':
      return 'Unknown';
    case 'removing':
      return code.endsAt !== null && code.endsAt <= now.earliest ? 'Expired' : 'Removing';
    case 'set':
      if (code.offline?.isOneTimeUse === true && code.uses > 0) return 'Used';
      if (code.offline !== null && code.startsAt !== null && code.startsAt > now.latest) return 'Issued';
      return Object.keys(code.edits).length > 0 ? 'Updating' : 'Active';
    case 'setting':
      return code.everOnDevice ? 'Updating' : 'Issuing';
    case 'unset':
      return code.externallyModified ? 'Changed at the lock' : 'Scheduled';
  }
}
