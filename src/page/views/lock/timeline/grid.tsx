import { memo } from 'preact/compat';
import { useMemo } from 'preact/hooks';
import { now, timezone, weekdayText } from '../../../time.ts';
import { type Tick, ticksBetween } from './days.ts';
import { type Scale, stepHoursOf, xOf } from './scale.ts';

const AXIS_PX = 38;
const DAY_MS = 86_400_000;

/** The round hours and days of the site that fit on a scale. */
export function useTicks(scale: Scale): readonly Tick[] {
  const { edge } = scale;
  const zone = timezone.value;
  const stepHours = stepHoursOf(scale);
  return useMemo(
    () => ticksBetween(edge.fromMs, edge.toMs, zone, stepHours),
    [edge.fromMs, edge.toMs, zone, stepHours],
  );
}

/** Days above; below them hours, or the days of the month where a day has only room for its number. */
export const Axis = memo(({ ticks, scale }: { readonly ticks: readonly Tick[]; readonly scale: Scale }) => {
  const dayPx = DAY_MS * scale.pxPerMs;
  return (
    <svg class="tl-axis" width={scale.widthPx} height={AXIS_PX} aria-hidden="true">
      {ticks.map((tick) => {
        const x = xOf(scale, tick.atMs);
        const { above, below } = labelsOf(tick, dayPx);
        return (
          <g key={tick.atMs} class={tick.isWeekend ? 'tl-weekend-name' : undefined}>
            <line x1={x} x2={x} y1={above === null ? 22 : 2} y2={AXIS_PX} />
            {above !== null && (
              <text class="tl-date" x={x + 4} y="14">
                {above}
              </text>
            )}
            {below !== null && (
              <text class="tl-hour" x={x + 4} y="31">
                {below}
              </text>
            )}
          </g>
        );
      })}
    </svg>
  );
});

/** A day of at least so many pixels has room for its name, for its hours, or for its number. */
const NAME_PX = 84;
const HOURS_PX = 90;
const NUMBER_PX = 24;
/** It is wider than a phone, so it says its name once more at noon. */
const TWICE_PX = 280;

function labelsOf(
  { atMs, hour, isDayStart }: Tick,
  dayPx: number,
): { readonly above: string | null; readonly below: string | null } {
  const day = weekdayText(new Date(atMs).toISOString());
  const isNamed =
    dayPx >= NAME_PX ? isDayStart || (hour === 12 && dayPx > TWICE_PX) : isDayStart && day.startsWith('Mon');
  const below =
    dayPx >= HOURS_PX
      ? `${String(hour).padStart(2, '0')}:00`
      : dayPx >= NUMBER_PX && isDayStart
        ? (day.split(' ')[1] ?? null)
        : null;
  return { above: isNamed ? day : null, below };
}

/** Lines through all rows, and weekends a little darker. */
export const Grid = memo(
  (props: { readonly ticks: readonly Tick[]; readonly scale: Scale; readonly heightPx: number }) => {
    const { ticks, scale, heightPx } = props;
    const days = ticks.filter(({ isDayStart }) => isDayStart);
    return (
      <g class="tl-mute" aria-hidden="true">
        {days.map(({ atMs, isWeekend }, index) => {
          const x = xOf(scale, atMs);
          const end = xOf(scale, days[index + 1]?.atMs ?? scale.edge.toMs);
          return (
            isWeekend && (
              <rect key={atMs} class="tl-weekend" x={x} width={Math.max(0, end - x)} height={heightPx} />
            )
          );
        })}
        {ticks.map(({ atMs, isDayStart }) => {
          const x = xOf(scale, atMs);
          return (
            <line
              key={atMs}
              class={isDayStart ? 'tl-day-line' : 'tl-hour-line'}
              x1={x}
              x2={x}
              y1="0"
              y2={heightPx}
            />
          );
        })}
      </g>
    );
  },
);

/** Now, by the hub's clock: `aheadMs` is how far that is ahead of the browser's. */
export function NowLine(props: {
  readonly scale: Scale;
  readonly aheadMs: number;
  readonly heightPx: number;
}) {
  const x = xOf(props.scale, now.value + props.aheadMs);
  return <line class="tl-now tl-mute" x1={x} x2={x} y1="0" y2={props.heightPx} />;
}
