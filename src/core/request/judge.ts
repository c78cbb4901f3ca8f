import type { AccessCode, AccessCodeRequest } from '../access-code.ts';
import { Claims } from './clash.ts';
import { editsAfter } from './edits.ts';
import { Groups } from './group.ts';
import { assignPins, awaitsPin, type PinSources } from './linked.ts';
import type { LockState, Policy } from '../lock.ts';
import { awaitsIssue, withWindow } from './offline.ts';
import type { TimeReading } from '../time.ts';

/**
 * Judges the codes of a lock against each other: `asked` are all of them as they are wanted, those that nobody asks
 * anything of being the same objects as in `before`. Codes without a PIN get one. What can't be had is `rejected`, and
 * what was accepted of it before stays in force. `joining`: ids of codes that come into a group with whatever PIN it has.
 */
export function judgedCodes(
  before: LockState,
  asked: readonly AccessCode[],
  joining: ReadonlySet<string>,
  sources: PinSources,
  policy: Policy,
  now: TimeReading,
): readonly AccessCode[] {
  const windowed = asked.map((code) => withWindow(code, before.lock, now));
  const settled = { ...before, codes: withoutClashes(windowed, before, joining, sources, policy) };
  const assigned = assignPins(settled, sources, policy);
  return withEdits(assigned, before, now).map(promised);
}

/**
 * Takes back the changes that would put one PIN on the lock twice at the same time, or give one group two PINs. Judged
 * over all that is asked for at once, so that codes may swap their PINs, and those of a group get another together; a code that
 * does not change always wins, and then the one that comes first.
 * What is refused is in nobody's way, but the code that it leaves in force is, so then all are judged again: each
 * round takes back one.
 */
function withoutClashes(
  asked: readonly AccessCode[],
  before: LockState,
  joining: ReadonlySet<string>,
  { siblings }: PinSources,
  policy: Policy,
): readonly AccessCode[] {
  const old = new Map(before.codes.map((code) => [code.accessCodeId, code]));
  const takenBack = new Map<string, AccessCode>();
  const joined = new Map<string, AccessCode>();
  const joins = ({ accessCodeId }: AccessCode): boolean => joining.has(accessCodeId);
  for (let round = 0; round <= asked.length; round += 1) {
    const codes = asked.map((code) => takenBack.get(code.accessCodeId) ?? code);
    const isJudged = (code: AccessCode): boolean =>
      code === old.get(code.accessCodeId) || code.rejected !== null || takenBack.has(code.accessCodeId);
    const judged = codes.filter(isJudged);
    const claims = new Claims(before, judged, policy);
    const groups = new Groups(before, judged, siblings);
    joined.clear();
    // Who chooses the PIN of a group goes before those who come along with it.
    const inTurn = codes.toSorted((a, b) => Number(joins(a)) - Number(joins(b)));
    const clash = inTurn.find((code) => {
      if (isJudged(code)) return false;
      const { accessCodeId } = code;
      const next = joins(code) ? groups.joined(code) : code;
      const rejected = 'message' in next ? next : (claims.clashOf(next) ?? groups.refusalOf(next));
      if (rejected === null && 'pin' in next) {
        joined.set(accessCodeId, next);
        claims.add(next);
        groups.add(next);
        return false;
      }
      const previous = old.get(accessCodeId);
      takenBack.set(accessCodeId, { ...(previous ?? { ...code, pin: null }), rejected });
      return previous !== undefined;
    });
    if (clash === undefined) break;
  }
  return asked.map((code) => takenBack.get(code.accessCodeId) ?? joined.get(code.accessCodeId) ?? code);
}

/** A code comes into a group with the PIN it has, and chooses none: its PIN is that of the group from now on. */
export function joinsGroup(
  { pin, commonCodeKey, removingSince }: AccessCode,
  request: Pick<AccessCodeRequest, 'pin' | 'commonCodeKey'>,
): boolean {
  if (pin === null || request.pin !== null || request.commonCodeKey === null) return false;
  // What was being removed was in no group any more.
  return request.commonCodeKey !== commonCodeKey || removingSince !== null;
}

/** From the moment on at which it is taken without a PIN, finding one for it is the hub's business. */
function promised(code: AccessCode): AccessCode {
  return (awaitsPin(code) || awaitsIssue(code)) && !code.isPinDrawn ? { ...code, isPinDrawn: true } : code;
}

/** Notes what the lock holds differently from codes that were changed. */
function withEdits(state: LockState, before: LockState, now: TimeReading): readonly AccessCode[] {
  const old = new Map(before.codes.map((code) => [code.accessCodeId, code]));
  return state.codes.map((code) => {
    const previous = old.get(code.accessCodeId);
    if (previous === undefined || previous.revision === code.revision) return code;
    return { ...code, edits: editsAfter(previous, code, before, now.earliest) };
  });
}
