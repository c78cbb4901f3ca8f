import type { LockDetail, TimelineCode } from '../../../../http/page/types.ts';

/** The hub may take so long without anything being wrong: a lock sleeps, a frame is sent again. */
const LATE_MS = 120_000;

/** From and to, in milliseconds since 1970; infinite where there is no beginning or no end. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

interface HeldSpan extends Span {
  readonly slot: number;
  /** It is held now. */
  readonly isOpen: boolean;
}

/** One code, as the chart draws it. */
export interface Row {
  readonly accessCodeId: string;
  readonly name: string;
  readonly isManaged: boolean;
  /** It was deleted; what was wanted of it is over. */
  readonly isGone: boolean;
  readonly strategy: TimelineCode['strategy'];
  /** When it is wanted to open. */
  readonly wanted: readonly Span[];
  /** From when on the hub writes it before its next window. */
  readonly lead: Span | null;
  /** When a slot held it. */
  readonly held: readonly HeldSpan[];
  /** It was wanted and not on the lock. */
  readonly missing: readonly Span[];
  /** It was still on the lock when its time was over. */
  readonly leftOver: readonly Span[];
}

/** The codes of a lock as rows: what opens now or next comes first, what is over comes after it, then what is deleted, foreign codes last. */
export function rowsOf(lock: Pick<LockDetail, 'timeline' | 'managed_codes'>, nowMs: number): Row[] {
  const { timeline } = lock;
  const edge = { fromMs: Date.parse(timeline.from), toMs: Date.parse(timeline.to) };
  const createdAtMs = new Map(
    lock.managed_codes.map((code) => [code.access_code_id, Date.parse(code.created_at)]),
  );
  const rows = timeline.codes.map((code) => rowOf(code, createdAtMs.get(code.access_code_id), edge, nowMs));
  return rows.sort((a, b) => rank(a, nowMs) - rank(b, nowMs) || a.name.localeCompare(b.name));
}

function rowOf(code: TimelineCode, createdAtMs: number | undefined, edge: Span, nowMs: number): Row {
  const isGone = code.is_managed && createdAtMs === undefined;
  const held = code.held.map(({ slot, from, to }) => ({
    slot,
    fromMs: Date.parse(from),
    toMs: msOr(to, nowMs),
    isOpen: to === null,
  }));
  // When a deleted code was asked for and deleted, only the lock still tells.
  const beginMs = isGone ? Math.min(...held.map(({ fromMs }) => fromMs)) : -Infinity;
  const endMs = isGone ? Math.max(...held.map(({ toMs }) => toMs)) : Infinity;
  const wanted = code.windows
    .map((window) => ({
      // Before it was asked for, nobody wanted it, whatever its window says.
      fromMs: Math.max(msOr(window.starts_at, beginMs), createdAtMs ?? -Infinity),
      toMs: Math.min(msOr(window.ends_at, Infinity), endMs),
    }))
    .filter((span) => span.toMs > span.fromMs && span.toMs > edge.fromMs && span.fromMs < edge.toMs);
  const lead = leadOf(code.writes_from, createdAtMs, wanted);
  return {
    accessCodeId: code.access_code_id,
    name: code.name ?? nameless(code),
    isManaged: code.is_managed,
    isGone,
    strategy: code.strategy,
    wanted,
    lead,
    held,
    missing: code.is_managed && !isGone ? missingOf(wanted, held, nowMs) : [],
    leftOver: code.strategy === 'just_in_time' ? held.flatMap((span) => leftOverOf(span, wanted, lead)) : [],
  };
}

function nameless({ is_managed: isManaged, held }: TimelineCode): string {
  const slot = held.at(-1)?.slot;
  return isManaged || slot === undefined ? 'Without a name' : `Code in slot ${slot}`;
}

function leadOf(
  writesFrom: string | null,
  createdAtMs: number | undefined,
  wanted: readonly Span[],
): Span | null {
  if (writesFrom === null) return null;
  const fromMs = Math.max(Date.parse(writesFrom), createdAtMs ?? -Infinity);
  const next = wanted.find((span) => span.fromMs > fromMs);
  return next === undefined ? null : { fromMs, toMs: next.fromMs };
}

function missingOf(wanted: readonly Span[], held: readonly Span[], nowMs: number): Span[] {
  return wanted
    .map(({ fromMs, toMs }) => ({ fromMs, toMs: Math.min(toMs, nowMs) }))
    .flatMap((span) => without(span, held))
    .filter(({ fromMs, toMs }) => toMs - fromMs > LATE_MS);
}

/** What of `held` comes after the end of a window, and leads to no other one. */
function leftOverOf(held: HeldSpan, wanted: readonly Span[], lead: Span | null): Span[] {
  const endMs = Math.max(...wanted.map(({ toMs }) => toMs).filter((toMs) => toMs < held.toMs));
  const isWantedAgain = [...wanted, ...(lead === null ? [] : [lead])].some(
    ({ fromMs, toMs }) => fromMs <= held.toMs && toMs > endMs,
  );
  if (endMs < held.fromMs || isWantedAgain || held.toMs - endMs <= LATE_MS) return [];
  return [{ fromMs: endMs, toMs: held.toMs }];
}

/** The parts of a span that no other span covers. */
export function without(span: Span, others: readonly Span[]): Span[] {
  let left = [span];
  for (const other of others) {
    left = left.flatMap(({ fromMs, toMs }) =>
      [
        { fromMs, toMs: Math.min(toMs, other.fromMs) },
        { fromMs: Math.max(fromMs, other.toMs), toMs },
      ].filter((part) => part.toMs > part.fromMs),
    );
  }
  return left;
}

/** What the two have in common, or `null`. */
export function overlap(a: Span, b: Span): Span | null {
  const fromMs = Math.max(a.fromMs, b.fromMs);
  const toMs = Math.min(a.toMs, b.toMs);
  return toMs > fromMs ? { fromMs, toMs } : null;
}

/** Deleted codes after the others, foreign ones after all; the rest by when they open next, and those that will not open again by how long ago they did. */
function rank(row: Row, nowMs: number): number {
  const foreign = row.isManaged ? (row.isGone ? 1e15 : 0) : 2e15;
  const next = row.wanted.find(({ toMs }) => toMs > nowMs);
  const over = Math.max(0, ...row.wanted.map(({ toMs }) => toMs));
  return foreign + (next === undefined ? 1e14 - over : Math.max(nowMs, next.fromMs));
}

function msOr(iso: string | null, otherwiseMs: number): number {
  return iso === null ? otherwiseMs : Date.parse(iso);
}
