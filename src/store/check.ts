import { Worker } from 'node:worker_threads';
import { z } from 'zod';
import { MINUTE_MS } from '../core/time.ts';

/** A gigabyte from a slow card. */
const CHECK_TIMEOUT_MS = 10 * MINUTE_MS;

/**
 * Reads all of a database in a thread of its own, also while a hub works with it. Answers what is wrong with it; `null`:
 * nothing, or nobody could tell. Never rejects.
 */
export function checkDatabase(file: string): Promise<string | null> {
  const worker = new Worker(new URL('./check-worker.ts', import.meta.url), { workerData: { file } });
  const verdict = new Promise<string | null>((resolve) => {
    const timer = setTimeout(() => resolve(null), CHECK_TIMEOUT_MS);
    worker.once('message', (message: unknown) => resolve(z.string().nullable().parse(message)));
    worker.once('error', () => resolve(null));
    worker.once('exit', () => {
      clearTimeout(timer);
      resolve(null);
    });
  });
  return verdict.finally(() => void worker.terminate());
}
