import { DAY_MS, MINUTE_MS, SECOND_MS, type Instant, type TimeReading } from '../time.ts';

/**
 * Who says something about the time.
 * `build`: the program was made before now. `floor`: an earlier run of the hub knew that it was at least so late.
 * `locks`: clocks that the hub set while it knew the time. `cloud`: what its messages say. `system`: the machine's clock
 * while it is synchronised.
 */
export type TimeSource = 'build' | 'floor' | 'locks' | 'cloud' | 'system';

/** What a source said at one moment of the monotonic clock; an open end is infinite. */
export interface Sighting extends TimeReading {
  readonly monotonicMs: number;
}

/** The newest of each source that is worth something. */
export type Sightings = Readonly<Partial<Record<TimeSource, Sighting>>>;

/** What all that is known comes to. */
export interface Interval extends TimeReading {
  /** The sources that bound it: of the beginning, and of the end where it has one. */
  readonly from: TimeSource;
  readonly till: TimeSource | null;
  /** Sources that can't be right, because others that agree with each other contradict them. */
  readonly overruled: readonly TimeSource[];
  /** Sources contradict each other and nobody can say who is wrong. */
  readonly isDisputed: boolean;
}

/**
 * How far a monotonic clock runs away from the time, in parts of one: ten times what the crystals of small computers do
 * from frost to heat. Slewing by a time service (at most 500 ppm) comes on top only while the system is synchronised,
 * and then it is looked at every few minutes, which `SYSTEM_ERROR_MS` covers.
 */
export const DRIFT = 100e-6;

/** How far a lock's own clock may run away: cheap crystals in the cold. */
const LOCK_DRIFT = 200e-6;

/** A lock's clock shows minutes or seconds, and was set and read over a radio that takes its time. */
const LOCK_ERROR_MS = 2 * MINUTE_MS;

/** A witness that was set longer ago says nothing: too much can have happened to it. */
const WITNESS_AGE_MAX_MS = 60 * DAY_MS;

/** The cloud keeps its clock by a time service; a cloud that is a little off must not take the time from its hubs. */
export const CLOUD_ERROR_MS = 10 * SECOND_MS;

/** A time service slews what is less than 0.4 s off, and 0.15 s more may be slewed between two looks. */
export const SYSTEM_ERROR_MS = 600;

/** What a sighting says later on: the monotonic clock has told how much time has passed, but for its drift. */
export function laterOn({ earliest, latest, monotonicMs: then }: Sighting, monotonicMs: number): Sighting {
  const passedMs = Math.max(0, monotonicMs - then);
  return {
    earliest: earliest + passedMs * (1 - DRIFT),
    latest: latest + passedMs * (1 + DRIFT),
    monotonicMs,
  };
}

/** A source says something more. Bounds that it gave before still hold, unless it takes them back by contradicting them. */
export function withSighting(known: Sightings, source: TimeSource, seen: Sighting): Sightings {
  const before = known[source] && laterOn(known[source], seen.monotonicMs);
  const both = before && intersection([before, seen]);
  return {
    ...known,
    [source]: both === null || both === undefined ? seen : { ...both, monotonicMs: seen.monotonicMs },
  };
}

/** A source that says that it is at least so late, and nothing else. */
export function atLeast(earliest: Instant, monotonicMs: number): Sighting {
  return { earliest, latest: Number.POSITIVE_INFINITY, monotonicMs };
}

/**
 * The interval in which the true time lies. Where all sources agree it is what they have in common. Whoever says that it
 * is earlier than the program was made is wrong. Where system, cloud and what the hub remembers contradict each other, two
 * that agree overrule the third; otherwise nobody can say who is wrong, and the interval is so wide that either may be
 * right. Clocks of locks are heard only as far as they contradict nobody.
 */
export function intervalAt(known: Sightings, monotonicMs: number): Interval {
  const { locks, build, ...rest } = known;
  const said = saidAt(rest, monotonicMs);
  const [made] = build === undefined ? [] : saidAt({ build }, monotonicMs);
  const possible = made === undefined ? said : said.filter((one) => intersection([one, made]) !== null);
  const base = weighed(possible, made === undefined ? [] : [made]);
  const wrong = said.filter((one) => !possible.includes(one)).map(({ source }) => source);
  return withLocks({ ...base, overruled: [...wrong, ...base.overruled] }, locks, monotonicMs);
}

function weighed(voters: readonly Said[], made: readonly Said[]): Interval {
  const all = agreed([...made, ...voters]);
  if (all !== null) return all;
  const pairs = voters.flatMap((one) => {
    const others = voters.filter((other) => other !== one);
    const both = others.length === 2 ? agreed([...made, ...others]) : null;
    return both === null ? [] : [{ ...both, overruled: [one.source] }];
  });
  const [pair] = pairs;
  return pair !== undefined && pairs.length === 1 ? pair : disputed(voters, made);
}

function withLocks(base: Interval, locks: Sighting | undefined, monotonicMs: number): Interval {
  const [witnesses] = locks === undefined || base.isDisputed ? [] : saidAt({ locks }, monotonicMs);
  if (witnesses === undefined) return base;
  const both = intersection([base, witnesses]);
  if (both === null) return { ...base, overruled: [...base.overruled, 'locks'] };
  return {
    ...base,
    ...both,
    from: both.earliest > base.earliest ? 'locks' : base.from,
    till: both.latest < base.latest ? 'locks' : base.till,
  };
}

type Said = Sighting & { readonly source: TimeSource };

function saidAt(known: Sightings, monotonicMs: number): readonly Said[] {
  const entries = Object.entries(known) as [TimeSource, Sighting][];
  return entries.map(([source, seen]) => ({ source, ...laterOn(seen, monotonicMs) }));
}

function agreed(said: readonly Said[]): Interval | null {
  const common = intersection(said);
  const from = said.find(({ earliest }) => earliest === common?.earliest)?.source;
  if (common === null || from === undefined) return null;
  const till = said.find(({ latest }) => latest === common.latest)?.source;
  const isOpen = common.latest === Number.POSITIVE_INFINITY;
  return { ...common, from, till: isOpen ? null : (till ?? null), overruled: [], isDisputed: false };
}

/** One of the voters is right; where one of them knows no end, neither does the hub. */
function disputed(voters: readonly Said[], made: readonly Said[]): Interval {
  // Of two that see the time and contradict each other, either may fit what the hub remembers.
  const live = voters.filter(({ source }) => source !== 'floor');
  const sides = live.length === 2 ? live : voters;
  const low = [...sides].sort((a, b) => a.earliest - b.earliest)[0];
  const high = [...sides].sort((a, b) => b.latest - a.latest)[0];
  const first = made.find(({ earliest }) => low === undefined || earliest > low.earliest) ?? low;
  if (first === undefined)
    throw new Error('Nothing is known of the time, not even when the program was made.');
  const latest = high?.latest ?? Number.POSITIVE_INFINITY;
  const till = Number.isFinite(latest) ? (high?.source ?? null) : null;
  const { earliest, source: from } = first;
  return { earliest, latest, from, till, overruled: [], isDisputed: true };
}

function intersection(readings: readonly TimeReading[]): TimeReading | null {
  const earliest = Math.max(...readings.map((one) => one.earliest));
  const latest = Math.min(...readings.map((one) => one.latest));
  return earliest <= latest ? { earliest, latest } : null;
}

/** What a lock's clock shows, and when the hub set it while it knew the time. */
export interface Witness {
  readonly deviceId: string;
  readonly shows: Instant;
  readonly setAt: Instant;
  readonly monotonicMs: number;
}

/**
 * What locks say together; `null`: nothing. A clock that lost its power stands still or begins anew in the past, so
 * one lock alone says that it is at least so late, and no more: codes end by that, and none with an end begins. Two
 * that agree also say that it is no later, and one that runs ahead of all others is not believed.
 */
export function witnessed(witnesses: readonly Witness[], monotonicMs: number): Sighting | null {
  const said = witnesses.flatMap((witness) => {
    const span = spanOf(witness);
    return span === null ? [] : [laterOn(span, monotonicMs)];
  });
  const [first, ...others] = said.toSorted((a, b) => b.earliest - a.earliest);
  if (first === undefined) return null;
  const [second] = others;
  if (second === undefined) return atLeast(first.earliest, monotonicMs);
  const common = intersection([first, second]);
  return common === null ? atLeast(second.earliest, monotonicMs) : { ...common, monotonicMs };
}

function spanOf({ shows, setAt, monotonicMs }: Witness): Sighting | null {
  const sinceSetMs = shows - setAt;
  if (sinceSetMs < -LOCK_ERROR_MS || sinceSetMs > WITNESS_AGE_MAX_MS) return null;
  const errorMs = LOCK_ERROR_MS + Math.max(0, sinceSetMs) * LOCK_DRIFT;
  return { earliest: shows - errorMs, latest: shows + errorMs, monotonicMs };
}
