import { randomInt } from 'node:crypto';
import type { LocalWindow } from '../../../src/core/slot.ts';
import {
  clearPinCode,
  clearWeekDay,
  clearYearDay,
  getPinCode,
  getWeekDay,
  getYearDay,
  setPinCode,
  setWeekDay,
  setYearDay,
  STATUS,
  TYPE,
  type Line,
} from '../door-lock.ts';
import { toYearDay } from '../local-time.ts';
import type { Findings } from '../profile.ts';

/** In the past, so that not even a lock that enables what it is told to disable opens by it. */
const PAST: LocalWindow = { start: '2000-02-01T00:00', stop: '2000-02-02T00:00' };
const WEEK_DAY = { daysmask: 1, starthour: 3, startminute: 4, endhour: 3, endminute: 5 } as const;
const BASES = [0, 1] as const;
/** Slots that are looked at for a free one, from the highest down. */
const LOOKS_MAX = 4;

/** What a lock showed that it does, whatever it claims; `null`: it was silent, and is to be asked again. */
export type Probe = Pick<
  Findings,
  'readable' | 'keepsDisabled' | 'pinDigits' | 'scheduleBase' | 'weekDayProven'
>;

/** What the probe is told of the lock. */
interface Ground {
  readonly firstSlot: number;
  readonly lastSlot: number;
  /** Lengths of a PIN that it may take, to be tried in this order; one for most. */
  readonly pinDigits: readonly number[];
  readonly claimsYearDays: boolean;
  readonly claimsWeekDays: boolean;
}

const NOTHING: Probe = {
  readable: true,
  keepsDisabled: false,
  pinDigits: null,
  scheduleBase: null,
  weekDayProven: false,
};

/**
 * Tries on a free slot what a lock claims to do (field note 6: schedules must be probed, never assumed). The PIN is random,
 * disabled from the start and of a type without a valid schedule; it is erased at the end.
 */
export async function probe(line: Line, ground: Ground): Promise<Probe | null> {
  const slot = await freeSlot(line, ground);
  if (slot === 'write_only') return { ...NOTHING, readable: false };
  if (typeof slot !== 'number') return slot === 'silent' ? null : NOTHING;
  const type = ground.claimsYearDays ? TYPE.yearDay : TYPE.unrestricted;
  const { taken, pinDigits } = await tryPins(line, slot, type, ground.pinDigits);
  if (taken.kind !== 'answer') {
    await clearPinCode(line, slot);
    return taken.kind === 'default' ? NOTHING : null;
  }
  const shown = await getPinCode(line, slot);
  const keepsDisabled =
    taken.payload.status === 0 && shown.kind === 'answer' && shown.payload.userstatus === STATUS.disabled;
  const scheduleBase =
    keepsDisabled && ground.claimsYearDays && shown.payload.usertype === type
      ? await baseOf(line, slot)
      : null;
  const weekDayProven =
    scheduleBase !== null && ground.claimsWeekDays && (await keepsWeekDay(line, slot, scheduleBase));
  if (scheduleBase !== null) await clearYearDay(line, slot, scheduleBase);
  const cleared = await clearPinCode(line, slot);
  if (cleared.kind === 'no_answer' || cleared.kind === 'not_delivered') return null;
  return { readable: true, keepsDisabled, pinDigits, scheduleBase, weekDayProven };
}

/** Sets a disabled PIN, and one of another length where the lock takes none of the first. */
async function tryPins(
  line: Line,
  slot: number,
  type: number,
  lengths: readonly number[],
): Promise<{ readonly taken: Awaited<ReturnType<typeof setPinCode>>; readonly pinDigits: number | null }> {
  let taken: Awaited<ReturnType<typeof setPinCode>> = { kind: 'unreadable' };
  for (const length of lengths) {
    const digits = String(randomInt(10 ** (length - 1), 10 ** length));
    taken = await setPinCode(line, { slot, digits, status: STATUS.disabled, type });
    if (taken.kind !== 'answer') return { taken, pinDigits: null };
    if (taken.payload.status === 0) return { taken, pinDigits: length };
  }
  return { taken, pinDigits: null };
}

/**
 * A lock that answers other questions and this one never is write-only; it is asked twice, for one answer may be lost.
 */
async function freeSlot(
  line: Line,
  { firstSlot, lastSlot }: Ground,
): Promise<number | 'none' | 'silent' | 'write_only'> {
  let unanswered = 0;
  for (let slot = lastSlot; slot > Math.max(lastSlot - LOOKS_MAX, firstSlot - 1); slot -= 1) {
    const answer = await getPinCode(line, slot);
    if (answer.kind === 'not_delivered') return 'silent';
    if (answer.kind === 'no_answer') unanswered += 1;
    if (unanswered > 1) return 'write_only';
    if (answer.kind === 'default') return 'write_only';
    if (answer.kind === 'answer' && answer.payload.userstatus === STATUS.available) return slot;
  }
  return unanswered > 0 ? 'silent' : 'none';
}

async function baseOf(line: Line, slot: number): Promise<number | null> {
  const wanted = toYearDay(PAST);
  if (wanted === undefined) return null;
  for (const base of BASES) {
    const set = await setYearDay(line, slot, base, wanted);
    if (set.kind !== 'answer' || set.payload.status !== 0) continue;
    const held = await getYearDay(line, slot, base);
    if (held.kind !== 'answer' || held.payload.status !== 0) continue;
    const { zigbeelocalstarttime, zigbeelocalendtime } = held.payload;
    if (
      zigbeelocalstarttime === wanted.zigbeelocalstarttime &&
      zigbeelocalendtime === wanted.zigbeelocalendtime
    )
      return base;
  }
  return null;
}

async function keepsWeekDay(line: Line, slot: number, base: number): Promise<boolean> {
  const set = await setWeekDay(line, slot, base, WEEK_DAY);
  if (set.kind !== 'answer' || set.payload.status !== 0) return false;
  const held = await getWeekDay(line, slot, base);
  await clearWeekDay(line, slot, base);
  if (held.kind !== 'answer' || held.payload.status !== 0) return false;
  return Object.entries(WEEK_DAY).every(([name, value]) => Reflect.get(held.payload, name) === value);
}
