import { dayText, durationText, timeText } from '../../../time.ts';
import type { Cluster, DoorKind } from './marks.ts';
import { overlap, type Row, type Span, without } from './rows.ts';

/** How many of a cluster are told one by one. */
const TOLD_MAX = 6;
const HOURS_MATTER_MS = 2 * 86_400_000;

const METHODS: Readonly<Record<string, string>> = {
  keycode: 'with a code',
  manual: 'by hand',
  automatic: 'by itself',
  remote: 'by radio',
  unknown: '',
  not_an_offline_code: 'no offline code',
  wrong: 'a wrong code',
  early: 'a code whose time comes later',
  ended: 'a code that has ended',
  burnt: 'a one-time code that was used',
  locked_out: 'after too many wrong codes',
  clock_uncertain: 'the hub does not know the time',
};

const STRATEGY_WORDS: Readonly<Record<Exclude<Row['strategy'], null>, string>> = {
  native: 'The lock itself keeps its time',
  just_in_time: 'The hub writes it just in time',
  offline: 'Nothing of it is sent to the lock',
  ongoing: 'It has no end',
};

const KIND_WORDS: Readonly<Record<DoorKind, string>> = {
  unlocked: 'Unlocked',
  locked: 'Locked',
  access_denied: 'Denied',
  jammed: 'Jammed',
  tampered: 'Tampered with',
};

/** `15 Nov, 10:00 – 17 Nov, 12:00`, `from 15 Nov, 10:00 on`, `always`. */
export function spanText({ fromMs, toMs }: Span): string {
  if (toMs === Infinity) return fromMs === -Infinity ? 'always' : `from ${text(fromMs)} on`;
  return fromMs === -Infinity ? `until ${text(toMs)}` : `${text(fromMs)} – ${text(toMs)}`;
}

/** A window in lines: what was wanted, what the lock held of it, and what is wrong with that. */
export function windowLabel(row: Row, window: Span): string {
  const held = row.held.filter((span) => overlap(span, window) !== null);
  const missing = row.missing.filter((span) => overlap(span, window) !== null);
  const slots = [...new Set(held.map(({ slot }) => slot))].join(', ');
  const first = held[0];
  return [
    row.name,
    `Wanted ${spanText(window)}`,
    ...(first === undefined ? [] : [`${heldText(held)}, slot ${slots}`]),
    ...missing.map((span) => `Not on the lock for ${length(span)}, from ${text(span.fromMs)}`),
    ...(row.lead !== null && row.lead.toMs === window.fromMs
      ? [`Written from ${text(row.lead.fromMs)}, ${length(row.lead)} before`]
      : []),
    ...(row.strategy === null ? [] : [STRATEGY_WORDS[row.strategy]]),
  ].join('\n');
}

function heldText(held: Row['held']): string {
  const last = held.at(-1);
  const fromMs = Math.min(...held.map((span) => span.fromMs));
  return last?.isOpen === true
    ? `On the lock since ${text(fromMs)}`
    : `On the lock ${text(fromMs)} – ${text(last?.toMs ?? fromMs)}`;
}

/** What a slot held outside of every window. */
export function heldLabel(row: Row, span: Row['held'][number]): string {
  const late = row.leftOver.filter((part) => overlap(part, span) !== null);
  return [
    row.name,
    `${heldText([span])}, slot ${span.slot}`,
    ...late.map((part) => `Still there ${length(part)} after its end`),
  ].join('\n');
}

/** What is held where nothing is wanted: the spans that no window's own label tells of. */
export function heldAlone(row: Row): Row['held'] {
  return row.held.filter(
    (span) => without(span, row.wanted).length > 0 && !row.wanted.some((window) => overlap(window, span)),
  );
}

/** When it opens, in two or three words. */
export function noteOf(row: Row, nowMs: number): string {
  if (!row.isManaged) return 'not of this hub';
  if (row.isGone) return 'deleted';
  if (row.strategy === 'ongoing') return 'always';
  const next = row.wanted.find(({ toMs }) => toMs > nowMs);
  if (next === undefined) return 'over';
  return next.fromMs <= nowMs ? 'open now' : `opens in ${length({ fromMs: nowMs, toMs: next.fromMs })}`;
}

/** What is in view: days, and hours too where it is not many days. */
export function seenText(span: Span): string {
  if (span.toMs - span.fromMs < HOURS_MATTER_MS) return `${text(span.fromMs)} – ${text(span.toMs)}`;
  return `${dayText(isoOf(span.fromMs))} – ${dayText(isoOf(span.toMs))}`;
}

/** A cluster in lines, the latest first. */
export function clusterLabel({ marks }: Cluster, nameOf: ReadonlyMap<string, string>): string {
  const told = [...marks].reverse().slice(0, TOLD_MAX);
  const lines = told.map(({ at, kind, method, access_code_id: id }) => {
    const by = id === null ? undefined : (nameOf.get(id) ?? 'a code that is gone');
    const way = METHODS[method ?? 'unknown'] ?? method ?? '';
    // Why a code was denied matters more than whose it was.
    const how = kind === 'access_denied' || by === undefined ? way : by;
    return `${timeText(at)}  ${KIND_WORDS[kind]}${how === '' ? '' : `, ${how}`}`;
  });
  return [...lines, ...(marks.length > told.length ? [`and ${marks.length - told.length} more`] : [])].join(
    '\n',
  );
}

/** `2 h` of a span. */
export function length({ fromMs, toMs }: Span): string {
  return durationText((toMs - fromMs) / 1000);
}

export function text(ms: number): string {
  return timeText(isoOf(ms));
}

function isoOf(ms: number): string {
  return new Date(ms).toISOString();
}
