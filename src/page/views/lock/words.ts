import type { PageOperation, PageSlot } from '../../../http/page/types.ts';
import type { Tone } from '../../ui/parts.tsx';

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
