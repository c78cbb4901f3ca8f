import { parseArgs } from 'node:util';
import { simulate } from './simulate.ts';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '100' },
    from: { type: 'string', default: '1' },
    days: { type: 'string', default: '2' },
    trace: { type: 'boolean', default: false },
  },
});
const first = Number(values.from);
const days = Number(values.days);
const started = Date.now();
let failed = 0;
let virtualDays = 0;
let operations = 0;
for (let seed = first; seed < first + Number(values.seeds); seed += 1) {
  const run = await simulate(seed, days);
  virtualDays += run.virtualDays;
  operations += run.operations;
  if (values.trace) console.log(run.trace.join('\n'));
  if (run.failure === null) continue;
  failed += 1;
  console.log(`seed ${seed} failed: ${run.failure}\n  ${run.trace.slice(-25).join('\n  ')}`);
  console.log(`  replay: scripts/simulate --from ${seed} --seeds 1 --days ${days} --trace`);
}
const seconds = (Date.now() - started) / 1000;
console.log(
  `${values.seeds} seeds, ${failed} failed: ${virtualDays.toFixed(0)} virtual days of 4 locks, ` +
    `${operations} operations, ${seconds.toFixed(1)} s`,
);
process.exitCode = failed === 0 ? 0 : 1;
