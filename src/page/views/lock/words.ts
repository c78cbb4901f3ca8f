import type { LockDetail, PageCode, PageOperation, PageSlot } from '../../../http/page/types.ts';
import { timeText } from '../../time.ts';
import type { Tone } from '../../ui/parts.tsx';

/** The bolt in one word, and how good that is. */
export function boltOf(lock: Pick<LockDetail, 'locked' | 'jammed'>): {
  readonly word: string;
  readonly tone: Tone;
} {
  if (lock.jammed) return { word: 'Jammed', tone: 'bad' };
  if (lock.locked === null) return { word: 'Bolt not known', tone: 'warn' };
  return lock.locked ? { word: 'Locked', tone: 'good' } : { word: 'Unlocked', tone: 'info' };
}

const LINK_WORDS = [
  { from: -70, word: 'Strong' },
  { from: -85, word: 'Fair' },
  { from: -Infinity, word: 'Weak' },
] as const;

/** `Strong, −61 dBm, 42 ms`. */
export function signalText({
  rssi_dbm,
  round_trip_ms,
}: Pick<LockDetail['signal'], 'rssi_dbm' | 'round_trip_ms'>): string {
  const word = rssi_dbm === null ? undefined : LINK_WORDS.find(({ from }) => rssi_dbm >= from)?.word;
  const parts = [
    ...(word === undefined ? [] : [word]),
    ...(rssi_dbm === null ? [] : [`${minus(rssi_dbm)} dBm`]),
    ...(round_trip_ms === null ? [] : [`${Math.round(round_trip_ms)} ms`]),
  ];
  return parts.length === 0 ? 'Not measured yet' : parts.join(', ');
}

/** `1.8 s`, `240 ms`, `3 min`. */
export function tookText(tookMs: number): string {
  if (tookMs < 1000) return `${Math.round(tookMs)} ms`;
  if (tookMs < 60_000) return `${(tookMs / 1000).toFixed(1)} s`;
  return `${Math.round(tookMs / 60_000)} min`;
}

/** `read_back` as `Read back`. */
export function sentence(word: string): string {
  const words = word.replaceAll('_', ' ').replaceAll('-', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** When a code is wanted to open, in one line. */
export function windowText(code: Pick<PageCode, 'starts_at' | 'ends_at' | 'weekly_windows'>): string {
  const weekly = (code.weekly_windows ?? []).map(
    ({ days, start, end }) => `${daysText(days)} ${start}–${end}`,
  );
  const from = code.starts_at === null ? null : timeText(code.starts_at);
  const to = code.ends_at === null ? null : timeText(code.ends_at);
  const bounds =
    from !== null && to !== null
      ? `${from} – ${to}`
      : from !== null
        ? `from ${from}`
        : to !== null
          ? `until ${to}`
          : null;
  const text = [...weekly, ...(bounds === null ? [] : [bounds])].join(', ');
  return text === '' ? 'Always' : text;
}

const WEEK = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];

/** `Mon–Fri`, `Sat, Sun`, `Every day`; days as in the schema, of which the first three letters count. */
export function daysText(days: readonly string[]): string {
  const at = days.map((day) => WEEK.indexOf(day.slice(0, 3).toLowerCase())).sort((a, b) => a - b);
  const first = at[0] ?? 0;
  const last = at.at(-1) ?? 0;
  if (at.length === 7) return 'Every day';
  if (at.length > 2 && last - first === at.length - 1) return `${dayName(first)}–${dayName(last)}`;
  return at.map(dayName).join(', ');
}

function dayName(index: number): string {
  return sentence(WEEK[index] ?? '');
}

const STATUS_TONES: Readonly<Record<PageCode['status'], Tone>> = {
  set: 'good',
  setting: 'info',
  removing: 'info',
  unset: 'quiet',
  unknown: 'warn',
};

/** The colour of a code's status: what is wrong with it goes first. */
export function statusTone(code: Pick<PageCode, 'status' | 'errors'>): Tone {
  return code.errors.length > 0 ? 'bad' : STATUS_TONES[code.status];
}

const PROOFS: Readonly<Record<Exclude<PageSlot['proof'], null>, string>> = {
  read_back: 'Read back',
  checksum: 'Checksum',
  event: 'Told by the lock',
  supervision: 'Confirmed by the lock',
};

/** How the content of a slot was proven. */
export function proofText(proof: PageSlot['proof']): string {
  return proof === null ? 'Not proven' : PROOFS[proof];
}

/** What a slot holds, in a word. */
export function contentText({ content, enabled }: Pick<PageSlot, 'content' | 'enabled'>): string {
  const word = { empty: 'Empty', pin: 'Code', masked: 'Code, masked', unknown: 'Not known' }[content];
  return enabled === false ? `${word}, disabled` : word;
}

/** How an operation ended: `null` is under way, and what is not good is worth being seen. */
export function outcomeTone({ outcome }: Pick<PageOperation, 'outcome'>): Tone {
  if (outcome === null) return 'info';
  return outcome === 'done' ? 'good' : 'bad';
}

/** A number with a real minus sign. */
export function minus(value: number): string {
  return String(value).replace('-', '−');
}
