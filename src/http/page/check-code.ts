import { z } from 'zod';
import { updateLocal } from '../../core/request/local.ts';
import type { LocalRefusal } from '../../core/request/local-outcome.ts';
import { createOnEach } from '../../core/request/local-several.ts';
import { changeOf } from '../../wire/change.ts';
import { askedFor } from '../../wire/request.ts';
import { localContext, lockOf, NO_SUCH_CODE, NO_SUCH_DEVICE } from '../codes/context.ts';
import {
  createMultipleParameters,
  updateCodeParameters,
  type CreateMultiple,
  type UpdateCode,
} from '../codes/parameters.ts';
import { ApiProblem } from '../problem.ts';
import type { ApiContext, Route } from '../route.ts';
import { pageRoute } from './page-route.ts';
import type { CheckedCode } from './types.ts';

/**
 * `/page/codes/check`: whether a code could be made or changed so, while somebody still types. It is judged as the deed
 * itself would be, and what comes of it is thrown away.
 */
export const pageCheckCode: Route = pageRoute({
  path: '/page/codes/check',
  verbs: ['POST'],
  scope: 'write',
  params: z.union([
    z.object({ create: createMultipleParameters }),
    z.object({ update: updateCodeParameters }),
  ]),
  act: (context, asked): CheckedCode | ApiProblem => {
    const outcome = 'create' in asked ? tryCreate(context, asked.create) : tryUpdate(context, asked.update);
    if (outcome instanceof ApiProblem) return outcome;
    return { refusal: outcome.kind === 'refused' ? outcome.message : null };
  },
});

type Tried = { readonly kind: 'taken' } | LocalRefusal | ApiProblem;

function tryCreate(context: ApiContext, given: CreateMultiple): Tried {
  const { store, clock, draw, policy, mayChangeCloudCodes: localOverride } = context;
  const { device_ids: deviceIds, behavior_when_code_cannot_be_shared: behavior, ...parameters } = given;
  const states = deviceIds.flatMap((id) => store.lockState(id) ?? []);
  if (states.length < deviceIds.length) return NO_SUCH_DEVICE;
  return createOnEach(
    states,
    {
      ...askedFor({ ...parameters, common_code_key: null }),
      behavior,
      commonCodeKey: 'checked',
      idFor: (deviceId) => `checked on ${deviceId}`,
    },
    { draw, policy, now: clock.now(), localOverride },
  );
}

function tryUpdate(context: ApiContext, given: UpdateCode): Tried {
  const { access_code_id: id, device_id: deviceId, is_managed: _managed, sync: _sync, ...parameters } = given;
  const state = lockOf(context, id, deviceId);
  if (state === undefined) return NO_SUCH_CODE;
  const local = localContext(context, state.lock.deviceId);
  return updateLocal(state, id, changeOf(parameters), local);
}
