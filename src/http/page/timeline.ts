import { isPoolCode, type AccessCode } from '../../core/access-code.ts';
import type { LockState, Policy } from '../../core/lock.ts';
import { strategyOf, timesOf } from '../../core/timing/strategy.ts';
import { windowsBetween } from '../../core/timing/weekly.ts';
import type { Instant, TimeReading } from '../../core/time.ts';
import type { FormerCode, LoggedEvent, Tenure } from '../../store/store.ts';
import { instantText, notedText } from '../../wire/instant-text.ts';
import type { Timeline, TimelineCode } from './types.ts';

/** Windows of one code that are shown: a code of several windows a day for weeks. */
const WINDOWS_MAX = 200;
/** Entries and other marks, the newest. */
export const MARKS_MAX = 500;

export interface TimelineSources {
  readonly state: LockState;
  readonly policy: Policy;
  readonly now: TimeReading;
  readonly from: Instant;
  readonly to: Instant;
  /** Ascending. */
  readonly tenures: readonly Tenure[];
  /** What was known of a code that is no more. */
  readonly formerCode: (accessCodeId: string) => FormerCode | undefined;
  /** The newest first. */
  readonly events: readonly LoggedEvent[];
}

/** Types of events that a timeline marks. */
export const MARKS: Readonly<Record<string, Timeline['marks'][number]['kind']>> = {
  'lock.unlocked': 'unlocked',
  'lock.locked': 'locked',
  'lock.access_denied': 'access_denied',
  'lock.jammed': 'jammed',
  'device.tampered': 'tampered',
  'device.disconnected': 'offline',
  'device.connected': 'online',
};

/** Past and future of a lock: when codes were wanted, when slots held them, and what happened at the door. */
export function timelineOf(sources: TimelineSources): Timeline {
  const { state, from, to, now, tenures, events } = sources;
  const heldBy = Map.groupBy(tenures, ({ accessCodeId }) => accessCodeId);
  const present = new Map(state.codes.map((code) => [code.accessCodeId, code]));
  const managed = state.codes
    .filter((code) => !isPoolCode(code))
    .map((code) => presentCode(code, heldBy.get(code.accessCodeId) ?? [], sources));
  const others = [...heldBy]
    .filter(([id]) => !present.has(id))
    .map(([id, held]) => formerCode(id, held, sources));
  return {
    from: notedText(from),
    to: notedText(to),
    now: notedText(now.earliest),
    codes: [...managed, ...others].filter(({ windows, held }) => windows.length > 0 || held.length > 0),
    marks: events.flatMap(markOf).slice(0, MARKS_MAX).toReversed(),
  };
}

function presentCode(
  code: AccessCode,
  held: readonly Tenure[],
  { state, policy, now, from, to }: TimelineSources,
): TimelineCode {
  const { lock } = state;
  const life = { ...code, endsAt: earlier(code.endsAt, code.removingSince) };
  const windows = windowsBetween(life, policy.timezone, { from, to }, WINDOWS_MAX);
  const { armAt, onAt } = timesOf(code, lock, policy, now.earliest);
  const isOngoing = code.startsAt === null && code.endsAt === null && code.weeklyWindows === null;
  const strategy = isOngoing ? 'ongoing' : strategyOf(code, lock, policy, now);
  return {
    access_code_id: code.accessCodeId,
    name: code.name,
    is_managed: true,
    windows: windows.map(windowText),
    writes_from: instantText(armAt ?? onAt),
    strategy: lock.capabilities === null ? null : strategy,
    held: held.map(heldText),
  };
}

/** One that is deleted, or was never ours. */
function formerCode(
  accessCodeId: string,
  held: readonly Tenure[],
  { formerCode: find, from, to, policy }: TimelineSources,
): TimelineCode {
  const former = find(accessCodeId);
  const life = former && {
    startsAt: former.startsAt ?? former.createdAt,
    endsAt: earlier(former.endsAt, former.deletedAt),
    weeklyWindows: null,
  };
  const windows = life === undefined ? [] : windowsBetween(life, policy.timezone, { from, to }, WINDOWS_MAX);
  return {
    access_code_id: accessCodeId,
    name: former?.name ?? null,
    is_managed: held.some(({ isManaged }) => isManaged),
    windows: windows.map(windowText),
    writes_from: null,
    strategy: null,
    held: held.map(heldText),
  };
}

/** Of two ends, `null` being none. */
function earlier(a: Instant | null, b: Instant | null): Instant | null {
  return a === null || b === null ? (a ?? b) : Math.min(a, b);
}

function windowText({
  startsAt,
  endsAt,
}: {
  readonly startsAt: Instant | null;
  readonly endsAt: Instant | null;
}): TimelineCode['windows'][number] {
  return { starts_at: instantText(startsAt), ends_at: instantText(endsAt) };
}

function heldText({ slot, from, till }: Tenure): TimelineCode['held'][number] {
  return { slot, from: notedText(from), to: instantText(till) };
}

function markOf({ event }: LoggedEvent): Timeline['marks'] {
  const { event_type, occurred_at, method, reason, access_code_id } = event;
  const kind = typeof event_type === 'string' ? MARKS[event_type] : undefined;
  if (kind === undefined || typeof occurred_at !== 'string') return [];
  return [
    {
      at: occurred_at,
      kind,
      method: textOf(method) ?? textOf(reason),
      access_code_id: textOf(access_code_id),
    },
  ];
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
