import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { playStory } from './story.ts';

// Plays stories and prints what really happens: node test/scenarios/play.ts FILE... With --write, the output in the
// files is replaced, for a person to read and judge before it is committed.
const { values, positionals } = parseArgs({
  options: { write: { type: 'boolean', default: false } },
  allowPositionals: true,
});
for (const file of positionals) {
  const played = await playStory(readFileSync(file, 'utf8'));
  if (values.write) writeFileSync(file, played);
  else process.stdout.write(played);
}
