import type { Pin } from './pin.ts';
import type { Instant } from './time.ts';

/** Evidence that a slot holds what we say, strongest first (decision 4). */
export type Proof = 'read_back' | 'checksum' | 'event' | 'supervision';

/** What a lock answers when a slot is read. */
export type SlotContent =
  | { readonly kind: 'empty' }
  | { readonly kind: 'pin'; readonly pin: Pin; readonly enabled: boolean }
  /** Occupied, but the lock shows `****` or nothing instead of the digits. */
  | { readonly kind: 'masked'; readonly enabled: boolean };

/** What we believe of a slot: as read, or `unknown` when nobody can say without reading. */
export type SlotBelief = SlotContent | { readonly kind: 'unknown' };

/**
 * A window in the lock's local wall time, as the lock stores it: `YYYY-MM-DDTHH:mm`, no zone.
 * `stop` is the first minute in which the code no longer opens.
 */
export interface LocalWindow {
  readonly start: string;
  readonly stop: string;
}

export const WEEK_DAYS = [
  'sunday',
  'monday',
  'tuesday',
  'wednesday',
  'thursday',
  'friday',
  'saturday',
] as const;

export type WeekDay = (typeof WEEK_DAYS)[number];

/** One day of a week in the lock's local wall time: `HH:mm` to `HH:mm`, `24:00` being the end of that day. */
export interface WeekDayWindow {
  readonly day: WeekDay;
  readonly start: string;
  readonly stop: string;
}

/** A schedule that comes back every week, ascending by day and start. */
export interface WeekSchedule {
  readonly weekDays: readonly WeekDayWindow[];
}

/** What a lock can hold for a slot: one window, or windows of every week. It holds one kind at a time (field note 3). */
export type Schedule = LocalWindow | WeekSchedule;

/** The schedule a slot has on the lock. `null` means none: a PIN there is valid at any time. */
export type ScheduleBelief =
  | { readonly kind: 'known'; readonly window: Schedule | null }
  | { readonly kind: 'unknown' };

/** One reading of one slot, as a driver delivers it. */
export interface SlotReading {
  readonly slot: number;
  readonly content: SlotContent;
  /** Absent when the lock has no schedules or they were not asked for. */
  readonly schedule?: Schedule | null;
}

/** A code found on the lock that the hub did not put there. */
interface UnmanagedCode {
  readonly accessCodeId: string;
  readonly since: Instant;
}

/** A write whose result is not known yet, or was lost with the power. */
export interface PendingWrite {
  readonly pin: Pin;
  /** The slot was proven empty when the write began, so an occupied slot can only hold this PIN. */
  readonly overEmpty: boolean;
}

/**
 * Whether somebody may have touched a slot since it was proven: `edited` after a report that can't be the echo of our
 * own write, `perhaps` after one that is that or a late answer, `doubtful` after one that nobody can tell from it, `later`
 * after a reading that may have been older than our own write. It matters where a lock masks: then a mask is an edit, is
 * none, or is written over to be sure. `restored`: our table is that of a backup, and what was put there since is
 * somebody's; nothing is written or erased before it was looked at.
 */
export type Recheck = 'no' | 'perhaps' | 'doubtful' | 'edited' | 'later' | 'restored';

/** One row of the code slot table. */
export interface Slot {
  readonly slot: number;
  /** `access_code_id` of the code this slot is kept for; `null` when it is free or not ours. */
  readonly owner: string | null;
  readonly content: SlotBelief;
  /** What we believe holds until the slot is read again, which is soon. */
  readonly recheck: Recheck;
  readonly pending: PendingWrite | null;
  readonly schedule: ScheduleBelief;
  readonly proof: Proof | null;
  /** When the content was last proven; `null` if never. */
  readonly provenAt: Instant | null;
  /** When we last wrote to this slot; tells the echo of our own write from somebody's edit. */
  readonly writtenAt: Instant | null;
  /** What has been tried here for the present wish of its owner; trying one of these again is a retry or a repair. */
  readonly tried: readonly string[];
  /** Set while the slot holds a code that is nobody's of ours. */
  readonly unmanaged: UnmanagedCode | null;
}

/** What the slot shows behind a mask need not be what we proved there. */
export function isInDoubt({ recheck }: Pick<Slot, 'recheck'>): boolean {
  return recheck === 'edited' || recheck === 'doubtful';
}
