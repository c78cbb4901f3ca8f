import { newCode, plainRequest, type AccessCode } from '../access-code.ts';
import type { LockState } from '../lock.ts';
import type { Slot } from '../slot.ts';
import { DAY_MS, type Instant } from '../time.ts';

/** How long a code whose request is lost may stay on its lock while nobody says what was wanted. */
const STAYS_MS = 14 * DAY_MS;
const NAME = 'Found after a repair';

/**
 * Slots that are kept for codes of which a damaged database has lost everything else. A code that is on the lock stays
 * for as long as nobody knows better, and not for ever: the next document of the cloud has it or takes it off.
 */
export function withOrphans(state: LockState, at: Instant): LockState {
  const known = new Set(state.codes.map(({ accessCodeId }) => accessCodeId));
  const orphans = state.slots.filter(({ owner }) => owner !== null && !known.has(owner));
  if (orphans.length === 0) return state;
  const codes = orphans.flatMap((row) => codeIn(row, at));
  const kept = new Set(codes.map(({ slot }) => slot));
  const slots = state.slots.map((row) =>
    orphans.includes(row) && !kept.has(row.slot) ? { ...row, owner: null } : row,
  );
  return { ...state, codes: [...state.codes, ...codes], slots };
}

/** Nothing where the digits are not known: what is there is somebody's, and listed as such when it was looked at. */
function codeIn({ slot, owner, content, pending, writtenAt }: Slot, at: Instant): readonly AccessCode[] {
  const pin = pending?.pin ?? (content.kind === 'pin' ? content.pin : null);
  if (owner === null || pin === null) return [];
  return [
    {
      ...newCode({ ...plainRequest(owner), name: NAME }, 'cloud', at),
      pin,
      startsAt: Math.min(writtenAt ?? at, at),
      endsAt: at + STAYS_MS,
      preferNativeScheduling: false,
      slot,
      everOnDevice: true,
    },
  ];
}
