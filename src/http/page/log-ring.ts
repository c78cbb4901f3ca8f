import { z } from 'zod';
import type { LogLine } from './types.ts';

const LINES_MAX = 2000;
/** A longer line is kept without its fields. */
const LINE_CHARS_MAX = 8192;
const MESSAGE_CHARS_MAX = 1000;

/** From the least to the most urgent. */
export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;

export type LogLevel = (typeof LOG_LEVELS)[number];

const lineSchema = z.looseObject({
  level: z.enum(LOG_LEVELS),
  time: z.string(),
  msg: z.string().default(''),
});

/** The newest lines of the log in memory: what goes to the file, after all redaction. */
export class LogRing {
  readonly #lines: LogLine[] = [];
  readonly #listeners = new Set<(line: LogLine) => void>();
  #lastId = 0;

  /** Takes one line as JSON, as the logger writes it. What is none is left out. */
  write(text: string): void {
    const line = this.#lineOf(text);
    if (line === undefined) return;
    this.#lines.push(line);
    if (this.#lines.length > LINES_MAX) this.#lines.shift();
    for (const tell of this.#listeners) tell(line);
  }

  /** Ascending: lines after that id, at least as urgent. */
  lines(level: LogLevel, afterId: number): readonly LogLine[] {
    return this.#lines.filter((line) => line.id > afterId && isAtLeast(line, level));
  }

  /** Tells of every line from now on, until what it returns is called. The listener must not log. */
  onLine(listener: (line: LogLine) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  #lineOf(text: string): LogLine | undefined {
    const parsed = lineSchema.safeParse(jsonOf(text));
    if (!parsed.success) return undefined;
    const { level, time, msg, ...fields } = parsed.data;
    this.#lastId += 1;
    return {
      id: this.#lastId,
      at: time,
      level,
      message: msg.slice(0, MESSAGE_CHARS_MAX),
      fields: text.length > LINE_CHARS_MAX ? {} : fields,
    };
  }
}

/** Whether a line is at least as urgent as a level. */
export function isAtLeast(line: LogLine, level: LogLevel): boolean {
  return LOG_LEVELS.indexOf(line.level) >= LOG_LEVELS.indexOf(level);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
