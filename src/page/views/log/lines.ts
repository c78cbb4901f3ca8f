import type { LockSummary, LogLine } from '../../../http/page/types.ts';

export type Level = LogLine['level'];

/** From the least to the most serious. */
export const LEVELS: readonly Level[] = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'];

/** What the page keeps; the hub itself keeps some more. */
export const LINES_MAX = 1000;

export interface LogFilter {
  readonly level: Level;
  /** Words that all have to be in a line, anywhere. */
  readonly text: string;
  readonly lock: Pick<LockSummary, 'device_id' | 'address'> | null;
}

/** Known lines and more of them, each once, in their order; the oldest go where there are too many. */
export function merged(known: readonly LogLine[], more: readonly LogLine[]): readonly LogLine[] {
  const last = known.at(-1)?.id ?? 0;
  const areNewer = more.every(({ id }, index) => id > (more[index - 1]?.id ?? last));
  if (areNewer) return [...known, ...more].slice(-LINES_MAX);
  const byId = new Map([...known, ...more].map((line) => [line.id, line]));
  return [...byId.values()].sort((one, other) => one.id - other.id).slice(-LINES_MAX);
}

export function isShown(line: LogLine, { level, text, lock }: LogFilter): boolean {
  if (LEVELS.indexOf(line.level) < LEVELS.indexOf(level)) return false;
  if (lock !== null && !isAbout(line, lock)) return false;
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return true;
  const whole = lineText(line).toLowerCase();
  return words.every((word) => whole.includes(word));
}

/** As it is copied: what a person would paste into a mail. */
export function lineText({ at, level, message, fields }: LogLine): string {
  const rest = Object.entries(fields).map(([name, value]) => `${name}=${valueText(value)}`);
  return [at, level.toUpperCase(), message, ...rest].join(' ');
}

/** A field as text; what has fields of its own, as JSON. */
export function valueText(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? 'undefined');
}

/** The hub names a lock by its device, a radio by its address. */
function isAbout({ fields }: LogLine, { device_id, address }: NonNullable<LogFilter['lock']>): boolean {
  if (fields['deviceId'] === device_id) return true;
  return address !== null && fields['node'] === address;
}
