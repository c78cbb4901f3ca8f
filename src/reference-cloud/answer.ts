/** The answer to a typed line. `lines` is for a person, `value` for a program. */
export interface Answer {
  readonly ok: boolean;
  readonly lines: readonly string[];
  readonly value: unknown;
}

/** One thing that is shown: a line for a person, and a value for a program. */
export type Row = readonly [line: string, value: unknown];

export function rows(found: readonly Row[]): Answer {
  const lines = found.length === 0 ? ['none'] : found.map(([line]) => line);
  return { ok: true, lines, value: found.map(([, value]) => value) };
}

export function refused(message: string): Answer {
  return { ok: false, lines: [message], value: message };
}
