import { convertLocal } from '../../core/request/local.ts';
import type { LocalOutcome } from '../../core/request/local-outcome.ts';
import { deleteUnmanaged, unmanagedCodes, type UnmanagedAccessCode } from '../../core/request/unmanaged.ts';
import { unmanagedCodeOf, type View } from '../../wire/view.ts';
import { workspaceIdOf } from '../identity.ts';
import { pageOf, type Pagination } from '../paging.ts';
import { ApiProblem } from '../problem.ts';
import { changeCode, type Done } from './change.ts';
import {
  lockOf,
  NO_SUCH_CODE,
  NO_SUCH_DEVICE,
  viewIn,
  type CodesContext,
  type ShownUnmanaged,
} from './context.ts';
import { inOrder, isFound, orderOf } from './listing.ts';
import type { ConvertUnmanaged, DeleteCode, GetCode, ListUnmanaged, UpdateUnmanaged } from './parameters.ts';
import { NOT_FOUND, soughtBy } from './reading.ts';

/** `/access_codes/unmanaged/get`. */
export function getUnmanaged(
  context: CodesContext,
  given: GetCode,
): { readonly access_code: ShownUnmanaged } | ApiProblem {
  const sought = soughtBy(context, given);
  if (sought instanceof ApiProblem) return sought;
  const code = unmanagedCodes(sought.state).find(sought.isSought);
  return code === undefined
    ? NOT_FOUND
    : { access_code: shownUnmanaged(context, code, viewIn(context, sought.state)) };
}

/** `/access_codes/unmanaged/list`: the codes that the hub found on one lock. */
export function listUnmanaged(
  context: CodesContext,
  given: ListUnmanaged,
): { readonly access_codes: ShownUnmanaged[]; readonly pagination: Pagination } | ApiProblem {
  const { device_id: deviceId, search } = given;
  const state = context.store.lockState(deviceId);
  if (state === undefined) return NO_SUCH_DEVICE;
  const found = unmanagedCodes(state)
    .filter((code) => isFound(search, { ...code, name: null }, context.showsPins))
    .map((code) => ({ ...code, order: orderOf(code.since, code.accessCodeId) }));
  const page = pageOf(inOrder(found), ({ order }) => order, given);
  if (page instanceof ApiProblem) return page;
  const view = viewIn(context, state);
  const access_codes = page.items.map((code) => shownUnmanaged(context, code, view));
  return { access_codes, pagination: page.pagination };
}

/** `/access_codes/unmanaged/convert_to_managed`. */
export function convertUnmanaged(context: CodesContext, given: ConvertUnmanaged): Done | ApiProblem {
  const { access_code_id: id, device_id: deviceId } = given;
  const allows = given.allow_external_modification ?? given.is_external_modification_allowed ?? false;
  return changeCode(context, id, deviceId, (state, local) => convertLocal(state, id, allows, local));
}

/** `/access_codes/unmanaged/update`: there is nothing to be changed of a code that is not managed but that. */
export function updateUnmanaged(context: CodesContext, given: UpdateUnmanaged): Done | ApiProblem {
  if (given.is_managed) return convertUnmanaged(context, given);
  const { access_code_id: id, device_id: deviceId } = given;
  const state = lockOf(context, id, deviceId);
  const isThere =
    state !== undefined && unmanagedCodes(state).some(({ accessCodeId }) => accessCodeId === id);
  return isThere ? {} : NO_SUCH_CODE;
}

/** `/access_codes/unmanaged/delete`. Deleting what is on its way off already is no mistake. */
export function deleteUnmanagedCode(context: CodesContext, given: DeleteCode): Done | ApiProblem {
  const { access_code_id: id, device_id: deviceId } = given;
  return changeCode(context, id, deviceId, (state, { now }): LocalOutcome => {
    if (!unmanagedCodes(state).some(({ accessCodeId }) => accessCodeId === id)) return NOT_UNMANAGED;
    return { kind: 'taken', accessCodeId: id, step: deleteUnmanaged(state, id, 'local', now) };
  });
}

/** An unmanaged code as answers show it. */
export function shownUnmanaged(
  { showsPins, hubId }: CodesContext,
  code: UnmanagedAccessCode,
  view: View,
): ShownUnmanaged {
  const shown = { ...unmanagedCodeOf(code, view), workspace_id: workspaceIdOf(hubId) };
  return showsPins ? shown : { ...shown, code: null };
}

const NOT_UNMANAGED = {
  kind: 'refused',
  type: 'access_code_not_found',
  message: 'access_code_id: the hub knows no unmanaged access code with this id.',
} as const;
