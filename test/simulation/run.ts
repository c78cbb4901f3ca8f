import { fork } from 'node:child_process';
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { DAY_MS, HOUR_MS } from '../../src/core/time.ts';
import type { Kind } from './setting.ts';
import type { Job, Result } from './worker.ts';

/** Lines of the trace of a world that failed. */
const TAIL_LINES = 25;

const { values } = parseArgs({
  options: {
    kind: { type: 'string', default: 'torture' },
    seeds: { type: 'string', default: '100' },
    from: { type: 'string', default: '1' },
    days: { type: 'string' },
    hours: { type: 'string' },
    jobs: { type: 'string', default: '1' },
    trace: { type: 'boolean', default: false },
  },
});
const kind: Kind = values.kind === 'calm' ? 'calm' : 'torture';
const hours = Number(values.hours ?? 24 * Number(values.days ?? (kind === 'calm' ? 14 : 1)));
const first = Number(values.from);
const seeds = Number(values.seeds);
const started = performance.now();
const total = { failed: 0, lockDays: 0, operations: 0 };
let next = first;

/** One process, which is given a seed whenever it is done with the last. */
async function work(): Promise<void> {
  const worker = fork(new URL('worker.ts', import.meta.url));
  while (next < first + seeds) {
    const job: Job = {
      kind,
      seed: next,
      lastsMs: hours * HOUR_MS,
      tailLines: values.trace ? null : TAIL_LINES,
    };
    next += 1;
    worker.send(job);
    const [result] = (await once(worker, 'message')) as [Result];
    tell(result);
  }
  worker.disconnect();
}

function tell({ seed, failure, lockDays, operations, trace }: Result): void {
  total.lockDays += lockDays;
  total.operations += operations;
  if (values.trace) console.log(trace.join('\n'));
  if (failure === null) return;
  total.failed += 1;
  console.log(`seed ${seed} failed: ${failure}\n  ${trace.slice(-TAIL_LINES).join('\n  ')}`);
  console.log(`  replay: scripts/simulate --kind ${kind} --from ${seed} --seeds 1 --hours ${hours} --trace`);
}

await Promise.all(Array.from({ length: Number(values.jobs) }, work));
const seconds = (performance.now() - started) / 1000;
const speed = (total.lockDays * DAY_MS) / (seconds * 1000);
console.log(
  `${seeds} ${kind} seeds, ${total.failed} failed: ${total.lockDays.toFixed(0)} virtual days times locks, ` +
    `${total.operations} operations, ${seconds.toFixed(1)} s, ${speed.toFixed(0)} times real time per lock`,
);
process.exitCode = total.failed === 0 ? 0 : 1;
