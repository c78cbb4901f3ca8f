import type { AccessCode } from '../core/access-code.ts';
import { explain, type Explanation } from '../core/plan/explain.ts';
import type { Pin } from '../core/pin.ts';
import type { Slot } from '../core/slot.ts';
import { strategyOf, timesOf } from '../core/timing/strategy.ts';
import { listedCodes, unmanagedCodes } from '../core/request/unmanaged.ts';
import { instantText } from '../wire/instant-text.ts';
import { publicAccessCodeOf, publicUnmanagedCodeOf, type View } from '../wire/view.ts';
import type { Reported, ReportedCode } from './messages/up.ts';

type Fingerprint = (pin: Pin) => string;

/** What is true of every managed code of a lock. No PIN is in it. */
export function reportedCodesOf(view: View, fingerprint: Fingerprint): ReportedCode[] {
  const { state, policy, now } = view;
  const why = explain(state, policy, now).codes;
  const slots = new Map(state.slots.map((row) => [row.slot, row]));
  return listedCodes(state).map((code) => {
    const row = code.slot === null ? undefined : slots.get(code.slot);
    const slot = row?.owner === code.accessCodeId ? row : undefined;
    return {
      ...publicAccessCodeOf(code, view),
      on_lock: onLock(code, slot, view),
      slot: code.slot,
      strategy: strategyOf(code, state.lock, policy, now),
      proof: slot?.proof ?? null,
      pin_fingerprint: code.pin && fingerprint(code.pin),
      on_lock_pin_fingerprint: slot?.content.kind === 'pin' ? fingerprint(slot.content.pin) : null,
      explanation: explanationOf(why.get(code.accessCodeId)),
    };
  });
}

/** What is true of every code that the hub found on the lock. */
export function reportedUnmanagedOf(view: View, fingerprint: Fingerprint): Reported['unmanaged_codes'] {
  return unmanagedCodes(view.state).map((code) => ({
    ...publicUnmanagedCodeOf(code, view),
    slot: code.slot,
    pin_fingerprint: code.pin && fingerprint(code.pin),
  }));
}

function explanationOf(explanation: Explanation | undefined): ReportedCode['explanation'] {
  if (explanation === undefined) return null;
  const { reason, message, at } = explanation;
  return { reason, message, at: instantText(at) };
}

/** `scheduled`: the lock holds it under its own schedule, and its window has not begun. */
function onLock(code: AccessCode, slot: Slot | undefined, view: View): ReportedCode['on_lock'] {
  if (slot === undefined) return 'none';
  if (slot.pending !== null) return 'unknown';
  const { content } = slot;
  switch (content.kind) {
    case 'empty':
      return 'none';
    case 'unknown':
      return 'unknown';
    case 'pin':
    case 'masked':
      if (!content.enabled) return 'disabled';
      if (!view.state.lock.capabilities?.nativeScheduling) return 'active';
      if (slot.schedule.kind === 'unknown') return 'unknown';
      return slot.schedule.window !== null && isAhead(code, view) ? 'scheduled' : 'active';
  }
}

/** Neither the window that is asked for has begun, nor that of before, which the lock may still keep. */
function isAhead(code: AccessCode, { state, policy, now }: View): boolean {
  const { startsAt } = timesOf(code, state.lock, policy, now.earliest);
  const { timeFrame } = code.edits;
  const before = timeFrame === undefined ? startsAt : timeFrame.startsAt;
  return startsAt !== null && before !== null && now.earliest < Math.min(startsAt, before);
}
