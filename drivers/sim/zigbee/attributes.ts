import { MINUTE_MS, SECOND_MS } from '../../../src/core/time.ts';
import type { Application } from './application.ts';
import { EPOCH_2000_SECONDS, localSeconds, NO_TIME, zoneOf } from './time.ts';
import { KIND, type Kind, type Value } from './zcl.ts';

export const CLUSTER = {
  basic: 0x0000,
  power: 0x0001,
  identify: 0x0003,
  alarms: 0x0009,
  time: 0x000a,
  pollControl: 0x0020,
  doorLock: 0x0101,
  /** What is an alarm's zone, and who speaks to its panel (IAS Zone, IAS ACE). */
  zone: 0x0500,
  ace: 0x0501,
} as const;

/** Clusters count short times in quarters of a second. */
export const QUARTER_MS = 250;
/** Longest interval between two polls or check-ins: 20 days. */
export const QUARTERS_MAX = 0x6e0000;
const BATTERY_POWERED = 3;
const FULL_MILLIVOLTS = 6000;
const EMPTY_MILLIVOLTS = 4000;
const BATTERY_LOW_PERCENT = 10;
const LOCK_STATE = { jammed: 0, locked: 1, unlocked: 2 } as const;

interface Attribute {
  readonly kind: Kind;
  readonly value: Value;
  /** Absent: it can only be read. False: the value is none that it takes. */
  readonly write?: (value: Value) => boolean;
}

/** A reading of an attribute. */
export interface Reading {
  readonly kind: Kind;
  readonly value: Value;
}

interface AttributeAccess {
  read(): Reading;
  readonly write: ((value: Value) => boolean) | undefined;
}

/** The attributes of one cluster by number, ascending. */
export type Attributes = ReadonlyMap<number, AttributeAccess>;

export type Rows = readonly (readonly [id: number, attribute: Attribute])[];

/** The attributes of a cluster that this lock has; `undefined` for a cluster that it has not. */
export function attributesOf(of: Application, cluster: number): Attributes | undefined {
  const rows = rowsOf(of, cluster);
  return rows && accessOf(rows);
}

export function accessOf(rows: Rows): Attributes {
  return new Map(
    rows.map(([id, { kind, value, write }]) => [id, { read: () => ({ kind, value }), write }] as const),
  );
}

/** The clusters on the endpoint of a lock, ascending. */
export function clustersOf({ model }: Pick<Application, 'model'>): readonly number[] {
  const { alarms, timeServer, pollControl } = model.zigbee;
  return [
    CLUSTER.basic,
    CLUSTER.power,
    CLUSTER.identify,
    ...(alarms ? [CLUSTER.alarms] : []),
    ...(timeServer ? [CLUSTER.time] : []),
    ...(pollControl ? [CLUSTER.pollControl] : []),
    CLUSTER.doorLock,
  ];
}

function rowsOf(of: Application, cluster: number): Rows | undefined {
  if (!clustersOf(of).includes(cluster)) return undefined;
  switch (cluster) {
    case CLUSTER.basic:
      return basicRows(of.model.zigbee);
    case CLUSTER.power:
      return powerRows(of.lock.batteryPercent, of.model.zigbee.batteryFull);
    case CLUSTER.identify:
      return [[0x0000, { kind: KIND.u16, value: 0 }]];
    case CLUSTER.time:
      return time(of);
    case CLUSTER.pollControl:
      return polling(of);
    case CLUSTER.doorLock:
      return doorLock(of);
    default:
      return [];
  }
}

/** Who made it, and what it runs on. */
export function basicRows({
  manufacturer,
  modelId,
}: {
  readonly manufacturer: string;
  readonly modelId: string;
}): Rows {
  return [
    [0x0000, { kind: KIND.u8, value: 3 }],
    [0x0001, { kind: KIND.u8, value: 1 }],
    [0x0002, { kind: KIND.u8, value: 2 }],
    [0x0003, { kind: KIND.u8, value: 1 }],
    [0x0004, { kind: KIND.text, value: manufacturer }],
    [0x0005, { kind: KIND.text, value: modelId }],
    [0x0006, { kind: KIND.text, value: '20260101' }],
    [0x0007, { kind: KIND.enum8, value: BATTERY_POWERED }],
    [0x4000, { kind: KIND.text, value: '1.0.0' }],
  ];
}

/** Its battery; `full` is what a full one reads as. */
export function powerRows(percent: number, full: number): Rows {
  const share = percent / 100;
  const millivolts = EMPTY_MILLIVOLTS + (FULL_MILLIVOLTS - EMPTY_MILLIVOLTS) * share;
  return [
    [0x0020, { kind: KIND.u8, value: Math.round(millivolts / 100) }],
    [0x0021, { kind: KIND.u8, value: Math.round(share * full) }],
    [0x003e, { kind: KIND.map32, value: percent < BATTERY_LOW_PERCENT ? 1 : 0 }],
  ];
}

function time({ lock, settings }: Application): Rows {
  const { clock } = lock;
  const seconds = Math.floor(clock.utc() / SECOND_MS) - EPOCH_2000_SECONDS;
  const setTime = (value: Value): boolean => {
    if (typeof value !== 'number') return false;
    clock.setUtc((value + EPOCH_2000_SECONDS) * SECOND_MS);
    return true;
  };
  const told = (name: string, untold: number): number => settings.others.get(name) ?? untold;
  const part = (name: string, kind: Kind, untold: number): Attribute => ({
    kind,
    value: told(name, untold),
    write: (value) => {
      if (typeof value !== 'number') return false;
      settings.others.set(name, value);
      const [start, end] = [told('dstStart', NO_TIME), told('dstEnd', NO_TIME)];
      clock.zone = zoneOf(told('timeZone', 0), start, end, told('dstShift', 0));
      return true;
    },
  });
  return [
    [0x0000, { kind: KIND.utc, value: seconds, write: setTime }],
    [0x0001, { kind: KIND.map8, value: 0 }],
    [0x0002, part('timeZone', KIND.i32, (clock.zone.standardMinutes * MINUTE_MS) / SECOND_MS)],
    [0x0003, part('dstStart', KIND.u32, NO_TIME)],
    [0x0004, part('dstEnd', KIND.u32, NO_TIME)],
    [0x0005, part('dstShift', KIND.i32, 0)],
    [0x0007, { kind: KIND.u32, value: localSeconds(clock) }],
  ];
}

function polling(of: Application): Rows {
  const { settings } = of;
  const setCheckIn = (value: Value): boolean => {
    if (typeof value !== 'number' || value > QUARTERS_MAX) return false;
    settings.checkInMs = value * QUARTER_MS;
    of.checkIn();
    return true;
  };
  return [
    [0x0000, { kind: KIND.u32, value: settings.checkInMs / QUARTER_MS, write: setCheckIn }],
    [0x0001, { kind: KIND.u32, value: Math.round(settings.longPollMs / QUARTER_MS) }],
    [0x0002, { kind: KIND.u16, value: 2 }],
    [0x0003, { kind: KIND.u16, value: 40 }],
  ];
}

function doorLock({ lock, model, settings }: Application): Rows {
  const { zigbee } = model;
  const pinLength = zigbee.claimedPinLength ?? model.pinLength;
  const setOta = (value: Value): boolean => {
    settings.sendPinOta = value !== 0;
    return true;
  };
  const kept = (name: string, kind: Kind, fallback: number): Attribute => ({
    kind,
    value: settings.others.get(name) ?? fallback,
    write: (value) => {
      if (typeof value === 'number') settings.others.set(name, value);
      return typeof value === 'number';
    },
  });
  const state = lock.jammed ? LOCK_STATE.jammed : LOCK_STATE[lock.bolt];
  return [
    [0x0000, { kind: KIND.enum8, value: state }],
    [0x0001, { kind: KIND.enum8, value: 0 }],
    [0x0002, { kind: KIND.bool, value: 1 }],
    [0x0011, { kind: KIND.u16, value: zigbee.claimedUsers }],
    [0x0012, { kind: KIND.u16, value: zigbee.claimedUsers }],
    [0x0013, { kind: KIND.u16, value: 0 }],
    [0x0014, { kind: KIND.u8, value: zigbee.weekSchedules }],
    [0x0015, { kind: KIND.u8, value: model.schedules || zigbee.forgetsSchedules ? 1 : 0 }],
    [0x0016, { kind: KIND.u8, value: 0 }],
    [0x0017, { kind: KIND.u8, value: pinLength.max }],
    [0x0018, { kind: KIND.u8, value: pinLength.min }],
    [0x0023, kept('autoRelockTime', KIND.u32, 0)],
    [0x0024, kept('soundVolume', KIND.u8, 1)],
    [0x0025, kept('operatingMode', KIND.enum8, 0)],
    [0x0028, kept('enableLocalProgramming', KIND.bool, 1)],
    [0x0030, kept('wrongCodeEntryLimit', KIND.u8, 5)],
    [0x0031, kept('userCodeTemporaryDisableTime', KIND.u8, 30)],
    [0x0032, { kind: KIND.bool, value: settings.sendPinOta ? 1 : 0, write: setOta }],
    [0x0033, { kind: KIND.bool, value: 0 }],
  ];
}
