import { z } from 'zod';

/** Longest wait for an answer of the control interface. */
const ANSWER_TIMEOUT_MS = 5000;
/** What it answers where the lock itself says no. */
const REFUSED = 409;

/** What the control interface tells of a lock, as far as the demo looks at it. */
export const houseLockSchema = z.object({
  id: z.string(),
  radio: z.enum(['zwave', 'zigbee']),
  address: z.union([z.int(), z.string()]),
  model: z.string(),
  bolt: z.string(),
  /** It is in the network of a hub. */
  joined: z.boolean(),
  /** How often a hub wrote to a slot, by its number. */
  writes: z.record(z.string(), z.int()),
  slots: z.array(
    z.object({
      slot: z.int(),
      pin: z.string().nullable(),
      status: z.string(),
      schedules: z.array(z.unknown()),
    }),
  ),
});

/** The truth about one lock of the simulated house. */
export type HouseLock = z.infer<typeof houseLockSchema>;

const houseKeypadSchema = z.object({
  /** Keys that it collects before it sends them. */
  key_cache: z.object({ size: z.int() }),
  /** How often it showed what. */
  shown: z.object({ accepted: z.int(), denied: z.int() }),
});

/** The truth about a keypad that asks its hub. */
type HouseKeypad = z.infer<typeof houseKeypadSchema>;

const typedSchema = z.object({ opened: z.boolean(), slot: z.int().nullable() });

/** The simulated house as seen through its control interface: what really is on the locks, and hands at keypads. */
export interface HouseControl {
  locks(): Promise<readonly HouseLock[]>;
  lock(id: string): Promise<HouseLock>;
  /** Types a PIN at the keypad. */
  typePin(id: string, pin: string): Promise<z.infer<typeof typedSchema>>;
  keypad(id: string): Promise<HouseKeypad>;
  /** Types digits at a keypad that asks its hub. */
  typeDigits(id: string, digits: string): Promise<void>;
  /** Somebody with the installer's code edits a slot at the lock itself. */
  program(id: string, slot: number, pin: string): Promise<void>;
  /** Anything that changes something at a lock, in the words of the control interface; false: it refuses (409). */
  act(id: string, call: string, body?: Readonly<Record<string, unknown>>): Promise<boolean>;
}

/** A client for the control interface at `url`. Calls reject when the house does not answer as agreed. */
export function houseControl(url: string): HouseControl {
  const ask = async (path: string, body?: unknown): Promise<Response> =>
    fetch(new URL(path, url), {
      signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
      ...(body === undefined
        ? {}
        : { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
  const told = async (path: string, body?: unknown): Promise<unknown> => {
    const response = await ask(path, body);
    const text = await response.text();
    if (!response.ok) throw new Error(`The house answered ${response.status} to ${path}: ${text}`);
    return text === '' ? undefined : (JSON.parse(text) as unknown);
  };
  return {
    locks: async () => z.array(houseLockSchema).parse(await told('/locks')),
    lock: async (id) => houseLockSchema.parse(await told(`/locks/${id}`)),
    typePin: async (id, pin) => typedSchema.parse(await told(`/locks/${id}/keypad`, { pin })),
    keypad: async (id) => houseKeypadSchema.parse(await told(`/keypads/${id}`)),
    typeDigits: async (id, digits) => {
      await told(`/keypads/${id}/type`, { digits });
    },
    program: async (id, slot, pin) => {
      await told(`/locks/${id}/program`, { slot, pin });
    },
    act: async (id, call, body = {}) => {
      const { ok, status } = await ask(`/locks/${id}/${call}`, body);
      if (!ok && status !== REFUSED) throw new Error(`The house answered ${status} to ${call}.`);
      return ok;
    },
  };
}
