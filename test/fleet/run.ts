import { parseArgs } from 'node:util';
import { z } from 'zod';
import { runFleet } from './fleet.ts';
import { reportLines } from './report.ts';

const HUBS_MAX = 5000;
const USAGE = 'scripts/fleet --hubs N [--cluster] [--seconds S] [--kill] [--seed S]';

/** What the command line asks for; ends the process with 2 if it cannot be understood. */
function readCommand() {
  try {
    const { values } = parseArgs({
      options: {
        hubs: { type: 'string' },
        cluster: { type: 'boolean', default: false },
        seconds: { type: 'string', default: '10' },
        kill: { type: 'boolean', default: false },
        seed: { type: 'string', default: '1' },
        help: { type: 'boolean', default: false },
      },
    });
    if (values.help) {
      console.log(USAGE);
      process.exit(0);
    }
    return commandSchema.parse(values);
  } catch (error) {
    const text = error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message;
    console.error(`${text}\n${USAGE}`);
    process.exit(2);
  }
}

const whole = z.coerce.number().int().positive();
const commandSchema = z.object({
  hubs: whole.max(HUBS_MAX),
  cluster: z.boolean(),
  seconds: whole,
  kill: z.boolean(),
  seed: whole,
});

const say = (line: string): void => console.log(line);
// An exit ends the brokers.
process.once('SIGINT', () => process.exit(1));
process.once('SIGTERM', () => process.exit(1));
try {
  const report = await runFleet({ ...readCommand(), say });
  for (const line of reportLines(report)) say(line);
  process.exit(report.wrong.length === 0 ? 0 : 1);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
