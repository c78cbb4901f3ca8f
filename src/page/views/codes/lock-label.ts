import { overview } from '../../live.ts';
import { placeText } from '../../words.ts';
import { sentence, type CodeLock } from './draft.ts';
import { takesOfflineOnly } from './offline-draft.ts';

/** A lock by its name, and by its place in the network where another has the same name. */
export function lockLabel({ device_id: id, name }: CodeLock, all: readonly CodeLock[]): string {
  const isAlone = !all.some((other) => other.name === name && other.device_id !== id);
  if (isAlone) return name;
  const lock = overview.value?.locks.find((other) => other.device_id === id);
  return `${name}, ${lock === undefined ? id.slice(0, 8) : placeText(lock)}`;
}

/** `25 of 30 slots free`. */
export function slotsText({ slots: { used, total }, offline }: CodeLock): string {
  if (total === 0) return offline === null ? 'takes no codes' : 'offline codes only';
  if (total === null) return 'slots not known yet';
  return used >= total ? `all ${total} slots taken` : `${total - used} of ${total} slots free`;
}

/** What somebody should know of a lock who is about to make a code for it. */
export function roomText(lock: CodeLock): string {
  const { used, total } = lock.slots;
  const parts = [sentence(slotsText(lock))];
  if (takesOfflineOnly(lock)) return parts.join(' ');
  if (total !== null && used >= total) parts.push('The code waits until one is free.');
  if (!lock.online) parts.push('Offline now: the code goes on it later.');
  return parts.join(' ');
}
