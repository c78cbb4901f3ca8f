import { brokenPinRules, lengthsText, pinRules } from '../../../core/request/pin-rules.ts';
import type { CodesAnswer, PageCode } from '../../../http/page/types.ts';
import { instantsOf, wallTime } from '../../site-time.ts';
import { SKIPPED, wrongOffline } from './offline-draft.ts';

export type CodeLock = CodesAnswer['locks'][number];
export type WeeklyWindow = NonNullable<PageCode['weekly_windows']>[number];

/** A code as it stands in the form, all as it was typed. */
export interface Draft {
  readonly deviceIds: readonly string[];
  readonly name: string;
  /** Empty: the hub makes one up, or it stays as it is. */
  readonly code: string;
  /** `always`: from now on until somebody deletes it; then the two times count for nothing. */
  readonly span: 'always' | 'window';
  /** Wall times of the site, `YYYY-MM-DDTHH:mm`; empty: at once, or without an end. */
  readonly startsAt: string;
  readonly endsAt: string;
  readonly weekly: readonly WeeklyWindow[];
  readonly maxUses: string;
  readonly strictStart: boolean;
  readonly allowsChange: boolean;
  readonly keepsBackups: boolean;
  /** Its digits are computed by an issuer, and nothing is sent to the lock. */
  readonly isOffline: boolean;
  readonly isOneTime: boolean;
  /** How far each time of an offline code may be moved. */
  readonly rounding: '1hour' | '1day';
}

export type Field = 'deviceIds' | 'name' | 'code' | 'startsAt' | 'endsAt' | 'weekly' | 'maxUses';
export type Wrong = Partial<Record<Field, string>>;

/** What a draft is judged by. `code`: the one that it changes. */
export interface Setting {
  readonly locks: readonly CodeLock[];
  readonly codes: readonly PageCode[];
  readonly code: PageCode | null;
  readonly zone: string;
  /** Now, in ms. */
  readonly now: number;
}

const USES_MAX = 1000;

export function emptyDraft(deviceIds: readonly string[]): Draft {
  return {
    deviceIds,
    name: '',
    code: '',
    span: 'always',
    startsAt: '',
    endsAt: '',
    weekly: [],
    maxUses: '',
    strictStart: false,
    allowsChange: false,
    keepsBackups: false,
    isOffline: false,
    isOneTime: false,
    rounding: '1hour',
  };
}

/** A code as it is, to be changed. Its PIN is not among what is known. */
export function draftOf(code: PageCode, zone: string): Draft {
  return {
    ...emptyDraft([code.device_id]),
    name: code.name ?? '',
    span: code.starts_at === null ? 'always' : 'window',
    startsAt: code.starts_at === null ? '' : wallTime(code.starts_at, zone),
    endsAt: code.ends_at === null ? '' : wallTime(code.ends_at, zone),
    weekly: code.weekly_windows ?? [],
    maxUses: code.max_uses === null ? '' : String(code.max_uses),
    strictStart: code.strict_start,
    allowsChange: code.is_external_modification_allowed,
  };
}

/** The locks that a draft is for. */
export function chosenLocks({ deviceIds }: Draft, locks: readonly CodeLock[]): readonly CodeLock[] {
  return locks.filter(({ device_id: id }) => deviceIds.includes(id));
}

/** Whether the PIN of this lock can be chosen at all. */
export function choosesPin(locks: readonly CodeLock[]): boolean {
  return !locks.some((lock) => constraintTypes(lock).includes('cannot_specify_pin_code'));
}

/** What all these locks together want of a PIN, for who has not typed yet. */
export function pinHint(locks: readonly CodeLock[]): string {
  const [first, ...others] = locks;
  if (first === undefined) return '';
  const lengths = first.supported_code_lengths.filter((length) =>
    others.every((lock) => lock.supported_code_lengths.includes(length)),
  );
  const types = locks.flatMap(constraintTypes);
  const rules = pinRules([...new Set(types)]).map(({ message }) => message);
  return `${[lengthsText(lengths), ...rules].join('; ')}.`;
}

/** All that is wrong with a draft, as far as the page can tell; the rest the hub says. */
export function wrongIn(draft: Draft, setting: Setting): Wrong {
  return Object.fromEntries(
    Object.entries({
      deviceIds: draft.deviceIds.length === 0 ? 'Choose at least one lock.' : null,
      name: wrongName(draft, setting),
      ...(draft.isOffline ? wrongOffline(draft, setting.zone) : wrongOrdinary(draft, setting)),
    }).filter(([, wrong]) => wrong !== null),
  );
}

function wrongOrdinary(draft: Draft, setting: Setting): Record<string, string | null> {
  return {
    code: wrongPin(draft, chosenLocks(draft, setting.locks)),
    ...wrongTimes(draft, setting),
    weekly: wrongWeek(draft, setting),
    maxUses: wrongUses(draft, setting),
  };
}

function wrongPin({ code }: Draft, locks: readonly CodeLock[]): string | null {
  if (code === '') return null;
  if (!/^\d*$/.test(code)) return 'Only digits.';
  const broken = locks.flatMap((lock) => {
    const rules = brokenPinRules(code, lock.supported_code_lengths, constraintTypes(lock)).join('; ');
    if (rules === '') return [];
    return sentence(locks.length > 1 ? `${lock.name}: ${rules}` : rules);
  });
  return broken.length === 0 ? null : [...new Set(broken)].join(' ');
}

function wrongName(draft: Draft, { locks, codes, code }: Setting): string | null {
  const name = draft.name.trim();
  if (name === '') return code?.name == null ? null : 'A name can be changed, not taken away.';
  for (const lock of chosenLocks(draft, locks)) {
    const lengths = lock.code_constraints.find(({ constraint_type: type }) => type === 'name_length');
    const { min_length: min = 0, max_length: max = Infinity } = lengths ?? {};
    if (name.length > max) return `${lock.name} takes names of at most ${max} characters.`;
    if (name.length < min) return `${lock.name} takes names of at least ${min} characters.`;
    const isTaken = codes.some(
      (other) =>
        other.device_id === lock.device_id &&
        other.name === name &&
        other.access_code_id !== code?.access_code_id,
    );
    if (isTaken && constraintTypes(lock).includes('name_must_be_unique'))
      return `${lock.name} has a code of this name already, and wants names to differ.`;
  }
  return null;
}

function wrongTimes(
  draft: Draft,
  { code, zone, now }: Setting,
): Record<'startsAt' | 'endsAt', string | null> {
  const { span, startsAt, endsAt } = draft;
  if (span === 'always') return { startsAt: null, endsAt: null };
  const gap = (wall: string): string | null =>
    wall !== '' && instantsOf(wall, zone).length === 0 ? SKIPPED : null;
  const wrong = { startsAt: gap(startsAt), endsAt: gap(endsAt) };
  if (startsAt === '' && endsAt === '')
    return { ...wrong, endsAt: 'Say when it starts, when it ends, or both.' };
  if (endsAt === '' && code?.ends_at != null)
    return { ...wrong, endsAt: 'It has an end now. For none, choose "Until it is deleted".' };
  const end = instantsOf(endsAt, zone).at(-1);
  if (end === undefined) return wrong;
  const start = instantsOf(startsAt, zone).at(-1);
  if (start !== undefined && end <= start) return { ...wrong, endsAt: 'It must end after it starts.' };
  return Date.parse(end) <= now ? { ...wrong, endsAt: 'This is over already.' } : wrong;
}

function wrongWeek({ weekly }: Draft, { code }: Setting): string | null {
  if (weekly.length === 0 && code?.weekly_windows != null)
    return 'Weekly times can be changed, not taken away. Delete the code and make a new one.';
  if (weekly.some(({ days }) => days.length === 0)) return 'Choose at least one day for each time.';
  return weekly.some(({ start, end }) => start === '' || end === '') ? 'Fill in from and to.' : null;
}

function wrongUses({ maxUses }: Draft, { code }: Setting): string | null {
  if (maxUses === '') return code?.max_uses == null ? null : 'This limit can be changed, not taken away.';
  const uses = Number(maxUses);
  const isCount = Number.isInteger(uses) && uses >= 1 && uses <= USES_MAX;
  return isCount ? null : `A whole number from 1 to ${USES_MAX}.`;
}

/** What makes a code of a draft that nothing is wrong with: the body of `create` or `create_multiple`. */
export function createBody(draft: Draft, zone: string, now: number): Record<string, unknown> {
  const [only, ...others] = draft.deviceIds;
  return {
    ...(others.length === 0 ? { device_id: only } : { device_ids: draft.deviceIds }),
    ...timesBody(draft, zone, now),
    ...(draft.name.trim() !== '' && { name: draft.name.trim() }),
    ...(draft.code !== '' && { code: draft.code }),
    ...(draft.weekly.length > 0 && { weekly_windows: draft.weekly }),
    ...(draft.maxUses !== '' && { max_uses: Number(draft.maxUses) }),
    ...(draft.strictStart && { strict_start: true }),
    ...(draft.allowsChange && { allow_external_modification: true }),
    ...(draft.keepsBackups && draft.endsAt !== '' && { use_backup_access_code_pool: true }),
  };
}

/** The same as `/page/codes/check` takes it; `null`: there is nothing that the hub could judge. */
export function checkBody(
  draft: Draft,
  code: PageCode | null,
  zone: string,
  now: number,
): Record<string, unknown> | null {
  if (code === null) {
    const { device_id: _one, ...body } = createBody(draft, zone, now);
    return { create: { ...body, device_ids: draft.deviceIds } };
  }
  const body = changeBody(draft, code, zone, now);
  if (Object.keys(body).length === 0) return null;
  return { update: { access_code_id: code.access_code_id, ...body } };
}

/** What of a code a draft changes: the body of `update` without the id. Empty: nothing. */
export function changeBody(draft: Draft, code: PageCode, zone: string, now: number): Record<string, unknown> {
  const before = draftOf(code, zone);
  const isSame = (field: keyof Draft): boolean =>
    JSON.stringify(draft[field]) === JSON.stringify(before[field]);
  // A time that nobody touched is not sent: it could be more exact than what the form shows of it.
  const times = isSame('span') && isSame('startsAt') && isSame('endsAt') ? {} : timesBody(draft, zone, now);
  return {
    ...(draft.span === 'always' && !isSame('span') ? { type: 'ongoing' } : times),
    ...(!isSame('name') && { name: draft.name.trim() }),
    ...(draft.code !== '' && { code: draft.code }),
    ...(!isSame('weekly') && { weekly_windows: draft.weekly }),
    ...(!isSame('maxUses') && { max_uses: Number(draft.maxUses) }),
    ...(!isSame('strictStart') && { strict_start: draft.strictStart }),
    ...(!isSame('allowsChange') && { allow_external_modification: draft.allowsChange }),
  };
}

/** Of a minute that comes twice the later is meant: no door opens early for it, and none shuts anybody out early. */
function timesBody({ span, startsAt, endsAt }: Draft, zone: string, now: number): Record<string, unknown> {
  if (span === 'always') return {};
  const starts_at = instantsOf(startsAt, zone).at(-1);
  const ends_at = instantsOf(endsAt, zone).at(-1);
  // The hub takes no end without a start.
  if (ends_at !== undefined) return { starts_at: starts_at ?? new Date(now).toISOString(), ends_at };
  return { starts_at };
}

function constraintTypes(lock: CodeLock): readonly string[] {
  return lock.code_constraints.map(({ constraint_type: type }) => type);
}

/** With a capital and a full stop. */
export function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${text.endsWith('.') ? '' : '.'}`;
}
