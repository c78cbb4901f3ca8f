import { CommandClasses } from '@zwave-js/core';
import type { LockEventBody } from '../../src/core/lock-event.ts';
import { batteryLevelOf } from './profile.ts';

/** A value of a node that changed. */
export interface ValueChange {
  readonly commandClass: CommandClasses;
  readonly property: string | number;
  readonly propertyKey?: string | number | undefined;
  readonly prevValue?: unknown;
  readonly newValue: unknown;
}

type Reader = (newValue: unknown, prevValue: unknown) => LockEventBody | undefined;

/** Values of Notification CC, by the names that zwave-js gives them, and their numbers in the registry. */
const JAMMED = 0x0b;
const KEYPAD_DISABLED = 0x10;
const COVER_REMOVED = 0x03;

const NOTIFICATION_VALUES: Readonly<Record<string, Reader>> = {
  'Access Control/Lock state': beginsAndEnds(JAMMED, { kind: 'jammed' }, { kind: 'jam_cleared' }),
  'Access Control/Keypad state': beginsAndEnds(KEYPAD_DISABLED, { kind: 'access_denied' }, undefined),
  'Home Security/Cover status': beginsAndEnds(
    COVER_REMOVED,
    { kind: 'tampered' },
    { kind: 'tamper_cleared' },
  ),
};

const BATTERY_VALUES: Readonly<Record<string, Reader>> = {
  level: (percent) => {
    const level = batteryLevelOf(percent);
    return level === null ? undefined : { kind: 'battery', level, low: false };
  },
};

/**
 * What a changed value tells the hub. Alarms with a beginning and an end are values in zwave-js and not events
 * (field note 6): the lock's state, its cover, its keypad after too many wrong codes.
 */
export function meaningOfValue(change: ValueChange): LockEventBody | undefined {
  const { commandClass, property, propertyKey, prevValue, newValue } = change;
  // An update without a change is common (field note 2).
  if (prevValue === newValue) return undefined;
  if (commandClass === CommandClasses.Notification) {
    return NOTIFICATION_VALUES[`${property}/${propertyKey}`]?.(newValue, prevValue);
  }
  return commandClass === CommandClasses.Battery
    ? BATTERY_VALUES[property]?.(newValue, prevValue)
    : undefined;
}

/** The lock says that its bolt is stuck, again or for the first time. */
export function isJam({ commandClass, property, propertyKey, newValue }: ValueChange): boolean {
  const isState = commandClass === CommandClasses.Notification && property === 'Access Control';
  return isState && propertyKey === 'Lock state' && newValue === JAMMED;
}

function beginsAndEnds(state: number, begins: LockEventBody, ends: LockEventBody | undefined): Reader {
  return (newValue, prevValue) => {
    if (newValue === state) return begins;
    return prevValue === state ? ends : undefined;
  };
}
