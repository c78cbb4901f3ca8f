import type { AccessCode } from '../../core/access-code.ts';
import type { LockState } from '../../core/lock.ts';
import type { Pin } from '../../core/pin.ts';
import { listedCodes } from '../../core/request/unmanaged.ts';
import { pageOf, type Pagination } from '../paging.ts';
import { ApiProblem } from '../problem.ts';
import {
  lockOf,
  NO_SUCH_DEVICE,
  shownCode,
  viewIn,
  type CodesContext,
  type OneCode,
  type ShownCode,
} from './context.ts';
import { inOrder, isFound, orderOf } from './listing.ts';
import { isOfNoCode, type GetCode, type ListCodes } from './parameters.ts';

/** `/access_codes/get`. Of several codes with one PIN on a lock the one that goes on it first. */
export function getCode(context: CodesContext, given: GetCode): OneCode | ApiProblem {
  const sought = soughtBy(context, given);
  if (sought instanceof ApiProblem) return sought;
  const { state, isSought } = sought;
  const [code] = listedCodes(state).filter(isSought).toSorted(byUse);
  return code === undefined ? NOT_FOUND : { access_code: shownCode(context, code, viewIn(context, state)) };
}

/** The lock on which a code is looked for, by its id or its PIN, and which code it is. */
export function soughtBy(
  context: CodesContext,
  { access_code_id: id, device_id: deviceId, code: pin }: GetCode,
): { readonly state: LockState; readonly isSought: (code: Known) => boolean } | ApiProblem {
  if (id != null) {
    const state = lockOf(context, id, null);
    return state === undefined ? NOT_FOUND : { state, isSought: ({ accessCodeId }) => accessCodeId === id };
  }
  if (!context.showsPins) return NEEDS_PINS;
  const state = context.store.lockState(deviceId ?? '');
  if (state === undefined) return NO_SUCH_DEVICE;
  return { state, isSought: (code) => pin !== null && code.pin?.equals(pin) === true };
}

interface Known {
  readonly accessCodeId: string;
  readonly pin: Pin | null;
}

/** The content of an answer with some of many codes. */
interface CodePage {
  readonly access_codes: ShownCode[];
  readonly pagination: Pagination;
}

/** `/access_codes/list`: the codes of a lock, of all locks, some of them, or those with a text in them; none of a pool. */
export function listCodes(context: CodesContext, given: ListCodes): CodePage | ApiProblem {
  const { store, showsPins } = context;
  const { device_id: deviceId, access_code_ids: ids, search } = given;
  if (deviceId != null && store.lockState(deviceId) === undefined) return NO_SUCH_DEVICE;
  const wanted = isOfNoCode(given) ? new Set<string>() : ids == null ? null : new Set(ids);
  const states = (deviceId == null ? store.deviceIds() : [deviceId]).flatMap(
    (id) => store.lockState(id) ?? [],
  );
  const found = states.flatMap((state) =>
    listedCodes(state)
      .filter((code) => wanted?.has(code.accessCodeId) !== false && isFound(search, code, showsPins))
      .map((code) => ({ code, state, order: orderOf(code.createdAt, code.accessCodeId) })),
  );
  const page = pageOf(inOrder(found), ({ order }) => order, given);
  if (page instanceof ApiProblem) return page;
  // What all codes of a lock share is worked out once.
  const shown = new Set(page.items.map(({ state }) => state));
  const views = new Map(Array.from(shown, (state) => [state, viewIn(context, state)]));
  const access_codes = page.items.flatMap(({ code, state }) => {
    const view = views.get(state);
    return view === undefined ? [] : [shownCode(context, code, view)];
  });
  return { access_codes, pagination: page.pagination };
}

/** What is to stay goes before what has to go, and then what begins first. */
function byUse(a: AccessCode, b: AccessCode): number {
  const byStay = Number(a.removingSince !== null) - Number(b.removingSince !== null);
  return byStay || (a.startsAt ?? 0) - (b.startsAt ?? 0);
}

export const NOT_FOUND = new ApiProblem(404, 'not_found', 'There is no such access code.');
const NEEDS_PINS = new ApiProblem(
  403,
  'forbidden',
  'To find an access code by its PIN needs a key with the scope pins.',
);
