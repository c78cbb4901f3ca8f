import type { SlotStatus, UserType } from '../lock/code-table.ts';
import type { ZigbeeModel } from './model.ts';

/** What the wire says of a user; only 1 and 3 can be set. */
export const USER_STATUS = { available: 0, enabled: 1, disabled: 3 } as const;
/** No user, in an event. */
export const NOBODY = 0xffff;
/** A user without a type: the lock has none of them, or nobody is there. */
const NO_TYPE = 0xff;

const TYPES: readonly (readonly [wire: number, type: UserType])[] = [
  [0, 'unrestricted'],
  [1, 'year_day'],
  [2, 'week_day'],
  [3, 'master'],
  [4, 'no_access'],
];

/** The house's slot of a user on the wire. The admin of a lock that counts from 1 is user 0 in both. */
export function slotOf(model: ZigbeeModel, user: number): number {
  return user + 1 - model.zigbee.firstUser;
}

export function userOf(model: ZigbeeModel, slot: number): number {
  return slot - 1 + model.zigbee.firstUser;
}

export function statusFrom(wire: number): SlotStatus | undefined {
  if (wire === USER_STATUS.enabled) return 'enabled';
  return wire === USER_STATUS.disabled ? 'disabled' : undefined;
}

export function typeFrom(wire: number): UserType | undefined {
  return TYPES.find(([number]) => number === wire)?.[1];
}

export function wireTypeOf(type: UserType | undefined): number {
  return TYPES.find(([, name]) => name === type)?.[0] ?? NO_TYPE;
}
