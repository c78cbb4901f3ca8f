import type { FaceName } from './faces/face.ts';
import type { Kind } from './setting.ts';
import { simulate, type Run } from './simulate.ts';

/** One world to run. */
export interface Job {
  readonly kind: Kind;
  readonly face: FaceName;
  readonly seed: number;
  readonly lastsMs: number;
  /** Last lines of the trace that are wanted; `null`: all. */
  readonly tailLines: number | null;
}

export type Result = Run;

/** Runs one world after the other, as the parent process asks. */
process.on('message', (job: Job) => {
  void simulate(job.kind, job.seed, job.lastsMs, job.face).then((run) => {
    const trace = job.tailLines === null ? run.trace : run.trace.slice(-job.tailLines);
    process.send?.({ ...run, trace });
  });
});

// A library that left something open is no reason to stay.
process.on('disconnect', () => process.exit(0));
