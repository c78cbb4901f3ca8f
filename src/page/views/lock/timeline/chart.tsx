import { memo } from 'preact/compat';
import { useMemo, useRef } from 'preact/hooks';
import type { Timeline } from '../../../../http/page/types.ts';
import { now } from '../../../time.ts';
import { Bars, ROW_PX } from './bars.tsx';
import { Door, DOOR_PX } from './door.tsx';
import { Axis, Grid, NowLine, useTicks } from './grid.tsx';
import { noteOf, seenText } from './labels.ts';
import { clusters, offlineSpans } from './marks.ts';
import type { Row, Span } from './rows.ts';
import { boxOf, type Scale, scaleOf } from './scale.ts';
import { useItems } from './use-items.ts';
import { useScroll, useWidth } from './use-scroll.ts';

/** Below it the names are above the bars and not beside them. */
const NARROW_PX = 560;
const NAMES_PX = 168;
/** Marks nearer than this are one. */
const MARK_PX = 18;

/** The chart itself: one wide drawing that the browser scrolls, with names, days and door always in sight. */
export function Chart(props: {
  readonly timeline: Timeline;
  readonly rows: readonly Row[];
  readonly spanMs: number;
  readonly nowMs: number;
}) {
  const { timeline, rows, nowMs } = props;
  const box = useRef<HTMLDivElement>(null);
  const tip = useRef<HTMLDivElement>(null);
  const boxPx = useWidth(box);
  const isNarrow = boxPx < NARROW_PX;
  const viewPx = Math.max(1, boxPx - (isNarrow ? 0 : NAMES_PX));
  const scale = useMemo(
    () => scaleOf(timeline.from, timeline.to, props.spanMs, viewPx),
    [timeline.from.slice(0, 10), timeline.to.slice(0, 10), props.spanMs, viewPx],
  );
  const aheadMs = useMemo(() => Date.parse(timeline.now) - now.peek(), [timeline.now]);
  const scroll = useScroll(box, scale, boxPx === 0 ? 0 : viewPx, nowMs);
  useItems(box, tip);
  return (
    <div class={`tl ${isNarrow ? 'tl-narrow' : ''}`}>
      <MoveButtons {...scroll} />
      <div ref={box} class="tl-scroll" role="region" aria-label="Timeline of the codes" tabIndex={0}>
        <div class="tl-head">
          <div class="tl-corner">At the door</div>
          <div>
            <HeadLanes timeline={timeline} rows={rows} scale={scale} nowMs={nowMs} aheadMs={aheadMs} />
          </div>
        </div>
        <div class="tl-body">
          <Names rows={rows} nowMs={nowMs} />
          <Plot timeline={timeline} rows={rows} scale={scale} nowMs={nowMs} aheadMs={aheadMs} />
        </div>
      </div>
      <div ref={tip} class="tl-tip" role="tooltip" hidden />
    </div>
  );
}

interface Drawing {
  readonly timeline: Timeline;
  readonly rows: readonly Row[];
  readonly scale: Scale;
  readonly nowMs: number;
  readonly aheadMs: number;
}

const HeadLanes = memo(({ timeline, rows, scale, nowMs, aheadMs }: Drawing) => {
  const ticks = useTicks(scale);
  const found = useMemo(() => clusters(timeline.marks, MARK_PX / scale.pxPerMs), [timeline.marks, scale]);
  const offline = useMemo(() => offlineSpans(timeline.marks, nowMs), [timeline.marks, nowMs]);
  const nameOf = useMemo(() => new Map(rows.map((row) => [row.accessCodeId, row.name])), [rows]);
  return (
    <>
      <Axis ticks={ticks} scale={scale} />
      <svg class="tl-door-lane" width={scale.widthPx} height={DOOR_PX}>
        <Grid ticks={ticks} scale={scale} heightPx={DOOR_PX} />
        <Door found={found} offline={offline} nameOf={nameOf} scale={scale} />
        <NowLine scale={scale} aheadMs={aheadMs} heightPx={DOOR_PX} />
      </svg>
    </>
  );
});

const Plot = memo(({ timeline, rows, scale, nowMs, aheadMs }: Drawing) => {
  const ticks = useTicks(scale);
  const unlocks = useMemo(() => marksByCode(timeline.marks), [timeline.marks]);
  const heightPx = rows.length * ROW_PX;
  return (
    <svg class="tl-plot" width={scale.widthPx} height={heightPx}>
      <defs>
        <pattern
          id="tl-hatch"
          width="6"
          height="6"
          patternUnits="userSpaceOnUse"
          patternTransform="rotate(45)"
        >
          <rect class="tl-hatch-back" width="6" height="6" />
          <rect class="tl-hatch-line" width="3" height="6" />
        </pattern>
      </defs>
      <Grid ticks={ticks} scale={scale} heightPx={heightPx} />
      <g class="tl-mute" aria-hidden="true">
        {offlineSpans(timeline.marks, nowMs).map((span) => (
          <rect key={span.fromMs} class="tl-offline" {...boxOf(scale, span)} height={heightPx} />
        ))}
      </g>
      {rows.map((row, index) => (
        <Bars
          key={row.accessCodeId}
          row={row}
          index={index}
          scale={scale}
          unlocks={unlocks.get(row.accessCodeId) ?? NO_MARKS}
        />
      ))}
      <NowLine scale={scale} aheadMs={aheadMs} heightPx={heightPx} />
    </svg>
  );
});

const NO_MARKS: Timeline['marks'] = [];

function marksByCode(marks: Timeline['marks']): ReadonlyMap<string, Timeline['marks']> {
  const found = new Map<string, Timeline['marks'][number][]>();
  for (const mark of marks) {
    if (mark.access_code_id === null) continue;
    const same = found.get(mark.access_code_id) ?? [];
    same.push(mark);
    found.set(mark.access_code_id, same);
  }
  return found;
}

const Names = memo(({ rows, nowMs }: { readonly rows: readonly Row[]; readonly nowMs: number }) => (
  <ul class="tl-names" aria-label="Codes">
    {rows.map((row) => (
      <li key={row.accessCodeId}>
        <span class="tl-name">{row.name}</span>
        <span class="tl-note">{noteOf(row, nowMs)}</span>
      </li>
    ))}
  </ul>
));

function MoveButtons(props: {
  readonly seen: Span | null;
  readonly earlier: () => void;
  readonly later: () => void;
  readonly toNow: () => void;
}) {
  return (
    <div class="tl-move">
      <button type="button" aria-label="Earlier" onClick={props.earlier}>
        ‹
      </button>
      <span class="tl-seen">{props.seen === null ? '' : seenText(props.seen)}</span>
      <button type="button" onClick={props.toNow}>
        Now
      </button>
      <button type="button" aria-label="Later" onClick={props.later}>
        ›
      </button>
    </div>
  );
}
