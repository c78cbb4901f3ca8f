import type { Timeline } from '../../../../http/page/types.ts';
import type { Span } from './rows.ts';

type Mark = Timeline['marks'][number];
type MarkKind = Mark['kind'];

/** What a mark of the door lane can be; being offline is a span and no mark. */
export type DoorKind = Exclude<MarkKind, 'offline' | 'online'>;

/** Marks so near to each other that they would cover each other, drawn as one. */
export interface Cluster {
  readonly atMs: number;
  /** The gravest of them. */
  readonly kind: DoorKind;
  readonly marks: readonly (Mark & { readonly kind: DoorKind })[];
}

const GRAVEST_FIRST: readonly DoorKind[] = ['tampered', 'jammed', 'access_denied', 'unlocked', 'locked'];

/** What happened at the door, ascending, with no two nearer than `gapMs` to the first of the one before. */
export function clusters(marks: Timeline['marks'], gapMs: number): Cluster[] {
  const found: (Mark & { kind: DoorKind })[][] = [];
  const byTime = [...marks].sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
  for (const mark of byTime) {
    if (!isAtDoor(mark)) continue;
    const last = found.at(-1);
    const startMs = Date.parse(last?.[0]?.at ?? '');
    if (last !== undefined && Date.parse(mark.at) - startMs < gapMs) last.push(mark);
    else found.push([mark]);
  }
  return found.map((members) => ({
    atMs: members.reduce((sum, { at }) => sum + Date.parse(at), 0) / members.length,
    kind: GRAVEST_FIRST.find((kind) => members.some((mark) => mark.kind === kind)) ?? 'unlocked',
    marks: members,
  }));
}

/** When the radio did not reach the lock: from each `offline` to the next `online`, or to now. */
export function offlineSpans(marks: Timeline['marks'], nowMs: number): Span[] {
  const spans: Span[] = [];
  let sinceMs: number | null = null;
  for (const { at, kind } of [...marks].sort((a, b) => Date.parse(a.at) - Date.parse(b.at))) {
    if (kind === 'offline') sinceMs ??= Date.parse(at);
    if (kind === 'online' && sinceMs !== null) {
      spans.push({ fromMs: sinceMs, toMs: Date.parse(at) });
      sinceMs = null;
    }
  }
  if (sinceMs !== null) spans.push({ fromMs: sinceMs, toMs: nowMs });
  return spans;
}

function isAtDoor(mark: Mark): mark is Mark & { readonly kind: DoorKind } {
  return mark.kind !== 'offline' && mark.kind !== 'online';
}
