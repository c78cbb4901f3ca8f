import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { houseControl, type HouseControl } from '../../src/demo/house.ts';
import { LOCKHUB, startProgram } from '../e2e/program.ts';

const START_WITHIN_MS = 30_000;

const readySchema = z.object({
  zwave: z.string(),
  zigbee: z.string(),
  control: z.string(),
  security_keys_file: z.string(),
});
const lockSchema = z.object({
  id: z.string(),
  address: z.union([z.int(), z.string()]),
  frames: z.object({ received: z.int(), sent: z.int() }),
  label: z.object({ qr: z.string() }).nullish().catch(null),
});

/** A lock of the simulated house, as far as another program is compared by it. */
type LockCount = z.infer<typeof lockSchema>;

/** A `lockhub simulate` in a process of its own. */
export interface PeerHouse extends HouseControl {
  readonly zwave: string;
  readonly zigbee: string;
  readonly securityKeysFile: string;
  counts(): Promise<readonly LockCount[]>;
  end(): Promise<void>;
}

export interface PlannedLock {
  readonly id: string;
  readonly model: string;
  readonly address: number | string;
}

/** Starts a house with these locks. Its files go into `folder`. */
export async function startPeerHouse(folder: string, locks: readonly PlannedLock[]): Promise<PeerHouse> {
  const file = path.join(folder, 'house.yaml');
  writeFileSync(file, JSON.stringify({ locks }));
  const ports = ['--zwave-port', '0', '--zigbee-port', '0', '--control-port', '0'];
  const keys = ['--keys-file', path.join(folder, 'keys.json')];
  const program = startProgram(LOCKHUB, ['simulate', ...ports, ...keys, '--house', file]);
  const line = await program.line((said) => said.startsWith('{'), START_WITHIN_MS);
  const { control, security_keys_file: securityKeysFile, ...sticks } = readySchema.parse(JSON.parse(line));
  const counts = async (): Promise<readonly LockCount[]> => {
    const response = await fetch(`${control}/locks`);
    return z.array(lockSchema).parse(await response.json());
  };
  return {
    ...houseControl(control),
    ...sticks,
    securityKeysFile,
    counts,
    end: async () => void (await program.end('SIGTERM')),
  };
}

/** The IEEE address of the simulated lock with this number. */
export function ieeeOf(number: number): string {
  return `0x000d6ffffe${number.toString(16).padStart(6, '0')}`;
}
