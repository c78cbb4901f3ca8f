import { fork } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { MINUTE_MS } from '../../src/core/time.ts';
import type { FaceName } from './faces/face.ts';
import type { Job, Result } from './worker.ts';

/** Trace lines that are shown of a world that failed. */
const TAIL_LINES = 40;
const LASTS_MS = 4 * MINUTE_MS;
/** In real milliseconds, on a machine that has other things to do. */
const TIMEOUT_MS = 240_000;

/** Real radio libraries need a process of their own, whose clock and timers are the world's. */
async function play(face: FaceName, seed: number): Promise<Result> {
  const worker = fork(new URL('worker.ts', import.meta.url));
  const job: Job = { kind: 'brisk', face, seed, lastsMs: LASTS_MS, tailLines: TAIL_LINES };
  worker.send(job);
  const [result] = (await Promise.race([once(worker, 'message'), endOf(worker)])) as [Result];
  worker.disconnect();
  return result;
}

async function endOf(worker: ReturnType<typeof fork>): Promise<never> {
  const [code] = (await once(worker, 'exit')) as [number | null];
  throw new Error(`The process of the world ended with ${code ?? 'a signal'}`);
}

test.concurrent.each<[FaceName, number]>([
  ['zwave', 1],
  ['zigbee', 1],
])(
  'every invariant holds in a brisk world over the face %s, seed %i',
  async (face, seed) => {
    const run = await play(face, seed);
    const again = `scripts/simulate --face ${face} --from ${seed} --seeds 1 --hours ${LASTS_MS / (60 * MINUTE_MS)} --trace`;
    expect(run.failure, `${again}\n${run.trace.join('\n')}`).toBeNull();
    expect(run.operations).toBeGreaterThan(10);
  },
  TIMEOUT_MS,
);
