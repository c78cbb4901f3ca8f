import { identifierOf } from '../../core/identifier.ts';
import type { LockState } from '../../core/lock.ts';
import { createOnEach, updateGroup, type SeveralOutcome } from '../../core/request/local-several.ts';
import { listedCodes } from '../../core/request/unmanaged.ts';
import { SECOND_MS, type Instant } from '../../core/time.ts';
import { changeOf } from '../../wire/change.ts';
import { askedFor } from '../../wire/request.ts';
import { ApiProblem } from '../problem.ts';
import type { Done } from './change.ts';
import {
  committedCode,
  localContext,
  NO_SUCH_DEVICE,
  problemOf,
  type CodesContext,
  type ShownCode,
} from './context.ts';
import type { CreateMultiple, UpdateMultiple } from './parameters.ts';

/**
 * A PUT is known as a repetition for once to twice this time. Clients repeat one whose answer was lost three times,
 * with 30 s for each (spec section l).
 */
const REPLAY_WINDOW_MS = 100 * SECOND_MS;

/** Makes requests differ that have the same parameters. */
const SALT_BELOW = 2 ** 32;

/** The content of an answer with several codes. */
interface Codes {
  readonly access_codes: ShownCode[];
}

/**
 * `/access_codes/create_multiple`: all codes or none. A `replayable` one (PUT) that comes again with the same parameters
 * within a few minutes makes nothing and answers the codes that it made; after a restart of the hub too, because their
 * ids follow from parameters and time.
 */
export function createMultiple(
  context: CodesContext,
  given: CreateMultiple,
  { replayable }: { readonly replayable: boolean },
): Codes | ApiProblem {
  const { store, clock, draw, policy, mayChangeCloudCodes: localOverride } = context;
  const { device_ids: deviceIds, behavior_when_code_cannot_be_shared: behavior, ...parameters } = given;
  const { request, attemptForOfflineDevice } = askedFor({ ...parameters, common_code_key: null });
  const now = clock.now();
  const made = store.transaction(() => {
    const states = deviceIds.flatMap((id) => store.lockState(id) ?? []);
    if (states.length < deviceIds.length) return NO_SUCH_DEVICE;
    const wishes = replayable
      ? wishesOf(context, given, now.earliest)
      : [`${draw(SALT_BELOW)} ${now.earliest}`];
    const before = wishes.map((wish) => madeBy(states, wish)).find((codes) => codes.length > 0);
    if (before !== undefined) return before;
    const idFor = (deviceId: string): string => identifierOf(`${deviceId} ${wishes[0]}`);
    const commonCodeKey = `auto_set_by_create_multiple_${idFor('key')}`;
    const wanted = { request, attemptForOfflineDevice, behavior, commonCodeKey, idFor };
    return taken(context, createOnEach(states, wanted, { draw, policy, now, localOverride }));
  });
  if (made instanceof ApiProblem) return made;
  for (const { state } of made) context.wake(state.lock.deviceId);
  return { access_codes: made.map(({ state, accessCodeId }) => committedCode(context, state, accessCodeId)) };
}

/** `/access_codes/update_multiple`: all codes with a key, or none. */
export function updateMultiple(context: CodesContext, given: UpdateMultiple): Done | ApiProblem {
  const { common_code_key: key, ...parameters } = given;
  const { store } = context;
  const changed = store.transaction(() => {
    const states = store.deviceIds().flatMap((id) => store.lockState(id) ?? []);
    const change = changeOf(parameters);
    return taken(
      context,
      updateGroup(states, key, change, (deviceId) => localContext(context, deviceId)),
    );
  });
  if (changed instanceof ApiProblem) return changed;
  for (const deviceId of new Set(changed.map(({ state }) => state.lock.deviceId))) context.wake(deviceId);
  return {};
}

/** A code, and its lock as it is now. */
interface Place {
  readonly state: LockState;
  readonly accessCodeId: string;
}

/** Commits the changes of all locks, inside the transaction that read them. */
function taken({ store }: CodesContext, outcome: SeveralOutcome): readonly Place[] | ApiProblem {
  if (outcome.kind === 'refused') return problemOf(outcome);
  for (const { before, after, events } of outcome.changes) store.commit(before, after, events);
  return outcome.changes.flatMap(({ after: state, accessCodeIds }) =>
    accessCodeIds.map((accessCodeId) => ({ state, accessCodeId })),
  );
}

/**
 * Texts that ids are made from: the parameters with the present stretch of time, and with the one before. Ids are no
 * secret, so it is the fingerprint of a PIN that goes into them.
 */
function wishesOf({ store }: CodesContext, given: CreateMultiple, at: Instant): readonly string[] {
  const parameters = JSON.stringify({ ...given, code: given.code && store.fingerprint(given.code) });
  const stretch = Math.floor(at / REPLAY_WINDOW_MS);
  return [stretch, stretch - 1].map((number) => `create_multiple ${number} ${parameters}`);
}

/** The codes that a request with this wish made before, as far as they are there. */
function madeBy(states: readonly LockState[], wish: string): readonly Place[] {
  return states.flatMap((state) => {
    const accessCodeId = identifierOf(`${state.lock.deviceId} ${wish}`);
    const isThere = listedCodes(state).some((code) => code.accessCodeId === accessCodeId);
    return isThere ? [{ state, accessCodeId }] : [];
  });
}
