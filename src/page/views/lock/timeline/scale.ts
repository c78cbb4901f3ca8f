import type { Span } from './rows.ts';

const DAY_MS = 86_400_000;
const OVER_PX = 10;

/** What is seen at once, on the buttons. */
export const ZOOMS = [
  { name: '1 day', spanMs: DAY_MS },
  { name: '3 days', spanMs: 3 * DAY_MS },
  { name: '1 week', spanMs: 7 * DAY_MS },
  { name: '3 weeks', spanMs: 21 * DAY_MS },
] as const;

/** Where time is in the chart. */
export interface Scale {
  readonly edge: Span;
  readonly pxPerMs: number;
  readonly widthPx: number;
}

/**
 * A scale on which `spanMs` is as wide as `viewPx`. It reaches over whole days of UTC, so that an answer of the hub
 * some seconds later moves nothing, and is never narrower than the view.
 */
export function scaleOf(from: string, to: string, spanMs: number, viewPx: number): Scale {
  const fromMs = Math.floor(Date.parse(from) / DAY_MS) * DAY_MS;
  const toMs = Math.max(Math.ceil(Date.parse(to) / DAY_MS) * DAY_MS, fromMs + spanMs);
  const pxPerMs = viewPx / spanMs;
  return { edge: { fromMs, toMs }, pxPerMs, widthPx: Math.round((toMs - fromMs) * pxPerMs) };
}

/** The x of an instant, to a tenth of a pixel. */
export function xOf({ edge, pxPerMs }: Scale, atMs: number): number {
  return Math.round((atMs - edge.fromMs) * pxPerMs * 10) / 10;
}

/** x and width of a span: at least 2 px, so that it is seen; what reaches over the edge shows no rounded end there. */
export function boxOf(scale: Scale, { fromMs, toMs }: Span): { readonly x: number; readonly width: number } {
  const x = Math.max(-OVER_PX, xOf(scale, fromMs));
  return { x, width: Math.max(2, Math.min(scale.widthPx + OVER_PX, xOf(scale, toMs)) - x) };
}

/** How many hours there are between two lines, so that labels don't touch. */
export function stepHoursOf({ pxPerMs }: Scale): number {
  const hourPx = pxPerMs * 3_600_000;
  return [1, 2, 3, 6, 12].find((hours) => hours * hourPx >= 48) ?? 24;
}

/** Where a view of another length begins: now stays where it is on the screen, or the middle if now is not seen. */
export function rescaled(seen: Span, spanMs: number, nowMs: number): number {
  const isNowSeen = nowMs > seen.fromMs && nowMs < seen.toMs;
  const heldMs = isNowSeen ? nowMs : (seen.fromMs + seen.toMs) / 2;
  return heldMs - ((heldMs - seen.fromMs) / (seen.toMs - seen.fromMs)) * spanMs;
}
