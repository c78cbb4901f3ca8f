import { z } from 'zod';
import type { LockState } from '../core/lock.ts';
import type { CODE_EVENTS } from './discovery.ts';

/** Events of the outbox that become one of Home Assistant's. */
const entrySchema = z.union([
  z.object({
    event_type: z.literal('lock.unlocked'),
    method: z.literal('keycode'),
    device_id: z.string(),
    occurred_at: z.string(),
    access_code_id: z.string().optional(),
  }),
  z.object({
    event_type: z.literal('lock.access_denied'),
    device_id: z.string(),
    occurred_at: z.string(),
  }),
]);

/** The payload of the event entity: beside `event_type`, all fields become attributes. */
export interface CodeEvent {
  readonly event_type: (typeof CODE_EVENTS)[number];
  readonly occurred_at: string;
  /** Left out where it is not known, or would give a PIN away. */
  readonly code_name?: string;
}

/** A keypad that let somebody in or turned somebody away; `undefined` for any other event. */
export function codeEventOf(
  event: Readonly<Record<string, unknown>>,
  stateOf: (deviceId: string) => LockState | undefined,
): { readonly deviceId: string; readonly payload: CodeEvent } | undefined {
  const entry = entrySchema.safeParse(event);
  if (!entry.success) return undefined;
  const { device_id: deviceId, occurred_at } = entry.data;
  if (entry.data.event_type === 'lock.access_denied') {
    return { deviceId, payload: { event_type: 'denied', occurred_at } };
  }
  const { access_code_id } = entry.data;
  const state = stateOf(deviceId);
  const name = access_code_id === undefined || !state ? null : nameOf(access_code_id, state);
  return {
    deviceId,
    payload: {
      event_type: 'used',
      occurred_at,
      ...(name === null ? {} : { code_name: name }),
    },
  };
}

/** A backup code without a name is known by the one that it stands in for. No name that holds a PIN of this lock. */
function nameOf(accessCodeId: string, { codes, slots }: LockState): string | null {
  const used = codes.find((code) => code.accessCodeId === accessCodeId);
  const original = codes.find((code) => code.accessCodeId === used?.backupOf);
  const name = used?.name ?? original?.name ?? null;
  if (name === null) return null;
  const pins = [
    ...codes.map((code) => code.pin),
    ...slots.map(({ content }) => (content.kind === 'pin' ? content.pin : null)),
  ];
  return pins.some((pin) => pin?.isIn(name)) ? null : name;
}
