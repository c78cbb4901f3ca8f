import { parentPort, workerData } from 'node:worker_threads';
import { z } from 'zod';
import { StoreError } from '../../store/errors.ts';
import { glanceAt, type Glance } from '../../store/glance.ts';

/** What the worker answers. */
export type Answer =
  | { readonly ok: true; readonly glance: Glance }
  | { readonly ok: false; readonly reason: string };

const { file, startsSince } = z.object({ file: z.string(), startsSince: z.number() }).parse(workerData);
parentPort?.postMessage(answer(), []);

function answer(): Answer {
  try {
    return { ok: true, glance: glanceAt(file, startsSince) };
  } catch (error) {
    if (error instanceof StoreError) return { ok: false, reason: error.message };
    throw error;
  }
}
