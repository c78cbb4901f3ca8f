import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { fuzz } from './fuzz.ts';
import { fuzzHttp } from './http/fuzz.ts';

const USAGE = 'scripts/fuzz [--messages N] [--seed S]\nscripts/fuzz --http [--requests N] [--seed S]';
/** In memory every commit is as good as on a disk, and a thousand times as fast. */
const SHARED_MEMORY = '/dev/shm';
const MEGABYTE = 1024 * 1024;

const commandSchema = z.object({
  http: z.boolean(),
  messages: z.coerce.number().int().positive(),
  requests: z.coerce.number().int().positive(),
  seed: z.coerce.number().int().positive(),
});

function readCommand(): z.output<typeof commandSchema> {
  try {
    const { values } = parseArgs({
      options: {
        http: { type: 'boolean', default: false },
        messages: { type: 'string', default: '100000' },
        requests: { type: 'string', default: '100000' },
        seed: { type: 'string', default: String(1 + (Date.now() % 1_000_000)) },
        help: { type: 'boolean', default: false },
      },
    });
    if (values.help) {
      console.log(USAGE);
      process.exit(0);
    }
    return commandSchema.parse(values);
  } catch (error) {
    console.error(
      `${error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message}\n${USAGE}`,
    );
    process.exit(2);
  }
}

function listed(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([name, count]) => `${name} ${count}`)
    .join(', ');
}

function megabytes(bytes: number): string {
  return (bytes / MEGABYTE).toFixed(1);
}

async function sendMessages(folder: string, messages: number, seed: number): Promise<string> {
  const report = await fuzz(folder, messages, seed);
  const [early, late] = report.heapBytes.map(megabytes);
  return (
    `${messages} messages with seed ${seed} in ${(report.tookMs / 1000).toFixed(0)} s: no crash, nothing invalid ` +
    `taken, no PIN told.\nThey meant: ${listed(report.meanings)}.\nRejected: ${listed(report.rejected)}.\n` +
    `The hub said ${report.up} messages and logged ${report.logLines} lines, all looked through.\n` +
    `Heap ${early} MB after a tenth, ${late} MB at the end; ` +
    `resident ${megabytes(report.residentBytes)} MB.`
  );
}

async function sendRequests(folder: string, requests: number, seed: number): Promise<string> {
  const report = await fuzzHttp(folder, requests, seed);
  const [early, late] = report.heapBytes.map(megabytes);
  const undone = report.undone.length === 0 ? 'none' : report.undone.join(', ');
  return (
    `${requests} requests with seed ${seed} in ${(report.tookMs / 1000).toFixed(0)} s, ${report.raw} of them mere ` +
    'bytes: no crash, no failure of the hub, each answer in its format, no PIN told, nothing told without a key; ' +
    `the lock that was left alone holds its codes.\nAnswers: ${listed(report.statuses)}.\n` +
    `By who asked: ${listed(report.byCaller)}.\n${report.routes} routes; never did what they were asked: ${undone}.\n` +
    `The hub logged ${report.logLines} lines, all looked through.\n` +
    `Heap ${early} MB after a tenth, ${late} MB at the end; resident ${megabytes(report.residentBytes)} MB.`
  );
}

const { http, messages, requests, seed } = readCommand();
const folder = mkdtempSync(path.join(existsSync(SHARED_MEMORY) ? SHARED_MEMORY : tmpdir(), 'lockhub-fuzz-'));
try {
  console.log(await (http ? sendRequests(folder, requests, seed) : sendMessages(folder, messages, seed)));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  const what = http ? `--http --requests ${requests}` : `--messages ${messages}`;
  console.error(`Again: scripts/fuzz ${what} --seed ${seed}`);
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
