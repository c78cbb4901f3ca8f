import { z } from 'zod';
import { isSettled, type Command } from '../../core/command.ts';
import type { DomainEvent } from '../../core/event.ts';
import type { LockState } from '../../core/lock.ts';
import { listedCodes } from '../../core/request/unmanaged.ts';
import { MINUTE_MS, type Instant } from '../../core/time.ts';
import { forgetLock } from '../../store/doors.ts';
import { actionAttemptOf, actionAttemptSchema } from '../action-attempts.ts';
import { takeCommand } from '../commands.ts';
import { ApiProblem, notFound } from '../problem.ts';
import type { ApiContext } from '../route.ts';

/** What has not begun by then is not to happen any more. */
const LIFETIME_MS = MINUTE_MS;
/** More commands never wait. */
const LOOK_MAX = 100;

export const removeDeviceParameters = z.object({ device_id: z.string() });

export const removedDeviceSchema = z.object({
  action_attempt: actionAttemptSchema
    .nullable()
    .describe('The removal from the radio network; `null`: the lock had left it, and is forgotten now.'),
  access_codes_left_on_device: z
    .array(z.object({ access_code_id: z.string(), is_managed: z.boolean() }))
    .describe(
      'What the lock holds, as far as the hub knows. It may open to these until somebody erases them at the lock.',
    ),
});

type RemovedDevice = z.infer<typeof removedDeviceSchema>;

/**
 * `/devices/delete`. A lock in the radio network is taken out; the hub keeps what it knows of it, in case it is let in
 * again. One that is in no network is forgotten. Asking again while a removal is under way begins no other.
 */
export function removeDevice(
  context: ApiContext,
  { device_id: deviceId }: z.output<typeof removeDeviceParameters>,
): RemovedDevice | ApiProblem {
  const { store, clock } = context;
  const state = store.lockState(deviceId);
  if (state === undefined || state.lock.model === null) return notFound('device');
  const left = codesOn(state);
  // A lock that no radio reaches is in no network that it could be taken out of.
  if (state.lock.radio !== null && state.lock.radio !== 'offline') {
    const command =
      removalUnderWay(context, deviceId) ??
      takeCommand(context, { type: 'remove_device', deviceId }, LIFETIME_MS);
    return { action_attempt: actionAttemptOf(command), access_codes_left_on_device: left };
  }
  const codes = listedCodes(state);
  if (!context.mayChangeCloudCodes && codes.some(({ origin }) => origin === 'cloud')) return CLOUD_OWNED;
  store.transaction(() => {
    store.append(goneEvents(state, clock.now().earliest));
    forgetLock(store, deviceId, clock.now());
  });
  return { action_attempt: null, access_codes_left_on_device: left };
}

function removalUnderWay({ store }: ApiContext, deviceId: string): Command | undefined {
  return store.commands
    .open(null, LOOK_MAX)
    .find(
      ({ request, outcome }) =>
        request?.type === 'remove_device' && request.deviceId === deviceId && !isSettled(outcome),
    );
}

/** The codes in the slots of a lock; a write whose end nobody knows counts. */
function codesOn({ slots }: LockState): RemovedDevice['access_codes_left_on_device'] {
  return slots.flatMap(({ content, pending, owner, unmanaged }) => {
    const id = unmanaged?.accessCodeId ?? owner;
    const isHeld = content.kind !== 'empty' || pending !== null;
    return id === null || !isHeld ? [] : [{ access_code_id: id, is_managed: unmanaged === null }];
  });
}

function goneEvents(state: LockState, at: Instant): readonly DomainEvent[] {
  const { deviceId } = state.lock;
  const ofLock = { occurredAt: at, device_id: deviceId };
  const deleted = listedCodes(state).map(
    ({ accessCodeId }) =>
      ({ event_type: 'access_code.deleted', ...ofLock, access_code_id: accessCodeId }) as const,
  );
  return [...deleted, { event_type: 'device.deleted', ...ofLock }];
}

const CLOUD_OWNED = new ApiProblem(
  403,
  'cloud_owned',
  'The lock has access codes of the cloud: the cloud has to take them back, or forget the lock, first.',
);
