import type { PageOffline, PageTimeFrame } from '../../../http/page/offline-types.ts';
import type { PageCode } from '../../../http/page/types.ts';
import { durationText, now, spanText } from '../../time.ts';
import type { Said } from '../../words.ts';

const VENDORS = {
  igloohome: 'igloohome',
  dormakaba_oracode: 'dormakaba Oracode',
  lockhub: 'this hub',
} as const;

const KINDS = { hourly: 'Hourly', daily: 'Daily', one_time: 'One-time' } as const;

const DAY_HOURS = 24;
const DAY_MS = 86_400_000;

export function vendorText({ vendor }: PageOffline): string {
  return VENDORS[vendor];
}

export function kindText({ kind }: Pick<PageTimeFrame, 'kind'>): string {
  return `${KINDS[kind]} offline code`;
}

/** Which windows a lock takes. */
export function limitsText({ rules }: PageOffline): string {
  if (rules.kind === 'levels') {
    const levels = rules.levels.map(
      ({ name, check_in: from, check_out: to }) => `“${name}” (in from ${from}, out by ${to})`,
    );
    if (levels.length === 0) return 'This lock has no user level that takes offline codes.';
    const [zone] = rules.levels.map((level) => level.zone);
    return `Opens by a user level of the lock, over 1 to ${rules.days_max} days: ${levels.join(', ')}, in the time of ${zone}.`;
  }
  const { hours_max: hours, days_min: from, days_max: to, one_time_hours: once } = rules;
  const parts = [
    `1 hour to ${hours / DAY_HOURS} days by whole hours`,
    `${from} to ${to} days by whole days`,
    ...(once === null ? [] : [`one use within ${once} hours`]),
  ];
  return `Takes ${parts.slice(0, -1).join(', ')} or ${parts.at(-1)}.`;
}

/** When an offline code opens: `22 Nov, 21:00 – 23:00`. */
export function frameText({ kind, starts_at: from, ends_at: to }: PageTimeFrame): string {
  return kind === 'one_time' ? `once, ${spanText(from, to)}` : spanText(from, to);
}

/** What the person confirms: when the code opens, and how that differs from what was asked for. */
export function effectText(
  frame: PageTimeFrame,
  asked: { readonly starts_at: string; readonly ends_at: string | null },
  offline: PageOffline,
): string {
  const moves = [
    moveText('starts', asked.starts_at, frame.starts_at),
    asked.ends_at === null ? null : moveText('ends', asked.ends_at, frame.ends_at),
  ].filter((text) => text !== null);
  const sentences = [
    `Opens ${frameText(frame)}.`,
    moves.length === 0 ? 'Exactly as asked for.' : `That ${moves.join(' and ')} than asked for.`,
    `${kindText(frame)}${levelText(frame, offline)}.`,
    ...(isToBeUsedSoon(frame, offline)
      ? ['It must first be used within 24 hours of its start, or it never opens.']
      : []),
  ];
  return sentences.join(' ');
}

function moveText(what: string, from: string, to: string): string | null {
  const minutes = Math.ceil((Date.parse(to) - Date.parse(from)) / 60_000);
  if (minutes === 0) return null;
  return `${what} ${durationText(Math.abs(minutes) * 60)} ${minutes < 0 ? 'earlier' : 'later'}`;
}

function levelText({ user_level_id: id }: PageTimeFrame, { rules }: PageOffline): string {
  if (rules.kind !== 'levels') return '';
  const level = rules.levels.find((one) => one.user_level_id === id);
  return level === undefined ? '' : ` of the user level “${level.name}”`;
}

/** igloohome forgets a longer code that was not used on its first day. */
function isToBeUsedSoon({ kind, starts_at: from, ends_at: to }: PageTimeFrame, { vendor }: PageOffline) {
  return vendor === 'igloohome' && kind !== 'one_time' && Date.parse(to) - Date.parse(from) > DAY_MS;
}

/** How far the issuing of an offline code is, in a word or two; `null`: that says nothing of how it stands. */
export function issueSaid({
  issue,
  status,
  errors,
  is_offline_access_code: isOffline,
}: PageCode): Said | null {
  if (!isOffline || status === 'removing' || status === 'unknown') return null;
  if (issue?.state === 'issued') {
    if (status !== 'set') return null;
    const isEarly = Date.parse(issue.starts_at) > now.peek();
    return isEarly ? { text: 'Issued', tone: 'info' } : { text: 'Works now', tone: 'good' };
  }
  if (issue?.state === 'refused' || errors.length > 0) return { text: 'Not issued', tone: 'bad' };
  return { text: 'Waits for its digits', tone: status === 'setting' ? 'warn' : 'info' };
}

/** Why it can neither be changed nor, once its digits may be out, be taken back. */
export function fixedText({ can_delete: canDelete }: PageCode): string {
  return canDelete
    ? 'An offline code can not be changed. It can be deleted until somebody has asked for its digits.'
    : 'An offline code can neither be changed nor taken back: it opens until its end, as the lock hears nothing of it.';
}
