import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { HOUR_MS, SECOND_MS } from '../../src/core/time.ts';
import type { CloudEvent } from '../../src/demo/backend.ts';
import { offlineCode } from '../../src/reference-cloud/offline-code.ts';
import { seal } from '../support/hpke.ts';
import { SECRET } from '../support/offline-door.ts';
import type { WorldRadio } from './house.ts';
import { letIn } from './let-in.ts';
import { ROOT, until, World } from './world.ts';

/** A door and a keypad beside it, at this address. */
const HOUSES = {
  zwave: {
    address: 3,
    house: {
      locks: [{ id: 'door', model: 'uc-v2', address: 2 }],
      keypads: [{ id: 'beside', address: 3 }],
    },
  },
  zigbee: {
    address: '0x000d6ffffe000021',
    house: {
      locks: [{ id: 'door', model: 'dl-plain', address: '0x000d6ffffe000011' }],
      keypads: [{ id: 'beside', model: 'ace-keypad', address: '0x000d6ffffe000021' }],
    },
  },
} as const satisfies Record<WorldRadio, unknown>;
const GUEST = 'b1946ac9-2492-4d23-86c2-35f1f9b2a0c1';
const START = Math.floor(Date.now() / HOUR_MS) * HOUR_MS;
const MET_WITHIN_MS = 30 * SECOND_MS;
const ANSWER_WITHIN_MS = 10 * SECOND_MS;
/** The link pauses at random before it looks for the broker again. */
const RECONNECT_WITHIN_MS = 70 * SECOND_MS;

const keypadSchema = z.object({ shown: z.object({ accepted: z.int(), denied: z.int() }) });
const helloSchema = z.object({
  offline_secrets: z.unknown().optional(),
  sealing_key: z.object({ key_id: z.string(), public_key: z.string() }),
});
const resultSchema = z.object({ command_id: z.string(), state: z.string(), result: z.unknown().optional() });

let world: World;
let door: string;
let keypad: string;

/** Sends a command and waits for its end. */
async function command(type: string, params: object): Promise<unknown> {
  const command_id = randomUUID();
  const expires_at = new Date(Date.now() + ANSWER_WITHIN_MS).toISOString();
  await world.broker.publish(
    `${ROOT}/down/command`,
    JSON.stringify({ v: 1, command_id, type, expires_at, params }),
  );
  const ended = await until(`${type} ended`, ANSWER_WITHIN_MS, () =>
    sent('up/result', resultSchema).find(
      (result) =>
        result.command_id === command_id && result.state.endsWith('ed') && result.state !== 'accepted',
    ),
  );
  expect(ended).toMatchObject({ state: 'succeeded' });
  return ended.result;
}

function sent<T>(topic: string, schema: z.ZodType<T>): T[] {
  const start = `${ROOT}/${topic} `;
  return world.upward
    .filter((line) => line.startsWith(start))
    .map((line) => schema.parse(JSON.parse(line.slice(start.length))));
}

function sealedSecret(secretId: string): Record<string, string> {
  const [hello] = sent('up/hello', helloSchema);
  if (hello === undefined) throw new Error('The hub said nothing of itself.');
  const { key_id, public_key } = hello.sealing_key;
  const aad = `${ROOT}/${secretId}`;
  const { enc, ciphertext } = seal(
    Buffer.from(public_key, 'base64url'),
    Buffer.from(SECRET).toString('base64url'),
    { info: 'lockhub v1 sealed offline secret', aad },
  );
  return { key_id, enc: enc.toString('base64url'), ciphertext: ciphertext.toString('base64url') };
}

/** From the running hour of this test on. */
function windowOf(hours: number): [startsAt: string, endsAt: string] {
  return [new Date(START).toISOString(), new Date(START + hours * HOUR_MS).toISOString()];
}

/** A code from the running hour on, as a backend makes it. */
function codeOf(hours: number, oneTimeNumber?: number): string {
  const [startsAt, endsAt] = windowOf(hours);
  return offlineCode(SECRET, {
    deviceId: door,
    startsAt,
    endsAt,
    ...(oneTimeNumber === undefined ? {} : { oneTimeNumber }),
  });
}

/** Types digits at the keypad; true when it shows that they were accepted, and the door is open then. */
async function accepted(digits: string): Promise<boolean> {
  if ((await world.lock('door')).bolt === 'unlocked') await world.control('/locks/door/lock', {});
  const before = await shown();
  await world.control('/keypads/beside/type', { digits });
  const verdict = await until('the keypad shows it', ANSWER_WITHIN_MS, async () => {
    const now = await shown();
    if (now.accepted > before.accepted) return 'accepted';
    return now.denied > before.denied ? 'denied' : undefined;
  });
  if (verdict === 'denied') {
    expect((await world.lock('door')).bolt).toBe('locked');
    return false;
  }
  await until('the door is open', ANSWER_WITHIN_MS, async () =>
    (await world.lock('door')).bolt === 'unlocked' ? true : undefined,
  );
  return true;
}

async function shown(): Promise<z.infer<typeof keypadSchema>['shown']> {
  return keypadSchema.parse(await world.control('/keypads/beside')).shown;
}

function told(type: string, field: string, value: unknown): Promise<CloudEvent> {
  return until(`${type} with ${field} ${JSON.stringify(value)}`, RECONNECT_WITHIN_MS, () =>
    world.backend.events.find((event) => event.event_type === type && event[field] === value),
  );
}

/** Offline codes of the hub's own, at a door and a keypad of one radio. */
export function keypadSuite(radio: WorldRadio): void {
  beforeAll(async () => {
    const { address, house } = HOUSES[radio];
    world = await World.build({ house: JSON.stringify(house), radio });
    await world.startHub();
    if (radio === 'zigbee') await letIn(world);
    door = await world.deviceId('door');
    keypad = await until('the keypad is reported', MET_WITHIN_MS, () => {
      return [...world.backend.reported.values()].find((report) => report.device.address === address)
        ?.device_id;
    });
  });
  afterEach(({ task }) => {
    if (task.result?.state === 'fail') console.error(world.lastWords());
  });
  afterAll(() => world.end());

  test('the cloud gives a lock a keypad', async () => {
    await command('set_keypad', { device_id: door, keypad_device_id: keypad });
    await until('the door is reported', ANSWER_WITHIN_MS, () => {
      const line = world.upward.findLast((one) => one.startsWith(`${ROOT}/up/reported/${door} `)) ?? '';
      return line.includes(`"keypad_device_id":"${keypad}"`) ? true : undefined;
    });
  });

  test('a code that is asked of the hub for a door waits for its secret, and is computed when that comes', async () => {
    const [starts_at, ends_at] = windowOf(3);
    const entry = { access_code_id: GUEST, name: 'Guest', starts_at, ends_at, is_offline_access_code: true };
    const document = { v: 1, device_id: door, generation: 1, version: 1, codes: [entry] };
    await world.broker.publish(`${ROOT}/down/desired/${door}`, JSON.stringify(document));
    await until('the hub says that it waits', ANSWER_WITHIN_MS, () => {
      const code = world.backend.reported.get(door)?.codes.find((one) => one.access_code_id === GUEST);
      return code?.errors.some(({ error_code }) => error_code === 'failed_to_set_on_device') || undefined;
    });
    expect(
      await command('set_offline_secret', { secret_id: 'autumn', sealed_secret: sealedSecret('autumn') }),
    ).toEqual({ accepted: [{ secret_id: 'autumn', accepted_until: null }] });
    await told('access_code.set_on_device', 'access_code_id', GUEST);
  });

  test('a code that the cloud made while there is no internet opens the door, and no other does', async () => {
    const code = codeOf(2);
    const once = codeOf(24, 1);
    await world.broker.stop();
    expect(await accepted(code)).toBe(true);
    expect(await accepted(code)).toBe(true);
    expect(await accepted(codeOf(3))).toBe(true);
    expect(await accepted(once)).toBe(true);
    expect(await accepted(once)).toBe(false);
    // What was burnt is so after a power cut, too.
    await world.endHub('SIGKILL');
    await world.startHub();
    await world.hubs.at(-1)?.line((line) => line.includes('keypad found'), MET_WITHIN_MS);
    expect(await accepted(once)).toBe(false);
    for (let guess = 0; guess < 5; guess += 1) expect(await accepted(`000000000${guess}`)).toBe(false);
    // A right code is not looked at any more.
    expect(await accepted(code)).toBe(false);
    expect(await accepted(code)).toBe(false);

    await world.broker.start();
    const opened = await told('lock.unlocked', 'keypad_device_id', keypad);
    expect(opened).toMatchObject({ device_id: door, method: 'keycode' });
    expect(opened['offline_window']).toMatchObject({ starts_at: expect.stringMatching(/:00:00\.000Z$/) });
    expect(await told('lock.unlocked', 'access_code_id', GUEST)).toMatchObject({ device_id: door });
    await told('lock.access_denied', 'reason', 'burnt');
    await told('lock.access_denied', 'reason', 'wrong');
    expect(await told('lock.access_denied', 'reason', 'locked_out')).toMatchObject({
      locked_until: expect.stringMatching(/Z$/),
    });
    expect(world.backend.events.filter((event) => event['reason'] === 'locked_out')).toHaveLength(1);
    await until('the report counts what was not looked at', ANSWER_WITHIN_MS, () =>
      world.backend.reported.get(door)?.device.door?.unread === 2 ? true : undefined,
    );
    expect(sent('up/hello', helloSchema).at(-1)?.offline_secrets).toEqual([
      { secret_id: 'autumn', accepted_until: null },
    ]);
    world.expectNoTrace([code, once, Buffer.from(SECRET).toString('base64url')]);
  });
}
