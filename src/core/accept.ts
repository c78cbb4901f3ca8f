import { newCode, plainRequest, type AccessCode, type AccessCodeRequest } from './access-code.ts';
import { advance } from './advance.ts';
import type { DomainEvent, Step } from './event.ts';
import type { LockState, Policy } from './lock.ts';
import type { ErrorCode } from './problem.ts';
import { duplicateRefusal, refusalOf } from './request.ts';
import type { TimeReading } from './time.ts';
import { withCode, withLock } from './with.ts';

/** One code of a desired document: as asked for, or why it could not be read. */
export type DesiredEntry =
  | { readonly kind: 'valid'; readonly request: AccessCodeRequest }
  | {
      readonly kind: 'invalid';
      readonly accessCodeId: string;
      readonly name: string | null;
      readonly code: ErrorCode;
      readonly message: string;
    };

/** All the cloud's codes of one lock (rule 1 of the MQTT contract). No id is in it twice. */
export interface DesiredDocument {
  readonly generation: number;
  readonly version: number;
  readonly codes: readonly DesiredEntry[];
}

export interface Acceptance {
  /** `duplicate`: this very version was taken before. `stale`: a newer one was. Neither changes anything. */
  readonly verdict: 'accepted' | 'duplicate' | 'stale';
  readonly step: Step<LockState>;
}

/**
 * Applies a desired document: it replaces the cloud's codes and leaves the hub's own alone. A code that is absent
 * from it is deleted; one that is invalid is reported as rejected, and what was accepted of it before stays in
 * force.
 */
export function accept(
  state: LockState,
  document: DesiredDocument,
  now: TimeReading,
  policy: Policy,
): Acceptance {
  const { lock } = state;
  const { generation, version } = document;
  const order = generation - lock.generation || version - lock.versionReceived;
  if (order <= 0) {
    return { verdict: order === 0 ? 'duplicate' : 'stale', step: { state, events: [] } };
  }
  const entries = new Map(document.codes.map((entry) => [idOf(entry), entry]));
  const known = new Set(state.codes.map((code) => code.accessCodeId));
  const asked = [
    ...state.codes.map((code) => (code.origin === 'cloud' ? updated(code, entries, state, now) : code)),
    ...document.codes.filter((entry) => !known.has(idOf(entry))).map((entry) => created(entry, state, now)),
  ];
  const codes = withoutDuplicates({ ...state, codes: asked }, state, policy).codes;
  const versions = {
    generation,
    versionReceived: version,
    ...(generation === lock.generation ? {} : { versionApplied: 0 }),
  };
  const next = withLock({ ...state, codes }, versions);
  const events = [...localClashes(state, entries, now), ...changeEvents(state, codes, now)];
  return { verdict: 'accepted', step: advance(next, policy, now, events) };
}

function idOf(entry: DesiredEntry): string {
  return entry.kind === 'valid' ? entry.request.accessCodeId : entry.accessCodeId;
}

const TRY_AGAIN = { refused: null, rejected: null, failures: 0, retryAt: null } as const;

function updated(
  code: AccessCode,
  entries: ReadonlyMap<string, DesiredEntry>,
  state: LockState,
  now: TimeReading,
): AccessCode {
  const entry = entries.get(code.accessCodeId);
  if (entry === undefined) {
    return code.removingSince === null ? { ...code, ...TRY_AGAIN, removingSince: now.earliest } : code;
  }
  if (entry.kind === 'invalid') return { ...code, rejected: { code: entry.code, message: entry.message } };
  const { request } = entry;
  const ended = request.endsAt !== null && request.endsAt <= now.earliest;
  if (sameRequest(code, request) && (code.removingSince === null || ended)) {
    return code.rejected === null ? code : { ...code, rejected: null };
  }
  const refusal = refusalOf(request, state, now);
  // A window that is moved into the past ends a code that exists; only in a new one is it a mistake.
  if (refusal !== null && !(ended && code.pin !== null)) return { ...code, rejected: refusal };
  const revision = code.revision + 1;
  return { ...code, ...request, ...TRY_AGAIN, revision, removingSince: null, externallyModified: false };
}

function created(entry: DesiredEntry, state: LockState, now: TimeReading): AccessCode {
  if (entry.kind === 'valid') {
    const rejected = refusalOf(entry.request, state, now);
    const code = newCode(entry.request, 'cloud', now.earliest);
    return rejected === null ? code : { ...code, pin: null, rejected };
  }
  const { accessCodeId, name, code, message } = entry;
  const request = { ...plainRequest(accessCodeId), name };
  return { ...newCode(request, 'cloud', now.earliest), rejected: { code, message } };
}

/**
 * Takes back the changes that would put one PIN on the lock twice at the same time. Judged over the whole document,
 * so that codes may swap their PINs; a code that does not change always wins. Taking one back can bring another
 * clash, so it is done until none is left: each round takes back at least one.
 */
function withoutDuplicates(asked: LockState, before: LockState, policy: Policy): LockState {
  const old = new Map(before.codes.map((code) => [code.accessCodeId, code]));
  let state = asked;
  for (let round = 0; round < asked.codes.length; round += 1) {
    const settled = state;
    for (const { accessCodeId } of settled.codes.toReversed()) {
      const code = state.codes.find((other) => other.accessCodeId === accessCodeId);
      const previous = old.get(accessCodeId);
      if (code === undefined || code === previous || code.rejected !== null) continue;
      const rejected = duplicateRefusal(code, state, policy);
      if (rejected === null) continue;
      state = withCode(state, accessCodeId, () => ({ ...(previous ?? { ...code, pin: null }), rejected }));
    }
    if (state === settled) break;
  }
  return state;
}

function sameRequest(code: AccessCode, request: AccessCodeRequest): boolean {
  return (
    request.pin !== null &&
    code.pin?.equals(request.pin) === true &&
    code.name === request.name &&
    code.startsAt === request.startsAt &&
    code.endsAt === request.endsAt &&
    code.preferNativeScheduling === request.preferNativeScheduling &&
    code.allowExternalModification === request.allowExternalModification &&
    code.strictStart === request.strictStart
  );
}

/** A document can't take over a code that was made on the hub (rule 2). */
function localClashes(
  state: LockState,
  entries: ReadonlyMap<string, DesiredEntry>,
  now: TimeReading,
): readonly DomainEvent[] {
  return state.codes
    .filter((code) => code.origin === 'local' && entries.has(code.accessCodeId))
    .map((code) => ({
      event_type: 'hub.message_rejected',
      occurredAt: now.earliest,
      device_id: state.lock.deviceId,
      access_code_id: code.accessCodeId,
      details: { reason: 'access_code_is_local', count: 1 },
    }));
}

/** `created` for what was taken for the first time, `changed` for what differs; values of a PIN are never told. */
function changeEvents(
  before: LockState,
  codes: readonly AccessCode[],
  now: TimeReading,
): readonly DomainEvent[] {
  const old = new Map(before.codes.map((code) => [code.accessCodeId, code]));
  return codes.flatMap((code): DomainEvent[] => {
    const previous = old.get(code.accessCodeId);
    if (code === previous || code.pin === null) return [];
    const base = {
      occurredAt: now.earliest,
      device_id: before.lock.deviceId,
      access_code_id: code.accessCodeId,
    };
    if (previous === undefined || previous.pin === null)
      return [{ event_type: 'access_code.created', ...base }];
    const properties = [
      ...(code.name === previous.name ? [] : ['name']),
      ...(code.pin.equals(previous.pin) ? [] : ['code']),
      ...(code.startsAt === previous.startsAt ? [] : ['starts_at']),
      ...(code.endsAt === previous.endsAt ? [] : ['ends_at']),
    ];
    if (properties.length === 0) return [];
    const changed_properties = properties.map((property) => ({ property }));
    return [{ event_type: 'access_code.changed', ...base, details: { changed_properties } }];
  });
}
