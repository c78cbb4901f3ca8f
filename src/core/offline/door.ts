import type { OfflineEntry } from '../command.ts';
import type { Step } from '../event.ts';
import { instantText } from '../instant-text.ts';
import type { LockState } from '../lock.ts';
import type { Pin } from '../pin.ts';
import type { TimeReading } from '../time.ts';
import { withCode, withLock } from '../with.ts';
import { lockedUntil } from './guess-limit.ts';
import { HUB_OFFLINE } from './hub-code.ts';
import { judge, type DoorMemory, type OfflineSecret, type OfflineVerdict } from './judge.ts';

/** What is to be done about digits that were typed: `order` is to open, `null` to leave the door shut. */
export interface Typed extends Step<LockState> {
  readonly order: OfflineEntry | null;
}

/**
 * Judges digits that were typed at the keypad of a lock. What the door remembers then is in the state, to be committed
 * together with the order to open and before the bolt is moved.
 */
export function typed(
  state: LockState,
  { digits, keypadId }: { readonly digits: Pin; readonly keypadId: string },
  secrets: readonly OfflineSecret[],
  now: TimeReading,
): Typed {
  const { deviceId, door } = state.lock;
  const judged = judge({ digits: digits.reveal(), deviceId }, secrets, door.memory, now);
  const { verdict, memory } = judged;
  const wasLocked = lockedUntil(door.memory.guesses, now.earliest) !== null;
  const unread = wasLocked ? door.unread + 1 : 0;
  const isSame = memory === door.memory && unread === door.unread;
  const next = isSame ? state : withLock(state, { door: { ...door, memory, unread } });
  const code = state.codes.find(({ pin }) => pin?.equals(digits) === true);
  const accessCodeId =
    verdict.kind === 'refused' && verdict.reason === 'not_an_offline_code'
      ? null
      : (code?.accessCodeId ?? null);
  if (verdict.kind === 'opened') {
    const { startsAt, endsAt } = verdict.window;
    const used = withCode(next, accessCodeId, (one) => ({ ...one, uses: one.uses + 1 }));
    return { state: used, events: [], order: { keypadId, accessCodeId, startsAt, endsAt } };
  }
  // Whoever goes on typing must not fill the log: one lockout is one event.
  if (unread > 1) return { state: next, events: [], order: null };
  const until = lockedUntil(memory.guesses, now.earliest);
  const details = {
    keypad_device_id: keypadId,
    reason: verdict.reason,
    ...windowOf(verdict),
    ...(until === null ? {} : { locked_until: instantText(until) }),
  };
  const named = accessCodeId === null ? {} : { access_code_id: accessCodeId };
  const event = { event_type: 'lock.access_denied', occurredAt: now.earliest, device_id: deviceId } as const;
  return { state: next, events: [{ ...event, ...named, details }], order: null };
}

/** The lock is opened by the codes typed at that keypad, or (`null`) by nobody's. */
export function withKeypad(state: LockState, keypadId: string | null): LockState {
  const { door, capabilities } = state.lock;
  if (door.keypadId === keypadId) return state;
  const offline = keypadId === null ? null : HUB_OFFLINE;
  const able = capabilities === null ? {} : { capabilities: { ...capabilities, offline } };
  return withLock(state, { door: { ...door, keypadId }, ...able });
}

/** The lock once more, with what its door remembered of used codes before it was forgotten. */
export function withBurnt(state: LockState, burnt: DoorMemory['burnt']): LockState {
  const { door } = state.lock;
  if (burnt.length === 0) return state;
  return withLock(state, {
    door: { ...door, memory: { ...door.memory, burnt: [...burnt, ...door.memory.burnt] } },
  });
}

function windowOf(verdict: OfflineVerdict): Readonly<Record<string, unknown>> {
  if (!('window' in verdict)) return {};
  const { startsAt, endsAt } = verdict.window;
  return { offline_window: { starts_at: instantText(startsAt), ends_at: instantText(endsAt) } };
}
