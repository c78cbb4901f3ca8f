import type { AccessCode, AccessCodeRequest } from '../access-code.ts';
import { advance } from '../settle/advance.ts';
import { askedCodes, isUsedUp } from './asked.ts';
import type { Step } from '../event.ts';
import { foreignCodes } from './foreign.ts';
import { joinsGroup, judgedCodes } from './judge.ts';
import type { PinSources } from './linked.ts';
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
  const codes = judgedCodes(before, asked, joining, sources, policy, now);
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

/** Ids of the codes that come into a group with this document. */
function joiningCodes(before: LockState, entries: Entries): ReadonlySet<string> {
  const found = new Set<string>();
  for (const code of before.codes) {
    const entry = entries.get(code.accessCodeId);
    if (entry?.kind !== 'valid' || code.origin !== 'cloud') continue;
    if (joinsGroup(code, entry.request)) found.add(code.accessCodeId);
  }
  return found;
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
