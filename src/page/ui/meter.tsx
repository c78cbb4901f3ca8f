import type { Tone } from '../tone.ts';

/** A part of a whole as a bar. What it says stands beside it in words, so a screen reader is told nothing twice. */
export function Meter({ part, tone }: { readonly part: number; readonly tone: Tone }) {
  const width = Math.max(0, Math.min(100, part * 100));
  return (
    <svg class={`meter meter-${tone}`} viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
      <rect class="meter-whole" width="100" height="6" />
      <rect class="meter-part" width={width} height="6" />
    </svg>
  );
}
