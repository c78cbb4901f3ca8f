import { STATES } from './states.ts';
import { TRIGGERS } from './triggers.ts';

/** What becomes of a code in `state` when `trigger` happens, or why that can't be. */
function outcome(state: string, trigger: string): string {
  const bench = STATES[state]?.().settleDown();
  if (bench === undefined) throw new Error(`There is no state "${state}".`);
  const why = TRIGGERS[trigger]?.(bench);
  return why === undefined ? bench.result() : `never: ${why}`;
}

/** The rows of one trigger as they really are, one for each state. */
export function rowsOf(trigger: string): readonly string[] {
  const states = Object.keys(STATES);
  const width = Math.max(...states.map((state) => state.length));
  return states.map((state) => `  ${state.padEnd(width)}  ${outcome(state, trigger)}`);
}

/** The whole table as it really is, for a person to read and judge before it is written down. */
export function wholeTable(): string {
  return Object.keys(TRIGGERS)
    .map((trigger) => [trigger, ...rowsOf(trigger), ''].join('\n'))
    .join('\n');
}

/** The sections of a table that was written down: what stands beneath each trigger. */
export function sectionsOf(text: string): ReadonlyMap<string, readonly string[]> {
  const sections = new Map<string, string[]>();
  let rows: string[] | undefined;
  for (const line of text.split('\n')) {
    if (line.startsWith('#') || line === '') continue;
    if (line.startsWith('  ')) {
      if (rows === undefined) throw new Error(`A row before the first trigger: ${line}`);
      rows.push(line);
      continue;
    }
    if (sections.has(line)) throw new Error(`Two sections for one trigger: ${line}`);
    rows = [];
    sections.set(line, rows);
  }
  return sections;
}
