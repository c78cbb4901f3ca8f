import type { CheckUp, Finding } from '../core/finding.ts';

const HUB_WORDS: Readonly<Record<CheckUp['hub'], string>> = {
  running: 'The hub is running.',
  stopped: 'The hub is stopped.',
  unknown: 'Whether the hub runs could not be seen.',
};
const SEVERITY_COLUMNS = 8;

/** A check-up for people: one line for each finding, and below it what to do. */
export function reportOf({ hub, findings, unchecked }: CheckUp): readonly string[] {
  return [
    `${HUB_WORDS[hub]} ${countText(findings.length)}`,
    ...findings.flatMap((finding) => ['', ...linesOf(finding)]),
    ...(unchecked.length === 0 ? [] : ['']),
    ...unchecked.map(({ check, reason }) => `not checked: ${check} (${reason})`),
  ];
}

function countText(count: number): string {
  if (count === 0) return 'Nothing is wrong.';
  return count === 1 ? '1 thing is wrong:' : `${count} things are wrong:`;
}

function linesOf({ id, severity, subject, what, fix, seen }: Finding): readonly string[] {
  const margin = ' '.repeat(SEVERITY_COLUMNS);
  const title = [severity.padEnd(SEVERITY_COLUMNS), id, subject === null ? '' : ` (${subject})`].join('');
  return [title, `${margin}${what}`, `${margin}To do: ${fix}`, `${margin}Seen:  ${seen}`];
}
