import type { CodesAnswer, PageCode, PageUnmanagedCode } from '../../../http/page/types.ts';
import type { Said } from '../../words.ts';
import type { CodeLock } from './draft.ts';
import { issueSaid } from './offline-words.ts';

/** Which codes are looked at. */
export interface Filter {
  readonly text: string;
  /** `null`: of all locks. */
  readonly deviceId: string | null;
  readonly status: 'all' | PageCode['status'] | 'problems' | 'unmanaged';
  readonly origin: 'all' | PageCode['origin'];
}

export const NO_FILTER: Filter = { text: '', deviceId: null, status: 'all', origin: 'all' };

/** The codes of one lock that pass a filter. */
export interface LockCodes {
  readonly lock: CodeLock;
  readonly codes: readonly PageCode[];
  readonly unmanaged: readonly PageUnmanagedCode[];
}

/** What passes a filter, by lock; those with a problem come first, locks and codes alike. */
export function groupedCodes(answer: CodesAnswer, filter: Filter): readonly LockCodes[] {
  return answer.locks
    .filter(({ device_id: id }) => filter.deviceId === null || filter.deviceId === id)
    .map((lock) => ({
      lock,
      codes: answer.codes
        .filter((code) => code.device_id === lock.device_id && passes(code, filter))
        .toSorted(byUrgency),
      unmanaged: answer.unmanaged_codes.filter(
        (code) => code.device_id === lock.device_id && passesUnmanaged(code, filter),
      ),
    }))
    .filter(({ codes, unmanaged }) => codes.length + unmanaged.length > 0)
    .toSorted((a, b) => Number(b.codes.some(isTroubled)) - Number(a.codes.some(isTroubled)));
}

function isTroubled({ errors, warnings }: PageCode | PageUnmanagedCode): boolean {
  return errors.length > 0 || warnings.length > 0;
}

function passes(code: PageCode, { text, status, origin }: Filter): boolean {
  if (origin !== 'all' && code.origin !== origin) return false;
  if (!contains(text, code)) return false;
  if (status === 'problems') return isTroubled(code);
  return status === 'all' || status === code.status;
}

function passesUnmanaged(code: PageUnmanagedCode, { text, status, origin }: Filter): boolean {
  if (origin !== 'all' || !contains(text, code)) return false;
  if (status === 'problems') return isTroubled(code);
  return status === 'all' || status === 'unmanaged' || status === code.status;
}

/** Its name or id has the text in it; a PIN is never looked at. */
function contains(text: string, code: PageCode | PageUnmanagedCode): boolean {
  const wanted = text.trim().toLowerCase();
  const name = code.name?.toLowerCase() ?? '';
  return name.includes(wanted) || code.access_code_id.toLowerCase().includes(wanted);
}

function byUrgency(a: PageCode, b: PageCode): number {
  const byErrors = Number(b.errors.length > 0) - Number(a.errors.length > 0);
  const byStart = (a.starts_at ?? '').localeCompare(b.starts_at ?? '');
  return byErrors || rank(a) - rank(b) || byStart || a.created_at.localeCompare(b.created_at);
}

function rank(code: PageCode): number {
  return isTroubled(code) ? 0 : ['setting', 'unknown', 'removing', 'set', 'unset'].indexOf(code.status) + 1;
}

/** The status of a code in a word or two. */
export function statusSaid(code: PageCode): Said {
  const issue = issueSaid(code);
  if (issue !== null) return issue;
  switch (code.status) {
    case 'set':
      return { text: 'Works now', tone: 'good' };
    case 'setting':
      return { text: 'Being put on', tone: code.errors.length > 0 ? 'bad' : 'info' };
    case 'removing':
      return { text: 'Being removed', tone: code.errors.length > 0 ? 'bad' : 'warn' };
    case 'unknown':
      return { text: 'Not known', tone: 'warn' };
    case 'unset':
      if (code.errors.length > 0) return { text: 'Not on the lock', tone: 'bad' };
      return code.is_scheduled_on_device === true
        ? { text: 'Ready on the lock', tone: 'info' }
        : { text: 'Later', tone: 'quiet' };
  }
}

/** `Mon, Tue 09:00–12:30; Sat 10:00–11:00`. */
export function weekText(windows: NonNullable<PageCode['weekly_windows']>): string {
  const days = (window: (typeof windows)[number]): string =>
    window.days.map((day) => day.charAt(0).toUpperCase() + day.slice(1, 3)).join(', ');
  return windows.map((window) => `${days(window)} ${window.start}–${window.end}`).join('; ');
}
