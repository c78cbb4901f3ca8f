import type { AccessCode, AccessCodeRequest } from '../access-code.ts';
import { advance } from '../settle/advance.ts';
import { askedCodes, isUsedUp } from './asked.ts';
import { Claims } from './clash.ts';
import { editsAfter } from './edits.ts';
import type { Step } from '../event.ts';
import { foreignCodes } from './foreign.ts';
import { Groups } from './group.ts';
import { assignPins, awaitsPin, type PinSources } from './linked.ts';
import type { Lock, LockState, Policy } from '../lock.ts';
import type { ErrorCode } from '../problem.ts';
import { changeEvents, localClashes } from './request-events.ts';
import type { TimeReading } from '../time.ts';
import { withLock } from '../with.ts';

/** One code of a desired document: as asked for, or why it could not be read. */
export type DesiredEntry =
  | {
      readonly kind: 'valid';
      readonly request: AccessCodeRequest;
      /** `false`: a new code is not to wait for a lock that is offline. */
      readonly attemptForOfflineDevice?: false;
    }
  | {
      readonly kind: 'invalid';
      readonly accessCodeId: string;
      readonly name: string | null;
      readonly code: ErrorCode;
      readonly message: string;
    };

/** All the cloud's codes of one lock (rule 1 of the MQTT contract). No id is in `codes` twice. */
export interface DesiredDocument {
  readonly generation: number;
  readonly version: number;
  readonly codes: readonly DesiredEntry[];
  /** Ids to delete, also of codes that were found on the lock; they win over `codes`. */
  readonly tombstones: readonly string[];
}

export interface Acceptance {
  /** `duplicate`: this very version was taken before. `stale`: a newer one was. Neither changes anything. */
  readonly verdict: 'accepted' | 'duplicate' | 'stale';
  readonly step: Step<LockState>;
}

/** The entries of a document by id. */
export type Entries = ReadonlyMap<string, DesiredEntry>;

/**
 * Applies a desired document: it replaces the cloud's codes and leaves the hub's own alone. A code that is absent
 * from it is deleted; one that is invalid is reported as rejected, and what was accepted of it before stays in
 * force. Codes that were found on the lock are adopted or deleted when it names their ids.
 */
export function accept(
  state: LockState,
  document: DesiredDocument,
  sources: PinSources,
  now: TimeReading,
  policy: Policy,
): Acceptance {
  const { lock } = state;
  const { generation, version, tombstones } = document;
  const order = generation - lock.generation || version - lock.versionReceived;
  if (order <= 0) {
    return { verdict: order === 0 ? 'duplicate' : 'stale', step: { state, events: [] } };
  }
  const dead = new Set(tombstones);
  const alive = document.codes.filter((entry) => !dead.has(idOf(entry)));
  const entries: Entries = new Map(alive.map((entry) => [idOf(entry), entry]));
  const foreign = foreignCodes(state, entries, tombstones, policy, now);
  const before = foreign.step.state;
  const asked = askedCodes(before, { entries, foreign, policy, now });
  const joining = joiningCodes(before, entries);
  const settled = { ...before, codes: withoutClashes(asked, before, joining, sources, policy) };
  const assigned = assignPins(settled, sources, policy);
  const codes = withEdits(assigned, before, now).map(promised);
  const next = withLock({ ...before, codes }, lockAfter(before.lock, codes, document, entries));
  const events = [
    ...foreign.step.events,
    ...localClashes(before, entries, dead, now),
    ...changeEvents(before, codes, now),
  ];
  return { verdict: 'accepted', step: advance(next, policy, now, events) };
}

function idOf(entry: DesiredEntry): string {
  return entry.kind === 'valid' ? entry.request.accessCodeId : entry.accessCodeId;
}

/**
 * Takes back the changes that would put one PIN on the lock twice at the same time, or give one group two PINs. Judged
 * over the whole document, so that codes may swap their PINs, and those of a group get another together; a code that
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

/** Codes that come into a group with the PIN they have, and choose none: theirs is that of the group from now on. */
function joiningCodes(before: LockState, entries: Entries): ReadonlySet<string> {
  const found = new Set<string>();
  for (const code of before.codes) {
    const entry = entries.get(code.accessCodeId);
    if (entry?.kind !== 'valid' || code.origin !== 'cloud' || code.pin === null) continue;
    const { pin, commonCodeKey } = entry.request;
    // What was being removed was in no group any more.
    const isNew = commonCodeKey !== code.commonCodeKey || code.removingSince !== null;
    if (pin === null && commonCodeKey !== null && isNew) found.add(code.accessCodeId);
  }
  return found;
}

/** From the moment on at which it is taken without a PIN, making one up for it is the hub's business. */
function promised(code: AccessCode): AccessCode {
  return awaitsPin(code) && !code.isPinDrawn ? { ...code, isPinDrawn: true } : code;
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

/** The versions; the pool, once a code has asked for it; and the codes whose uses are spent while they are named. */
function lockAfter(
  lock: Lock,
  codes: readonly AccessCode[],
  { generation, version }: DesiredDocument,
  entries: Entries,
): Partial<Lock> {
  const cloud = codes.filter((code) => code.origin === 'cloud' && code.rejected === null);
  const inForce = new Set(
    cloud.filter((code) => code.removingSince === null).map((code) => code.accessCodeId),
  );
  const spent = new Map(lock.spent.map((entry) => [entry.accessCodeId, entry]));
  for (const { accessCodeId, uses, ...code } of cloud) {
    if (code.pin !== null && isUsedUp({ ...code, uses })) spent.set(accessCodeId, { accessCodeId, uses });
  }
  return {
    generation,
    versionReceived: version,
    ...(generation === lock.generation ? {} : { versionApplied: 0 }),
    poolEnabled: lock.poolEnabled || cloud.some((code) => code.useBackupPool && code.removingSince === null),
    spent: [...spent.values()].filter(({ accessCodeId: id }) => entries.has(id) && !inForce.has(id)),
  };
}
