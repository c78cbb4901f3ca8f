import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { DAY_MS, HOUR_MS } from '../../src/core/time.ts';
import type { Job, Result } from './worker.ts';

/** Lines of the trace of a world that failed. */
const TAIL_LINES = 25;

/** How long the worlds of a kind last where nobody says. */
const USUAL_HOURS = { torture: 24, full: 24, calm: 14 * 24, brisk: 0.25 } as const;

const USAGE =
  'scripts/simulate [--face direct|zwave|zigbee|both] [--kind torture|full|calm|brisk] [--seeds N] [--from SEED] ' +
  '[--days N | --hours N] [--jobs N] [--trace]';

/** What the command line asks for; ends the process with 2 if it cannot be understood. */
function readCommand() {
  try {
    const { values } = parseArgs({
      options: {
        face: { type: 'string', default: 'direct' },
        kind: { type: 'string' },
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
    face: z.enum(['direct', 'zwave', 'zigbee', 'both']),
    kind: z.enum(['torture', 'full', 'calm', 'brisk']).optional(),
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

const { face, seeds, from: first, jobs, trace: wholeTrace, ...given } = readCommand();
const kind = given.kind ?? (face === 'direct' ? 'torture' : 'brisk');
const hours = given.hours ?? (given.days === undefined ? USUAL_HOURS[kind] : 24 * given.days);
const started = performance.now();
const total = { failed: 0, lockDays: 0, operations: 0 };
let next = first;

/** One process for one seed after the other; real radio libraries need a new one for each. */
async function work(): Promise<void> {
  let playing = first;
  const start = (): ChildProcess =>
    fork(new URL('worker.ts', import.meta.url)).on('exit', (code) => {
      if (code === 0) return;
      console.error(`The process that played seed ${playing} ended with ${code ?? 'a signal'}.`);
      process.exit(1);
    });
  let worker = start();
  while (next < first + seeds) {
    const job: Job = {
      kind,
      face,
      seed: next,
      lastsMs: hours * HOUR_MS,
      tailLines: wholeTrace ? null : TAIL_LINES,
    };
    playing = next;
    next += 1;
    worker.send(job);
    const [result] = (await once(worker, 'message')) as [Result];
    tell(result);
    if (face === 'direct') continue;
    worker.disconnect();
    worker = start();
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
  console.log(
    `  ${face === 'direct' ? 'replay' : 'again, though no two runs over real libraries are the same'}: scripts/simulate --face ${face} --kind ${kind} --from ${seed} --seeds 1 --hours ${hours} --trace`,
  );
}

await Promise.all(Array.from({ length: jobs }, work));
const seconds = (performance.now() - started) / 1000;
const speed = (total.lockDays * DAY_MS) / (seconds * 1000);
console.log(
  `${seeds} ${kind} seeds over ${face}, ${total.failed} failed: ${total.lockDays.toFixed(0)} virtual days times locks, ` +
    `${total.operations} operations, ${seconds.toFixed(1)} s, ${speed.toFixed(0)} times real time per lock`,
);
process.exitCode = total.failed === 0 ? 0 : 1;
