import { z } from 'zod';
import { LOCKHUB, startProgram, type Program } from '../e2e/program.ts';

const START_WITHIN_MS = 60_000;

const readySchema = z.object({
  control: z.string(),
  mqtt: z.string(),
  data_dir: z.string(),
  http: z.string(),
  api_key: z.string(),
  login_url: z.string(),
});

/** A lock as the control interface of the house shows it, as far as it is looked at. */
const houseLockSchema = z.object({
  id: z.string(),
  radio: z.enum(['zwave', 'zigbee']),
  address: z.union([z.number(), z.string()]),
  bolt: z.string(),
  joined: z.boolean(),
  asks: z.string().nullable(),
  slots: z.array(z.object({ slot: z.number(), pin: z.string().nullable(), status: z.string() })),
  label: z.object({ qr: z.string() }).nullable(),
});

type HouseLock = z.infer<typeof houseLockSchema>;

/** `lockhub demo` as a black box: its page, its house, and its switch for the internet. */
export interface RunningDemo extends z.infer<typeof readySchema> {
  readonly program: Program;
  houseLocks(): Promise<readonly HouseLock[]>;
  /** A call of the house's control interface; rejects where that refuses. */
  house(path: string, body: object): Promise<unknown>;
  /** Cuts the internet of the hub, or brings it back. */
  switchInternet(): void;
  end(): Promise<number | string>;
}

/** Starts the demo on free ports; resolves when the first sample code is on its lock. */
export async function startDemo(...more: readonly string[]): Promise<RunningDemo> {
  const program = startProgram(LOCKHUB, ['demo', '--json', '--mqtt-port', '0', '--http-port', '0', ...more]);
  const line = await program.line((text) => text.includes('"login_url"'), START_WITHIN_MS);
  const ready = readySchema.parse(JSON.parse(line));
  await program.line((text) => text.includes('access_code.set_on_device'), START_WITHIN_MS);
  return {
    ...ready,
    program,
    houseLocks: async () => {
      const response = await fetch(`${ready.control}/locks`);
      return z.array(houseLockSchema).parse(await response.json());
    },
    house: async (path, body) => {
      const response = await fetch(`${ready.control}/${path}`, {
        method: 'POST',
        body: JSON.stringify(body),
      });
      if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
      return response.json();
    },
    switchInternet: () => program.child.kill('SIGUSR2'),
    end: () => program.end('SIGTERM'),
  };
}
