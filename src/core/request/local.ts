import {
  isTimeBound,
  newCode,
  plainRequest,
  type AccessCode,
  type AccessCodeRequest,
} from '../access-code.ts';
import { changed, deleted, isEnded, isUsedUp, refusalOfNew, wasDeleted } from './asked.ts';
import type { DomainEvent } from '../event.ts';
import { adoptAs } from './foreign.ts';
import { joinsGroup, judgedCodes } from './judge.ts';
import type { PinSources } from './linked.ts';
import { refused, refusedBy, type LocalOutcome, type LocalRefusal } from './local-outcome.ts';
import type { LockState, Policy } from '../lock.ts';
import { advance } from '../settle/advance.ts';
import { changeRefusal, deletionRefusal } from './offline.ts';
import type { Pin } from '../pin.ts';
import { changeEvents } from './request-events.ts';
import { refusalOf } from './request.ts';
import type { TimeReading } from '../time.ts';
import { handBack, listedCodes } from './unmanaged.ts';
import { withCode, withLock } from '../with.ts';

// Codes made, changed and deleted on the hub itself, one request at a time. They are judged as the entries of a desired
// document are, but a request that is refused leaves nothing behind: whoever asked has the answer at once.

/** Most codes of one lock that are the hub's own, as many as a desired document may name: a bound for the database. */
const LOCAL_CODES_MAX = 1000;

/** What a local request is judged by. */
export interface LocalContext {
  readonly sources: PinSources;
  readonly policy: Policy;
  readonly now: TimeReading;
  /**
   * What the cloud owns may be changed here too. Such a code stays the cloud's own: the next document that is newer
   * than the last one says again what it is, whether that undoes the change or not, and until then the change holds. The
   * event `hub.local_override` tells the cloud of it. Documents that the cloud sends once more change nothing.
   */
  readonly localOverride: boolean;
}

/** A code that is to be made. */
export interface NewLocalCode {
  readonly request: AccessCodeRequest;
  /** `false`: it is not to wait for a lock that is offline. */
  readonly attemptForOfflineDevice: boolean;
  /** A PIN made up by the hub before, for several locks at once; only where the request has none. */
  readonly drawnPin?: Pin;
}

/** What is to become of a code; what is left out stays as it is. A `null` PIN is none that is chosen. */
export interface CodeChange extends Partial<Omit<AccessCodeRequest, 'accessCodeId'>> {
  /** `ongoing` drops the time frame that the code has, `time_bound` insists on one. */
  readonly type?: 'ongoing' | 'time_bound';
}

/** Makes a code of the hub's own. Its id must be new to the lock. */
export function createLocal(state: LockState, wanted: NewLocalCode, context: LocalContext): LocalOutcome {
  const { request, attemptForOfflineDevice, drawnPin } = wanted;
  const { policy, now } = context;
  const refusal = refusalOfNew(request, attemptForOfflineDevice, state.lock, policy, now);
  if (refusal !== null) return refusedBy(refusal);
  if (listedCodes(state).filter(({ origin }) => origin === 'local').length >= LOCAL_CODES_MAX) {
    return refused('invalid_input', `device_id: this lock has ${LOCAL_CODES_MAX} codes made on the hub.`);
  }
  const code = newCode(request, 'local', now.earliest);
  const made = drawnPin === undefined ? code : { ...code, pin: drawnPin, isPinDrawn: true };
  return judgedStep(state, [...state.codes, made], { accessCodeId: made.accessCodeId }, context);
}

/**
 * Changes a code. One whose own time or uses have run out comes back with a change that gives it more; one that is
 * being deleted does not.
 */
export function updateLocal(
  state: LockState,
  accessCodeId: string,
  change: CodeChange,
  context: LocalContext,
): LocalOutcome {
  const found = changeable(state, accessCodeId, context);
  if ('kind' in found) return found;
  const { code } = found;
  if (code.isBackup) return refused('invalid_input', BACKUP_FOLLOWS);
  if (wasDeleted(code)) {
    return refused('invalid_input', 'access_code_id: this access code is being deleted.');
  }
  const fixed = changeRefusal(code, { offline: change.offline ?? null });
  if (fixed !== null) return refusedBy(fixed);
  const request = requestAfter(code, change);
  if (change.type === 'time_bound' && !isTimeBound(request)) {
    return refused('invalid_input', 'type: time_bound needs starts_at and ends_at.');
  }
  const { policy, now } = context;
  // A document may say that a code has ended. Who asks for that here has made a mistake, or means to delete it.
  const over = isEnded(request, now) ? refusalOf(request, code, state.lock, policy, now) : null;
  if (over !== null) return refusedBy(over);
  if (isUsedUp({ ...request, uses: code.uses })) return refused('invalid_input', usedUp(code));
  const next = changed(code, request, state.lock, policy, now);
  if (next === code) return unchanged(state, code);
  const asked = state.codes.with(state.codes.indexOf(code), next);
  const events = overriding(state, code, 'updated', now);
  return judgedStep(state, asked, { accessCodeId, joins: joinsGroup(code, request), events }, context);
}

/** Has a code taken off its lock. One that is on its way off already goes on as it did, so asking twice is safe. */
export function deleteLocal(state: LockState, accessCodeId: string, context: LocalContext): LocalOutcome {
  const found = changeable(state, accessCodeId, context);
  if ('kind' in found) return found;
  const { code } = found;
  const { policy, now } = context;
  if (code.removingSince !== null) return unchanged(state, code);
  const fixed = deletionRefusal(code);
  if (fixed !== null) return refusedBy(fixed);
  // A backup code stays for as long as the code that it stands in for names it.
  const unlinked = withCode(state, code.backupOf, (original) => ({ ...original, pulledBackupId: null }));
  const next = withCode(unlinked, accessCodeId, (last) => deleted(last, now));
  const step = advance(next, policy, now, overriding(state, code, 'deleted', now));
  return { kind: 'taken', accessCodeId, step };
}

/**
 * Takes a code over that the hub found on the lock, as an ongoing code of the hub's own under its id. Without a name, for
 * the lock tells none.
 */
export function convertLocal(
  state: LockState,
  accessCodeId: string,
  allowExternalModification: boolean,
  context: LocalContext,
): LocalOutcome {
  if (!state.slots.some(({ unmanaged }) => unmanaged?.accessCodeId === accessCodeId)) {
    return refused(
      'access_code_not_found',
      'access_code_id: the hub knows no unmanaged access code with this id.',
    );
  }
  const { policy, now } = context;
  const request = { ...plainRequest(accessCodeId), allowExternalModification };
  const adopted = adoptAs(request, 'local', state, listedCodes(state), policy, now);
  if ('refusal' in adopted) return refusedBy(adopted.refusal);
  const step = advance(adopted.step.state, policy, now, adopted.step.events);
  return { kind: 'taken', accessCodeId, step };
}

/** Gives a code up (`is_managed: false`): it stays on the lock as it is there, under its id. */
export function handBackLocal(state: LockState, accessCodeId: string, context: LocalContext): LocalOutcome {
  const found = changeable(state, accessCodeId, context);
  if ('kind' in found) return found;
  const fixed = changeRefusal(found.code, found.code);
  if (fixed !== null) return refusedBy(fixed);
  const { policy, now } = context;
  const given = handBack(state, accessCodeId, now);
  if (given.kind === 'refused') return refused('invalid_input', `is_managed: ${given.message}`);
  const events = [...given.step.events, ...overriding(state, found.code, 'handed_back', now)];
  return { kind: 'taken', accessCodeId, step: advance(given.step.state, policy, now, events) };
}

const BACKUP_FOLLOWS =
  'access_code_id: a backup access code follows the access code that it stands in for. Change that one.';

function usedUp({ uses }: AccessCode): string {
  return `max_uses: the lock has reported ${uses} uses of this access code already. Delete it to end it.`;
}

/** The code, or why it can't be touched here. */
function changeable(
  state: LockState,
  accessCodeId: string,
  { localOverride }: LocalContext,
): { readonly code: AccessCode } | LocalRefusal {
  const code = listedCodes(state).find((other) => other.accessCodeId === accessCodeId);
  if (code === undefined) {
    return refused('access_code_not_found', 'access_code_id: the hub knows no access code with this id.');
  }
  if (code.origin === 'local' || localOverride) return { code };
  const message =
    'access_code_id: this access code belongs to the cloud, so it is changed there. Set http.local_override to change it here.';
  return refused('cloud_owned', message);
}

function requestAfter(code: AccessCode, { type, ...change }: CodeChange): AccessCodeRequest {
  const request = { ...requestOf(code), ...change };
  if (type !== 'ongoing') return request;
  const { startsAt, endsAt, useBackupPool = false } = change;
  const ongoing = { ...request, endsAt: null, useBackupPool };
  if (endsAt !== undefined) return { ...ongoing, startsAt: null };
  // A start alone stays: the code must not open before it.
  return startsAt === undefined && isTimeBound(code) ? { ...ongoing, startsAt: null } : ongoing;
}

/** What was asked for, but for the PIN: a request without one is content with the PIN there is. */
function requestOf(code: AccessCode): AccessCodeRequest {
  return {
    accessCodeId: code.accessCodeId,
    name: code.name,
    pin: null,
    preferredCodeLength: code.preferredCodeLength,
    commonCodeKey: code.commonCodeKey,
    startsAt: code.startsAt,
    endsAt: code.endsAt,
    preferNativeScheduling: code.preferNativeScheduling,
    allowExternalModification: code.allowExternalModification,
    strictStart: code.strictStart,
    useBackupPool: code.useBackupPool,
    weeklyWindows: code.weeklyWindows,
    maxUses: code.maxUses,
    offline: code.offline,
  };
}

/** Which of the codes is asked for, and what is told beside the change itself. */
interface AskedFor {
  readonly accessCodeId: string;
  readonly joins?: boolean;
  readonly events?: readonly DomainEvent[];
}

/** The step to these codes, unless the one that was asked for is rejected among them. */
function judgedStep(
  state: LockState,
  asked: readonly AccessCode[],
  { accessCodeId, joins = false, events = [] }: AskedFor,
  { sources, policy, now }: LocalContext,
): LocalOutcome {
  const joining = new Set(joins ? [accessCodeId] : []);
  const codes = judgedCodes(state, asked, joining, sources, policy, now);
  const code = codes.find((other) => other.accessCodeId === accessCodeId);
  if (code === undefined) throw new Error(`access code ${accessCodeId} was asked for and not judged`);
  if (code.rejected !== null) return refusedBy(code.rejected);
  const next = withLock({ ...state, codes }, { poolEnabled: state.lock.poolEnabled || code.useBackupPool });
  const step = advance(next, policy, now, [...changeEvents(state, codes, now), ...events]);
  return { kind: 'taken', accessCodeId, step };
}

/** Tells the cloud that one of its codes was changed here. */
function overriding(
  { lock }: LockState,
  { accessCodeId, origin }: AccessCode,
  change: 'updated' | 'deleted' | 'handed_back',
  now: TimeReading,
): readonly DomainEvent[] {
  if (origin === 'local') return [];
  const ids = { device_id: lock.deviceId, access_code_id: accessCodeId };
  return [{ event_type: 'hub.local_override', occurredAt: now.earliest, ...ids, details: { change } }];
}

function unchanged(state: LockState, { accessCodeId }: AccessCode): LocalOutcome {
  return { kind: 'taken', accessCodeId, step: { state, events: [] } };
}
