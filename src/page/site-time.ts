const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const WALL = /^\d{4}-\d\d-\d\dT\d\d:\d\d$/;

/** Wall time of a zone at an instant as an `<input type="datetime-local">` has it: `YYYY-MM-DDTHH:mm`. */
export function wallTime(iso: string, zone: string): string {
  const at = Date.parse(iso);
  return new Date(at + offsetMs(at, zone)).toISOString().slice(0, 'YYYY-MM-DDTHH:mm'.length);
}

/**
 * The instants at which clocks of a zone show a wall time (`YYYY-MM-DDTHH:mm`), ascending: mostly one, none where clocks
 * go forward over it, two where they go back.
 */
export function instantsOf(wall: string, zone: string): readonly string[] {
  const asUtc = WALL.test(wall) ? Date.parse(`${wall}:00Z`) : NaN;
  if (Number.isNaN(asUtc)) return [];
  // No zone changes twice within two days, so what holds a day before and a day after are all that can hold.
  const offsets = new Set([offsetMs(asUtc - DAY_MS, zone), offsetMs(asUtc + DAY_MS, zone)]);
  return Array.from(offsets, (offset) => asUtc - offset)
    .filter((at) => at + offsetMs(at, zone) === asUtc)
    .toSorted((a, b) => a - b)
    .map((at) => new Date(at).toISOString());
}

/** Local time less UTC, in whole minutes: what zones have had since 1972. */
function offsetMs(at: number, zone: string): number {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
  }).formatToParts(at);
  const part = (type: string): number => Number(parts.find((one) => one.type === type)?.value);
  const wall = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'));
  return wall - Math.floor(at / MINUTE_MS) * MINUTE_MS;
}
