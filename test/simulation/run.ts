import { fork } from 'node:child_process';
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { DAY_MS, HOUR_MS } from '../../src/core/time.ts';
import type { Job, Result } from './worker.ts';

/** Lines of the trace of a world that failed. */
const TAIL_LINES = 25;

const USAGE =
  'scripts/simulate [--kind torture|calm] [--seeds N] [--from SEED] [--days N | --hours N] [--jobs N] [--trace]';

/** What the command line asks for; ends the process with 2 if it cannot be understood. */
function readCommand() {
  try {
    const { values } = parseArgs({
      options: {
        kind: { type: 'string', default: 'torture' },
        seeds: { type: 'string', default: '100' },
        from: { type: 'string', default: '1' },
        days: { type: 'string' },
        hours: { type: 'string' },
        jobs: { type: 'string', default: '1' },
        trace: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
    if (values.help) {
      console.log(USAGE);
      process.exit(0);
    }
    return { trace: values.trace, ...commandSchema.parse(values) };
  } catch (error) {
    console.error(
      `${error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message}\n${USAGE}`,
    );
    process.exit(2);
  }
}

const whole = z.coerce.number().int().positive();
const commandSchema = z
  .object({
    kind: z.enum(['torture', 'calm']),
    seeds: whole,
    from: whole,
    days: z.coerce.number().positive().optional(),
    hours: z.coerce.number().positive().optional(),
    jobs: whole,
  })
  .refine(
    ({ days, hours }) => days === undefined || hours === undefined,
    '--days and --hours cannot both be given',
  );

const { kind, seeds, from: first, jobs, trace: wholeTrace, ...length } = readCommand();
const hours = length.hours ?? 24 * (length.days ?? (kind === 'calm' ? 14 : 1));
const started = performance.now();
const total = { failed: 0, lockDays: 0, operations: 0 };
let next = first;

/** One process, which is given a seed whenever it is done with the last. */
async function work(): Promise<void> {
  const worker = fork(new URL('worker.ts', import.meta.url));
  let playing = first;
  worker.on('exit', (code) => {
    if (code === 0) return;
    console.error(`The process that played seed ${playing} ended with ${code ?? 'a signal'}.`);
    process.exit(1);
  });
  while (next < first + seeds) {
    const job: Job = {
      kind,
      seed: next,
      lastsMs: hours * HOUR_MS,
      tailLines: wholeTrace ? null : TAIL_LINES,
    };
    playing = next;
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
  if (wholeTrace) console.log(trace.join('\n'));
  if (failure === null) return;
  total.failed += 1;
  console.log(`seed ${seed} failed: ${failure}\n  ${trace.slice(-TAIL_LINES).join('\n  ')}`);
  console.log(`  replay: scripts/simulate --kind ${kind} --from ${seed} --seeds 1 --hours ${hours} --trace`);
}

await Promise.all(Array.from({ length: jobs }, work));
const seconds = (performance.now() - started) / 1000;
const speed = (total.lockDays * DAY_MS) / (seconds * 1000);
console.log(
  `${seeds} ${kind} seeds, ${total.failed} failed: ${total.lockDays.toFixed(0)} virtual days times locks, ` +
    `${total.operations} operations, ${seconds.toFixed(1)} s, ${speed.toFixed(0)} times real time per lock`,
);
process.exitCode = total.failed === 0 ? 0 : 1;
