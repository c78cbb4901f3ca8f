import { memo } from 'preact/compat';
import { useMemo } from 'preact/hooks';
import { now, timezone } from '../../../time.ts';
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

/** Days above, hours below where there is room. */
export const Axis = memo(({ ticks, scale }: { readonly ticks: readonly Tick[]; readonly scale: Scale }) => {
  const dayPx = DAY_MS * scale.pxPerMs;
  return (
    <svg class="tl-axis" width={scale.widthPx} height={AXIS_PX} aria-hidden="true">
      {ticks.map((tick) => {
        const x = xOf(scale, tick.atMs);
        return (
          <g key={tick.atMs} class={tick.isDayStart ? 'tl-day' : undefined}>
            {tick.isDayStart && (
              <text class={tick.isWeekend ? 'tl-weekend-name' : undefined} x={x + 4} y="14">
                {dayText(tick.atMs, dayPx)}
              </text>
            )}
            {/* A day that is wider than the view says its name once more. */}
            {tick.hour === 12 && dayPx > 500 && (
              <text x={x + 4} y="14">
                {dayText(tick.atMs, dayPx)}
              </text>
            )}
            {stepOf(ticks) < DAY_MS && (
              <text class="tl-hour" x={x + 4} y="31">
                {String(tick.hour).padStart(2, '0')}:00
              </text>
            )}
            <line x1={x} x2={x} y1={tick.isDayStart ? 2 : 22} y2={AXIS_PX} />
          </g>
        );
      })}
    </svg>
  );
});

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

function stepOf(ticks: readonly Tick[]): number {
  return (ticks[1]?.atMs ?? 0) - (ticks[0]?.atMs ?? 0);
}

/** `Mon 23 Nov`, and as little of it as a narrow day has room for. */
function dayText(atMs: number, dayPx: number): string {
  const options: Intl.DateTimeFormatOptions =
    dayPx >= 84
      ? { weekday: 'short', day: 'numeric', month: 'short' }
      : dayPx >= 50
        ? { weekday: 'short', day: 'numeric' }
        : { day: 'numeric' };
  return new Intl.DateTimeFormat('en-GB', { timeZone: timezone.value, ...options })
    .format(atMs)
    .replace(',', '');
}
