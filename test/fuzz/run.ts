import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { fuzz } from './fuzz.ts';

const USAGE = 'scripts/fuzz [--messages N] [--seed S]';
/** In memory every commit is as good as on a disk, and a thousand times as fast. */
const SHARED_MEMORY = '/dev/shm';
const MEGABYTE = 1024 * 1024;

const commandSchema = z.object({
  messages: z.coerce.number().int().positive(),
  seed: z.coerce.number().int().positive(),
});

function readCommand(): z.output<typeof commandSchema> {
  try {
    const { values } = parseArgs({
      options: {
        messages: { type: 'string', default: '100000' },
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

const { messages, seed } = readCommand();
const folder = mkdtempSync(path.join(existsSync(SHARED_MEMORY) ? SHARED_MEMORY : tmpdir(), 'lockhub-fuzz-'));
try {
  const report = await fuzz(folder, messages, seed);
  const [early, late] = report.heapBytes.map((bytes) => (bytes / MEGABYTE).toFixed(1));
  console.log(
    `${messages} messages with seed ${seed} in ${(report.tookMs / 1000).toFixed(0)} s: no crash, nothing invalid ` +
      `taken, no PIN told.\nThey meant: ${listed(report.meanings)}.\nRejected: ${listed(report.rejected)}.\n` +
      `The hub said ${report.up} messages and logged ${report.logLines} lines, all looked through.\n` +
      `Heap ${early} MB after a tenth, ${late} MB at the end; ` +
      `resident ${(report.residentBytes / MEGABYTE).toFixed(0)} MB.`,
  );
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  console.error(`Again: scripts/fuzz --messages ${messages} --seed ${seed}`);
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
