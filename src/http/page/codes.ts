import { z } from 'zod';
import type { Pin } from '../../core/pin.ts';
import { listedCodes, unmanagedCodes } from '../../core/request/unmanaged.ts';
import { lockPropertiesOf } from '../../wire/lock-properties.ts';
import type { View } from '../../wire/view.ts';
import { NO_SUCH_CODE, lockOf } from '../codes/context.ts';
import { ApiProblem } from '../problem.ts';
import type { ApiContext, Route } from '../route.ts';
import { explanationsOf, pageCodesOf, pageUnmanagedCodesOf } from './code-object.ts';
import { lockFaceOf, lockViews } from './lock-summary.ts';
import { idParam, NO_PARAMS, pageRoute } from './page-route.ts';
import type { CodesAnswer, ShownPin } from './types.ts';

/** `/page/codes`: the codes of all locks. */
export const pageCodes: Route = pageRoute({
  path: '/page/codes',
  verbs: ['GET'],
  scope: 'read',
  params: NO_PARAMS,
  act: (parts): CodesAnswer => {
    const views = lockViews(parts);
    return {
      locks: views.filter(isNoKeypad).map((view) => {
        const { supported_code_lengths, code_constraints } = lockPropertiesOf(view);
        return {
          ...lockFaceOf(view),
          supported_code_lengths,
          code_constraints,
          has_native_schedules: hasNativeSchedules(view),
        };
      }),
      codes: views.flatMap((view) => pageCodesOf(parts, view, explanationsOf(view))),
      unmanaged_codes: views.flatMap(pageUnmanagedCodesOf),
    };
  },
});

/** `/page/codes/show`: a PIN, on an explicit wish. It is written down before it is told. */
export const pageShowCode: Route = pageRoute({
  path: '/page/codes/show',
  verbs: ['POST'],
  scope: 'pins',
  params: z.object({ access_code_id: idParam }),
  act: (context, { access_code_id }): ShownPin | ApiProblem =>
    context.store.transaction(() => {
      const found = pinOf(context, access_code_id);
      if (found instanceof ApiProblem) return found;
      if (found.pin === null) return { code: null };
      const { caller, clock, store } = context;
      store.append([
        {
          event_type: 'hub.code_shown',
          occurredAt: clock.now().earliest,
          device_id: found.deviceId,
          access_code_id,
          details: { by: caller.name },
        },
      ]);
      return { code: found.pin.reveal() };
    }),
});

function pinOf(
  context: ApiContext,
  accessCodeId: string,
): { readonly deviceId: string; readonly pin: Pin | null } | ApiProblem {
  const state = lockOf(context, accessCodeId, null);
  if (state === undefined) return NO_SUCH_CODE;
  const code = [...listedCodes(state), ...unmanagedCodes(state)].find(
    (other) => other.accessCodeId === accessCodeId,
  );
  return code === undefined ? NO_SUCH_CODE : { deviceId: state.lock.deviceId, pin: code.pin };
}

function isNoKeypad({ state }: View): boolean {
  return state.lock.capabilities?.isKeypad !== true;
}

export function hasNativeSchedules({ state: { lock } }: Parameters<typeof lockPropertiesOf>[0]): boolean {
  return lock.capabilities?.nativeScheduling != null && !lock.nativeRefused;
}
