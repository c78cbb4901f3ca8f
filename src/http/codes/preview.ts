import { createLocal } from '../../core/request/local.ts';
import { askedFor } from '../../wire/request.ts';
import { offlineTimeFrameOf, type OfflineTimeFrame } from '../../wire/offline-time-frame.ts';
import type { ApiProblem } from '../problem.ts';
import {
  committedCode,
  localContext,
  NO_SUCH_DEVICE,
  offering,
  problemOf,
  type CodesContext,
  type OneCode,
} from './context.ts';
import type { CreateCode } from './parameters.ts';

interface PreviewedCode extends OneCode {
  /** The window that an offline code would open in, after rounding; `null` for other codes. */
  readonly offline_time_frame: OfflineTimeFrame | null;
}

/** What of a code that is not made is shown instead of an id. */
const NO_ID = 'preview';

/** `/access_codes/preview`: judged as `/access_codes/create` would be, and what comes of it is thrown away. */
export function previewCode(context: CodesContext, given: CreateCode): PreviewedCode | ApiProblem {
  const { device_id: deviceId, sync: _sync, ...parameters } = given;
  const { request, attemptForOfflineDevice } = askedFor(parameters);
  const state = context.store.lockState(deviceId);
  if (state === undefined) return NO_SUCH_DEVICE;
  const wanted = { request: { ...request, accessCodeId: NO_ID }, attemptForOfflineDevice };
  const outcome = createLocal(state, wanted, localContext(context, deviceId));
  if (outcome.kind === 'refused') return offering(problemOf(outcome), wanted.request, state);
  const after = outcome.step.state;
  const window = after.codes.find(({ accessCodeId }) => accessCodeId === NO_ID)?.issue?.window;
  return {
    // A PIN that the hub makes up is another one the next time.
    access_code: { ...committedCode(context, after, NO_ID), code: null },
    offline_time_frame: window === undefined ? null : offlineTimeFrameOf(window),
  };
}
