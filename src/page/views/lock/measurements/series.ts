import type { Measurement } from '../../../../http/page/types.ts';

/** What is measured, and how it is written. */
export interface Quantity {
  readonly key: 'battery_level' | 'rssi_dbm' | 'round_trip_ms';
  readonly title: string;
  readonly unit: string;
  /** From what the hub tells to what is shown. */
  readonly scale: number;
  /** Bounds of the axis at least; the chart grows beyond them where it has to. */
  readonly atLeast: readonly [number, number];
}

export const QUANTITIES: readonly Quantity[] = [
  { key: 'battery_level', title: 'Battery', unit: '%', scale: 100, atLeast: [0, 100] },
  { key: 'rssi_dbm', title: 'Signal', unit: 'dBm', scale: 1, atLeast: [-100, -40] },
  { key: 'round_trip_ms', title: 'There and back', unit: 'ms', scale: 1, atLeast: [0, 200] },
];

/** Seconds since 1970, and a value for each; `null` where it was not measured. */
export function seriesOf(
  measurements: readonly Measurement[],
  { key, scale }: Quantity,
): [number[], (number | null)[]] {
  return [
    measurements.map(({ at }) => Date.parse(at) / 1000),
    measurements.map(({ [key]: value }) => (value === null ? null : value * scale)),
  ];
}

/** One value is told in words; a line needs two. */
export function isDrawn(measurements: readonly Measurement[], quantity: Quantity): boolean {
  const [, values] = seriesOf(measurements, quantity);
  return values.filter((value) => value !== null).length > 1;
}

/** `Last 82 %. In 12 days between 81 % and 96 %, at first 96 %.` `null`: it was never measured. */
export function summaryOf(measurements: readonly Measurement[], quantity: Quantity): string | null {
  const [times, values] = seriesOf(measurements, quantity);
  const known = values.flatMap((value, index) => (value === null ? [] : [{ value, atS: times[index] ?? 0 }]));
  const first = known[0];
  const last = known.at(-1);
  if (first === undefined || last === undefined) return null;
  const text = (value: number): string => `${Math.round(value)} ${quantity.unit}`.replace('-', '−');
  if (known.length === 1) return `Last ${text(last.value)}.`;
  const least = known.reduce((low, { value }) => Math.min(low, value), Infinity);
  const most = known.reduce((high, { value }) => Math.max(high, value), -Infinity);
  const days = Math.max(1, Math.round((last.atS - first.atS) / 86_400));
  const span = days === 1 ? 'one day' : `${days} days`;
  return `Last ${text(last.value)}. In ${span} between ${text(least)} and ${text(most)}, at first ${text(first.value)}.`;
}
