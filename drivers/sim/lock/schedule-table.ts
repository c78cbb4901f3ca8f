import { WEEK_DAYS, type LocalWindow, type WeekDayWindow } from '../../../src/core/slot.ts';

/** A year-day schedule in the lock's local wall time; `enabled`: it decides at the moment. */
export interface HeldSchedule extends LocalWindow {
  readonly enabled: boolean;
}

/** A week-day schedule with its number in the lock. Times as on the wire: `23:59` is the latest there is. */
export interface HeldWeekDay extends WeekDayWindow {
  readonly entry: number;
  readonly enabled: boolean;
}

/** Which kind of schedule decides for a slot: the one that was set last (field note 3). */
type Kind = 'year_day' | 'week_day';

interface SlotSchedules {
  readonly yearDay: LocalWindow | undefined;
  readonly weekDays: ReadonlyMap<number, WeekDayWindow>;
  readonly kind: Kind;
  readonly enabled: boolean;
}

const NONE: SlotSchedules = { yearDay: undefined, weekDays: new Map(), kind: 'year_day', enabled: true };

/** The schedules of all slots of one lock. Both kinds can be stored for a slot, and only one of them decides. */
export class ScheduleTable {
  readonly #slots = new Map<number, SlotSchedules>();

  slotsInUse(): readonly number[] {
    return [...this.#slots.keys()];
  }

  yearDay(slot: number): HeldSchedule | undefined {
    const held = this.#of(slot);
    return held.yearDay && { ...held.yearDay, enabled: held.enabled && held.kind === 'year_day' };
  }

  /** Ascending by number. */
  weekDays(slot: number): readonly HeldWeekDay[] {
    const { weekDays, enabled, kind } = this.#of(slot);
    return [...weekDays]
      .sort(([a], [b]) => a - b)
      .map(([entry, window]) => ({ ...window, entry, enabled: enabled && kind === 'week_day' }));
  }

  /** Sets, enables and so chooses the year-day schedule, or erases it with `null`. */
  setYearDay(slot: number, window: LocalWindow | null): void {
    const held = this.#of(slot);
    this.#keep(
      slot,
      window === null
        ? { ...held, yearDay: undefined }
        : { ...held, yearDay: window, kind: 'year_day', enabled: true },
    );
  }

  /** Sets, enables and so chooses a week-day schedule, or erases it with `null`. */
  setWeekDay(slot: number, entry: number, window: WeekDayWindow | null): void {
    const held = this.#of(slot);
    const weekDays = new Map(held.weekDays);
    if (window === null) weekDays.delete(entry);
    else weekDays.set(entry, window);
    this.#keep(
      slot,
      window === null ? { ...held, weekDays } : { ...held, weekDays, kind: 'week_day', enabled: true },
    );
  }

  /** Switches the schedules of one slot, or with `null` of all slots, on or off. */
  enable(slot: number | null, enabled: boolean): void {
    for (const [held, schedules] of this.#slots) {
      if (slot === null || held === slot) this.#slots.set(held, { ...schedules, enabled });
    }
  }

  /** Whether the schedules of a slot let its code open at this local wall time (`YYYY-MM-DDTHH:mm:ss`). */
  allowsAt(slot: number, local: string): boolean {
    const { yearDay, weekDays, kind, enabled } = this.#of(slot);
    if (!enabled) return true;
    if (kind === 'year_day') return yearDay === undefined || isWithin(yearDay, local);
    if (weekDays.size === 0) return true;
    return isWithinAny(weekDays, local);
  }

  /** The same for a lock where one kind decides whatever was set last, and where no schedule means no access. */
  allowsByKindAt(slot: number, kind: Kind, local: string): boolean {
    const { yearDay, weekDays } = this.#of(slot);
    if (kind === 'year_day') return yearDay !== undefined && isWithin(yearDay, local);
    return weekDays.size > 0 && isWithinAny(weekDays, local);
  }

  reset(): void {
    this.#slots.clear();
  }

  #of(slot: number): SlotSchedules {
    return this.#slots.get(slot) ?? NONE;
  }

  #keep(slot: number, schedules: SlotSchedules): void {
    if (schedules.yearDay === undefined && schedules.weekDays.size === 0) this.#slots.delete(slot);
    else this.#slots.set(slot, schedules);
  }
}

function isWithinAny(weekDays: ReadonlyMap<number, WeekDayWindow>, local: string): boolean {
  const day = WEEK_DAYS[new Date(`${local}Z`).getUTCDay()];
  const time = local.slice('YYYY-MM-DDT'.length);
  return [...weekDays.values()].some((window) => window.day === day && isWithin(window, time));
}

/** Texts of the same form compare like the times they name. */
function isWithin({ start, stop }: { readonly start: string; readonly stop: string }, now: string): boolean {
  return start <= now && now < stop;
}
