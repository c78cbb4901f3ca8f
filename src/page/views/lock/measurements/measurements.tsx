import { useEffect, useRef } from 'preact/hooks';
import UPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { Measurement } from '../../../../http/page/types.ts';
import { timezone } from '../../../time.ts';
import { QUANTITIES, type Quantity, isDrawn, seriesOf, summaryOf } from './series.ts';

const HEIGHT_PX = 150;
const POINTS_FEW = 60;
/** A value stays until a new one is measured. */
const STEPS = UPlot.paths.stepped?.({ align: 1 });

/** Battery and link of a lock over time: a chart for each, and in words what it shows. */
export default function Measurements({ measurements }: { readonly measurements: readonly Measurement[] }) {
  const measured = QUANTITIES.filter((quantity) => summaryOf(measurements, quantity) !== null);
  if (measured.length === 0)
    return (
      <p class="quiet">
        Nothing was measured yet. The hub notes battery and signal whenever they change, and every few hours.
      </p>
    );
  return (
    <div class="charts">
      {measured.map((quantity) => (
        <figure key={quantity.key} class="measure">
          <h3>{quantity.title}</h3>
          {isDrawn(measurements, quantity) && <Chart measurements={measurements} quantity={quantity} />}
          <figcaption>{summaryOf(measurements, quantity)}</figcaption>
        </figure>
      ))}
    </div>
  );
}

function Chart(props: { readonly measurements: readonly Measurement[]; readonly quantity: Quantity }) {
  const { measurements, quantity } = props;
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<UPlot | null>(null);
  useEffect(() => {
    const box = place.current;
    if (box === null) return;
    // A canvas has no classes: its colours are read, and read again when light becomes dark.
    const scheme = window.matchMedia('(prefers-color-scheme: dark)');
    const draw = (): void => {
      chart.current?.destroy();
      chart.current = new UPlot(optionsOf(box, quantity), seriesOf(measurements, quantity), box);
    };
    const resizing = new ResizeObserver(() =>
      chart.current?.setSize({ width: box.clientWidth, height: HEIGHT_PX }),
    );
    draw();
    scheme.addEventListener('change', draw);
    resizing.observe(box);
    return () => {
      scheme.removeEventListener('change', draw);
      resizing.disconnect();
      chart.current?.destroy();
      chart.current = null;
    };
  }, [quantity, measurements.length, measurements.at(-1)?.at]);
  return <div ref={place} class="measure-chart" aria-hidden="true" />;
}

function optionsOf(box: HTMLElement, { title, unit, atLeast }: Quantity): UPlot.Options {
  const colour = (name: string): string => getComputedStyle(box).getPropertyValue(name).trim();
  const [low, high] = atLeast;
  const axis = {
    stroke: colour('--quiet'),
    grid: { stroke: colour('--line'), width: 1 },
    ticks: { show: false },
    font: '12px system-ui, sans-serif',
  };
  return {
    width: box.clientWidth,
    height: HEIGHT_PX,
    tzDate: (seconds) => UPlot.tzDate(new Date(seconds * 1000), timezone.peek()),
    cursor: { y: false, points: { size: 7 } },
    legend: { live: true },
    scales: {
      y: {
        range: (_chart, min, max) => [Math.min(low, min ?? low), Math.max(high, max ?? high)],
      },
    },
    axes: [
      {
        ...axis,
        values: [
          [86_400, '{D} {MMM}', null, null, null, null, null, null, 0],
          [0, '{HH}:{mm}', '\n{D} {MMM}', null, '\n{D} {MMM}', null, null, null, 1],
        ],
      },
      {
        ...axis,
        size: 52,
        space: 34,
        values: (_chart, values) => values.map((value) => String(value).replace('-', '−')),
      },
    ],
    series: [
      { label: 'At', value: '{D} {MMM}, {HH}:{mm}' },
      {
        label: `${title} (${unit})`,
        stroke: colour('--accent'),
        width: 2,
        points: { show: (chart) => chart.data[0].length <= POINTS_FEW, size: 5 },
        ...(STEPS !== undefined && { paths: STEPS }),
        spanGaps: true,
        value: (_chart, value) => (value === null ? '–' : `${Math.round(value)} ${unit}`),
      },
    ],
  };
}
