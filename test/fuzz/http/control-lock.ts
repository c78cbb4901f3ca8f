import { z } from 'zod';
import type { HubProcess, Started } from './hub.ts';
import type { Devices } from './known.ts';

const WAIT_MAX_MS = 60_000;
const LOOK_EVERY_MS = 100;
/** Codes that a lock may keep; the oldest of more are deleted. */
const CODES_KEPT = 30;
const PINS = ['70310011', '70310022', '70310033', '70310044', '70310055'];

const devicesSchema = z.object({ devices: z.array(z.object({ device_id: z.string() })) });
const codesSchema = z.object({ access_codes: z.array(z.object({ access_code_id: z.string() })) });

/** A lock that is left alone: whatever else is asked, it has to hold just its own codes. */
export class ControlLock {
  readonly devices: Devices;
  readonly #hub: HubProcess;
  readonly #started: Started;

  private constructor(devices: Devices, hub: HubProcess, started: Started) {
    this.devices = devices;
    this.#hub = hub;
    this.#started = started;
  }

  /** One of the locks of a hub that has just been started; resolves when it holds its codes. */
  static async choose(hub: HubProcess, started: Started): Promise<ControlLock> {
    const found = await until('the hub has met its locks', async () => {
      const { devices } = devicesSchema.parse(await ask(started, '/devices/list', {}));
      const [control, victim, first, ...rest] = devices.map(({ device_id }) => device_id);
      if (control === undefined || victim === undefined || first === undefined) return undefined;
      return rest.length === 0 ? undefined : { control, victim, open: [first, ...rest, victim] as const };
    });
    const lock = new ControlLock(found, hub, started);
    for (const code of PINS)
      await ask(started, '/access_codes/create', { device_id: found.control, code, name: 'Kept' });
    await lock.check();
    return lock;
  }

  /** Rejects unless one lock holds just these codes, by the lock itself and by the hub. */
  async check(): Promise<void> {
    await until('the lock that was left alone holds its codes and no other', async () => {
      const { pins } = await this.#hub.facts();
      return pins.some((held) => held.toSorted().join(' ') === PINS.join(' ')) ? true : undefined;
    });
    const listed = await codesOf(this.#started, this.devices.control);
    if (listed.length !== PINS.length) throw new Error(`The hub lists ${listed.length} codes of that lock.`);
  }

  /** Deletes what has become too much on the other locks. */
  async tidy(): Promise<void> {
    for (const deviceId of this.devices.open) {
      const codes = await codesOf(this.#started, deviceId);
      for (const id of codes.slice(0, Math.max(0, codes.length - CODES_KEPT)))
        await ask(this.#started, '/access_codes/delete', { access_code_id: id }, [200, 404]);
    }
  }
}

async function codesOf(started: Started, deviceId: string): Promise<readonly string[]> {
  const answer = await ask(started, '/access_codes/list', { device_id: deviceId }, [200, 404]);
  const listed = codesSchema.safeParse(answer);
  return listed.success ? listed.data.access_codes.map(({ access_code_id }) => access_code_id) : [];
}

async function ask({ url, keys }: Started, path: string, body: unknown, right = [200]): Promise<unknown> {
  const answer = await fetch(`${url}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${keys.pins}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const text = await answer.text();
  if (!right.includes(answer.status))
    throw new Error(`${path} ${JSON.stringify(body)}: ${answer.status} ${text}`);
  return JSON.parse(text);
}

async function until<Found>(what: string, look: () => Promise<Found | undefined>): Promise<Found> {
  const deadlineMs = performance.now() + WAIT_MAX_MS;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() > deadlineMs) throw new Error(`Waited in vain until ${what}.`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}
