import { z } from 'zod';
import { takesCodes } from '../core/capability.ts';
import type { Lock } from '../core/lock.ts';
import { batteryStatus, type BatteryStatus } from '../core/observe/battery.ts';
import { errorSchema, time, warningSchema } from '../wire/access-code.ts';
import { notedText } from '../wire/instant-text.ts';
import { lockPropertiesOf, lockPropertiesSchema } from '../wire/lock-properties.ts';
import { viewOf, type View } from '../wire/view.ts';
import { accountIdOf, workspaceIdOf } from './identity.ts';
import type { ApiParts } from './route.ts';

/** Makes whose locks existing clients have a type for; any other lock behind a hub goes by the last one. */
const DEVICE_TYPES = [
  'yale_lock',
  'schlage_lock',
  'kwikset_lock',
  'igloohome_lock',
  'dormakaba_oracode_door',
  'smartthings_lock',
] as const;

const batterySchema = z.object({
  level: z.number().describe('0 to 1.'),
  status: z.enum(['critical', 'low', 'good', 'full'] satisfies readonly BatteryStatus[]),
});

/** The device object of a lock. */
export const deviceSchema = z
  .object({
    device_id: z.string(),
    device_type: z.enum(DEVICE_TYPES),
    display_name: z.string().describe('The nickname, or what the model is called.'),
    nickname: z.string().nullable(),
    workspace_id: z.string(),
    connected_account_id: z.string(),
    capabilities_supported: z.array(z.enum(['lock', 'access_code', 'battery'])),
    can_remotely_lock: z.boolean(),
    can_remotely_unlock: z.boolean(),
    can_program_online_access_codes: z.boolean().describe('Also while the lock is offline for a while.'),
    can_program_offline_access_codes: z
      .literal(true)
      .describe('Missing where the lock takes none.')
      .optional(),
    can_unlock_with_code: z.boolean(),
    can_simulate_connection: z.boolean().describe('Only in the demo, like the next two.').optional(),
    can_simulate_disconnection: z.boolean().optional(),
    can_simulate_removal: z.boolean().optional(),
    properties: lockPropertiesSchema.extend({
      online: z.boolean(),
      name: z.string(),
      appearance: z.object({ name: z.string() }),
      model: z.object({
        display_name: z.string(),
        manufacturer_display_name: z.string(),
        has_built_in_keypad: z.boolean(),
        online_access_codes_supported: z.boolean(),
        offline_access_codes_supported: z.boolean(),
      }),
      manufacturer: z.string(),
      locked: z.boolean().nullable().describe('`null`: the lock has not said so.'),
      battery: batterySchema.optional().describe('Missing while the lock is offline.'),
      battery_level: z.number().optional(),
      backup_access_code_pool_enabled: z.boolean(),
      online_access_codes_enabled: z.boolean(),
      offline_access_codes_enabled: z.boolean(),
    }),
    location: z.object({ location_name: z.string().nullable(), time_zone: z.string() }),
    errors: z.array(errorSchema),
    warnings: z.array(warningSchema),
    created_at: time,
    is_managed: z.literal(true),
    custom_metadata: z.record(z.string(), z.union([z.string(), z.boolean()])),
    space_ids: z.array(z.string()),
  })
  .meta({ id: 'Device' });

export type Device = z.infer<typeof deviceSchema>;

/** A lock as it is now; `undefined` for one that no radio of this hub has met yet. */
export function deviceOf(deviceId: string, parts: ApiParts): Device | undefined {
  const { store, policy, clock, isRadioUp, hubId } = parts;
  const state = store.lockState(deviceId);
  const model = state?.lock.model ?? null;
  if (state === undefined || model === null) return undefined;
  const { lock } = state;
  const view = viewOf(state, {
    policy,
    now: clock.now(),
    isRadioUp: lock.radio === null || isRadioUp(lock.radio),
  });
  return {
    device_id: deviceId,
    device_type: deviceTypeOf(model, lock),
    display_name: lock.nickname ?? model,
    nickname: lock.nickname,
    workspace_id: workspaceIdOf(hubId),
    connected_account_id: accountIdOf(hubId),
    capabilities_supported: [
      ...(lock.capabilities?.isKeypad === true ? [] : boltAndCodes(lock)),
      ...(lock.batteryLevel === null ? [] : ['battery' as const]),
    ],
    ...flagsOf(lock),
    ...(parts.simulation === null ? {} : simulatedFlagsOf(lock)),
    properties: { ...lockPropertiesOf(view), ...propertiesOf(view, model) },
    location: { location_name: null, time_zone: policy.timezone },
    errors: [...view.errors],
    warnings: [...view.warnings],
    created_at: notedText(lock.metAt ?? 0),
    is_managed: true,
    custom_metadata: { ...lock.customMetadata },
    space_ids: [],
  };
}

function boltAndCodes(lock: Lock): readonly ('access_code' | 'lock')[] {
  return ['access_code', ...(isReached(lock) ? ['lock' as const] : [])];
}

/** What can be asked of it at all: a lock that is away for a while keeps these, one that left does not. */
function flagsOf({ radio, capabilities }: Lock) {
  const isKeypad = capabilities?.isKeypad === true;
  const isThere = isReached({ radio }) && !isKeypad;
  return {
    can_remotely_lock: isThere,
    can_remotely_unlock: isThere,
    can_program_online_access_codes: isThere && capabilities !== null && takesCodes(capabilities),
    ...(capabilities === null || capabilities.offline === null
      ? {}
      : { can_program_offline_access_codes: true as const }),
    can_unlock_with_code: capabilities !== null && !isKeypad,
  };
}

/** A radio of the hub reaches it, or did: nothing is ever sent to a lock whose codes only are issued. */
function isReached({ radio }: Pick<Lock, 'radio'>): boolean {
  return radio !== null && radio !== 'offline';
}

function simulatedFlagsOf({ radio, online }: Lock) {
  const isThere = isReached({ radio });
  return {
    can_simulate_connection: isThere && !online,
    can_simulate_disconnection: isThere && online,
    can_simulate_removal: isThere,
  };
}

function propertiesOf({ state: { lock }, isRadioUp }: View, model: string) {
  const { batteryLevel, capabilities } = lock;
  const takesOffline = capabilities !== null && capabilities.offline !== null;
  const online = lock.online && isRadioUp;
  const battery =
    batteryLevel === null || !online
      ? {}
      : {
          battery: { level: batteryLevel, status: batteryStatus(batteryLevel) },
          battery_level: batteryLevel,
        };
  return {
    online,
    name: lock.nickname ?? model,
    appearance: { name: model },
    model: {
      display_name: model,
      manufacturer_display_name: makeOf(model),
      has_built_in_keypad: true,
      online_access_codes_supported: lock.radio !== 'offline',
      offline_access_codes_supported: takesOffline,
    },
    manufacturer: makeOf(model).toLowerCase(),
    locked: lock.locked,
    ...battery,
    backup_access_code_pool_enabled: lock.poolEnabled,
    online_access_codes_enabled: capabilities !== null && lock.radio !== 'offline',
    offline_access_codes_enabled: takesOffline,
  };
}

/** A driver's model begins with who made it, or with a number where nobody knows. */
function makeOf(model: string): string {
  const [make = model, next = ''] = model.split(' ');
  return next.startsWith('0x') ? 'Unknown' : make;
}

function deviceTypeOf(model: string, { radio, capabilities }: Lock): Device['device_type'] {
  const vendor = radio === 'offline' ? capabilities?.offline?.vendor : undefined;
  if (vendor === 'igloohome') return 'igloohome_lock';
  if (vendor === 'dormakaba_oracode') return 'dormakaba_oracode_door';
  const type = `${makeOf(model).toLowerCase()}_lock`;
  return DEVICE_TYPES.find((known) => known === type) ?? 'smartthings_lock';
}
