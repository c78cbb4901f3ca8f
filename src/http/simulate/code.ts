import { z } from 'zod';
import { isUserSlot } from '../../core/capability.ts';
import type { LockState } from '../../core/lock.ts';
import { unmanagedCodes, type UnmanagedAccessCode } from '../../core/request/unmanaged.ts';
import { SECOND_MS } from '../../core/time.ts';
import { viewIn, type ShownUnmanaged } from '../codes/context.ts';
import { shownUnmanaged } from '../codes/unmanaged.ts';
import { ApiProblem } from '../problem.ts';
import type { ApiContext } from '../route.ts';
import { lockInHouse } from './lock-in-house.ts';

/** How long the hub may take to find what was put into a lock, and how often is looked whether it has. */
const FOUND_WITHIN_MS = 25 * SECOND_MS;
const LOOK_EVERY_MS = SECOND_MS / 10;
const NAME_CHARS_MAX = 200;

export const simulatedCodeParameters = z.object({
  device_id: z.string(),
  name: z.string().max(NAME_CHARS_MAX).describe('Locks keep no names, so nobody sees it again.'),
  code: z.string().regex(/^[0-9]{4,8}$/, '4 to 8 digits'),
});

/** `/access_codes/simulate/create_unmanaged_access_code`. */
export async function simulatedCode(
  context: ApiContext,
  { device_id: deviceId, code }: z.output<typeof simulatedCodeParameters>,
): Promise<{ readonly access_code: ShownUnmanaged } | ApiProblem> {
  const found = lockInHouse(context, deviceId);
  if (found instanceof ApiProblem) return found;
  const slot = await found.house.program(found.address, code, slotsOf(found.state));
  if (slot === null) return NOT_TAKEN;
  const { store, clock } = context;
  const deadlineMs = clock.monotonicMs() + FOUND_WITHIN_MS;
  while (clock.monotonicMs() < deadlineMs) {
    const state = store.lockState(deviceId);
    const held = state && unmanagedCodes(state).find((other) => other.slot === slot);
    if (held !== undefined) return shownIn(context, state, held);
    await clock.sleepFor(LOOK_EVERY_MS, NEVER);
  }
  return NOT_FOUND_YET;
}

function shownIn(context: ApiContext, state: LockState | undefined, code: UnmanagedAccessCode) {
  if (state === undefined) throw new Error('a code was found on a lock that is not there');
  return { access_code: shownUnmanaged(context, code, viewIn(context, state)) };
}

/** Where a person may put a code. */
function slotsOf({ lock: { capabilities } }: LockState): readonly number[] {
  if (capabilities === null) return [];
  const { firstSlot, lastSlot } = capabilities;
  const all = Array.from({ length: lastSlot - firstSlot + 1 }, (_, index) => firstSlot + index);
  return all.filter((slot) => isUserSlot(capabilities, slot));
}

const NEVER = new AbortController().signal;
const NOT_TAKEN = new ApiProblem(
  409,
  'duplicate_access_code',
  'The lock did not take this PIN: it has it already, does not allow it, or is full.',
);
const NOT_FOUND_YET = new ApiProblem(
  504,
  'not_found_in_time',
  'The PIN is on the lock, and the hub has not found it yet; it goes on looking.',
);
