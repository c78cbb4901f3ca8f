import { newCode, plainRequest, type AccessCode } from '../access-code.ts';
import type { Draw } from '../draw.ts';
import { identifierOf } from '../identifier.ts';
import type { LockState, Policy } from '../lock.ts';
import { slotOf } from '../plan/assign.ts';
import { plan } from '../plan/plan.ts';
import { MINUTE_MS, type TimeReading } from '../time.ts';
import { withSlot } from '../with.ts';
import { TakenPins } from './clash.ts';
import { drawPin } from './generate.ts';

/** A lock on which something is to be done within this time is not tested. */
const CALM_MS = 2 * MINUTE_MS;

/** Makes ids differ that are made in the same millisecond. */
const SALT_BELOW = 2 ** 32;

/**
 * A code that a lock is tested with. Like the pool it is the hub's own stock, so nobody is told of it; and it has to go
 * from the start, so that the loop clears its slot whatever becomes of the test. `null`: the lock allows no further PIN.
 *
 * @param siblings the other locks of the hub, whose PINs it must not have either
 */
export function newProbe(
  state: LockState,
  siblings: readonly LockState[],
  draw: Draw,
  now: TimeReading,
): AccessCode | null {
  const { lock } = state;
  const taken = new TakenPins([state, ...siblings]);
  const pin = drawPin([lock], { preferredLength: null }, (drawn) => taken.has(drawn), draw);
  if (pin === null) return null;
  const accessCodeId = identifierOf(`${lock.deviceId} self-test ${now.earliest} ${draw(SALT_BELOW)}`);
  const request = { ...plainRequest(accessCodeId), name: 'Self-test', pin };
  const code = newCode(request, 'local', now.earliest);
  return { ...code, isPinDrawn: true, isBackup: true, status: 'removing', removingSince: now.earliest };
}

/** The state in which a slot is kept for a probe: what is found there from now on goes. */
export function withProbe(state: LockState, probe: AccessCode, slot: number): LockState {
  const others = state.codes.filter(({ accessCodeId }) => accessCodeId !== probe.accessCodeId);
  const kept = { ...state, codes: [...others, { ...probe, slot }] };
  return withSlot(kept, { ...slotOf(state, slot), owner: probe.accessCodeId });
}

/** Nothing that a code waits for is to be done on this lock now or soon. */
export function isCalm(state: LockState, policy: Policy, now: TimeReading): boolean {
  const soon = { earliest: now.earliest + CALM_MS, latest: now.latest + CALM_MS };
  return [now, soon].every((at) =>
    plan(state, policy, at).operations.every(
      ({ accessCodeId, priority }) => accessCodeId === null || priority === 'preload',
    ),
  );
}
