import { overview } from '../../live.ts';
import { placeText } from '../../words.ts';
import type { CodeLock } from './draft.ts';

/** A lock by its name, and by its place in the network where another has the same name. */
export function lockLabel({ device_id: id, name }: CodeLock, all: readonly CodeLock[]): string {
  const isAlone = !all.some((other) => other.name === name && other.device_id !== id);
  if (isAlone) return name;
  const lock = overview.value?.locks.find((other) => other.device_id === id);
  return `${name}, ${lock === undefined ? id.slice(0, 8) : placeText(lock)}`;
}

/** `25 of 30 slots are free`. */
export function slotsText({ slots: { used, total } }: CodeLock): string {
  if (total === null) return 'not met yet: how many codes it takes is not known';
  if (used >= total) return `all ${total} slots are taken: the code waits until one is free`;
  return `${total - used} of ${total} slots are free`;
}
