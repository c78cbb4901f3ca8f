import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { REPLY_INFO, replyAad, sealedReplySchema } from '../../src/cloud/messages/sealed.ts';
import { makeKeyPair, openSealed } from '../../src/cloud/sealing.ts';
import { slotOf } from '../../src/core/plan/assign.ts';
import type { Slot } from '../../src/core/slot.ts';
import { DAY_MS, MINUTE_MS } from '../../src/core/time.ts';
import type { Result } from '../../src/cloud/messages/command.ts';
import {
  Backend,
  ended,
  entry,
  interviewed,
  openHubStore,
  Scene,
  spawnHub,
  startHub,
  startMosquitto,
  until,
  type Broker,
  type Hub,
} from './cloud-rig.ts';

const door = randomUUID();
const key = makeKeyPair();

let scene: Scene;
let broker: Broker;
let backend: Backend;
let uncertaintyMs = 0;

const clockOf = { monotonicMs: () => performance.now() };

beforeEach(async () => {
  scene = new Scene();
  uncertaintyMs = 0;
  broker = await startMosquitto(scene);
  backend = await Backend.at(scene, broker, 'hub-1');
});
afterEach(() => scene.end());

async function hubWithDoor(): Promise<Hub> {
  const store = openHubStore(scene.dir);
  if (store.lockState(door) === undefined) store.commit(undefined, interviewed(door), []);
  const hub = startHub(scene, { url: broker.url, store });
  await until('the hub is online', () => backend.hellos().length > 0);
  return hub;
}

interface Sent {
  readonly commandId?: string;
  readonly lastsMs?: number;
  readonly retain?: boolean;
}

async function send(type: string, params?: unknown, more: Sent = {}): Promise<string> {
  const { commandId = randomUUID(), lastsMs = MINUTE_MS, retain = false } = more;
  const expires_at = new Date(Date.now() + lastsMs).toISOString();
  await backend.send('down/command', { v: 1, command_id: commandId, type, expires_at, params }, retain);
  return commandId;
}

/** The end of a command. */
function settled(commandId: string): Promise<Result> {
  return until(`${commandId} has ended`, () => {
    const result = backend.result(commandId);
    return result !== undefined && !['accepted', 'running'].includes(result.state) ? result : undefined;
  });
}

async function resultOf(type: string, params?: unknown, more?: Sent): Promise<Result> {
  return settled(await send(type, params, more));
}

/** Gives the door this code and waits until the hub has it. */
async function desire(version: number, fields: Record<string, unknown>): Promise<string> {
  const code = entry(fields);
  await backend.send(`down/desired/${door}`, { v: 1, generation: 1, version, codes: [code] });
  await until('it is taken', () => backend.reports(door).at(-1)?.version_received === version);
  return String(code['access_code_id']);
}

/** Opens the PIN of an answer as its sender would. */
async function pinIn({ command_id, result }: Result): Promise<string | undefined> {
  const sealed = sealedReplySchema.parse(result?.['sealed_code']);
  return openSealed(key, sealed, REPLY_INFO, replyAad('hub-1', command_id));
}

describe('a command', () => {
  test('is accepted, done and answered; sent again it is answered again, and not done again', async () => {
    const hub = await hubWithDoor();
    const params = { device_id: door.toUpperCase() };
    const commandId = await send('lock_door', params);
    await until('it is accepted', () => backend.result(commandId)?.state === 'accepted');
    expect(hub.woken).toEqual([door]);
    hub.store.transaction(() =>
      hub.store.commands.settle(commandId, { state: 'succeeded', result: { locked: true } }, Date.now()),
    );
    expect(await settled(commandId)).toMatchObject({ type: 'lock_door', result: { locked: true } });
    const before = backend.results().length;
    await send('lock_door', params, { commandId });
    await until('it is answered again', () => backend.results().length > before);
    expect(backend.results().at(-1)).toEqual(backend.results().at(-2));
    expect(hub.woken).toEqual([door]);
  });

  test.each([
    ['dance', {}, 'invalid_input', 'type: no such command.'],
    ['unlock_door', {}, 'invalid_input', 'params.device_id: is missing or not as the contract says.'],
    ['unlock_door', undefined, 'invalid_input', /^params\.device_id/],
    ['unlock_door', 'door', 'invalid_input', /^params\./],
    ['unlock_door', { device_id: randomUUID() }, 'unknown_device', /^params\.device_id/],
    ['start_pairing', { radio: 'zwave', duration_seconds: 301 }, 'invalid_input', /duration_seconds/],
    ['start_pairing', { radio: 'lora', duration_seconds: 30 }, 'invalid_input', /radio/],
    ['resend_events', { after_seq: -1 }, 'invalid_input', /after_seq/],
    ['update', { url: 'ftp://a/b', signature: 'x' }, 'invalid_input', /url/],
    ['update', { url: 'https://a/b', signature: 'x' }, 'update_refused', /does not update/],
    ['generate_code', { device_id: door }, 'invalid_input', /reply_key/],
    ['reveal_code', { device_id: door, access_code_id: 'x' }, 'access_code_not_found', /id/],
    ['pull_backup_access_code', { device_id: door, access_code_id: 'x' }, 'access_code_not_found', /id/],
  ])('%s with %j fails with %s', async (type, params, code, message) => {
    await hubWithDoor();
    const result = await resultOf(type, params);
    expect(result).toMatchObject({
      type,
      state: 'failed',
      error: { code, message: expect.stringMatching(message) },
    });
  });

  test('that has expired, or would live for longer than its id is known, is not done', async () => {
    const hub = await hubWithDoor();
    const params = { device_id: door };
    expect((await resultOf('unlock_door', params, { lastsMs: -1 })).state).toBe('expired');
    expect(await resultOf('unlock_door', params, { lastsMs: 31 * DAY_MS })).toMatchObject({
      error: { code: 'invalid_input', message: expect.stringMatching(/^expires_at/) },
    });
    expect(hub.woken).toEqual([]);
  });

  test('that is retained, or has no id or end, is rejected as a message', async () => {
    const hub = await hubWithDoor();
    await send('unlock_door', { device_id: door }, { retain: true });
    await hub.stop();
    const again = await hubWithDoor();
    await until('the broker handed it out again', () =>
      backend.events().some((event) => event['reason'] === 'retained'),
    );
    expect(again.woken).toEqual([]);
    await backend.send('down/command', { v: 1, type: 'ping' });
    await until('it is told', () => backend.events().some((event) => event['reason'] === 'invalid_message'));
  });

  test('opens no door while the hub does not know the time', async () => {
    const store = openHubStore(scene.dir);
    store.commit(undefined, interviewed(door), []);
    const clock = {
      ...clockOf,
      now: () => ({ earliest: Date.now() - uncertaintyMs, latest: Date.now() + uncertaintyMs }),
      sleepFor: (ms: number, signal: AbortSignal) =>
        new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, Math.min(ms, 2 ** 31 - 1));
          signal.addEventListener('abort', () => {
            clearTimeout(timer);
            resolve();
          });
        }),
      sleepUntil: () => new Promise<void>(() => undefined),
    };
    uncertaintyMs = MINUTE_MS;
    const hub = startHub(scene, { url: broker.url, store, clock });
    await until('the hub is online', () => backend.hellos()[0]);
    const params = { device_id: door };
    expect(await resultOf('unlock_door', params, { lastsMs: 10 * MINUTE_MS })).toMatchObject({
      state: 'failed',
      error: { code: 'clock_uncertain' },
    });
    await send('lock_door', params, { lastsMs: 10 * MINUTE_MS });
    await until('locking is passed on', () => hub.woken.length > 0);
  });
});

describe('the hub alone', () => {
  test('answers a ping, and says how it is', async () => {
    await hubWithDoor();
    expect(await resultOf('ping')).toMatchObject({ state: 'succeeded', result: {} });
    const { result } = await resultOf('diagnostics', {});
    expect(result).toMatchObject({ link: { status: 'online' }, devices: [{ device_id: door }] });
    const health = await until('health is told', () => backend.healths()[0]);
    expect(health).toMatchObject({
      devices: { known: 1, online: 1 },
      radios: [{ radio: 'zwave', state: 'ready' }],
      sealing_key: { public_key: backend.hellos()[0]?.sealing_key.public_key },
    });
    expect(health.disk.database_bytes).toBeGreaterThan(0);
  });

  test('refuses to replace a key that is not its own to replace', async () => {
    await hubWithDoor();
    expect(await resultOf('rotate_key')).toMatchObject({ state: 'failed', error: { code: 'unsupported' } });
  });

  test('starts an audit of one lock, or of all', async () => {
    const hub = await hubWithDoor();
    expect(await resultOf('audit', { device_id: door })).toMatchObject({ result: { device_ids: [door] } });
    expect(hub.store.lockState(door)?.lock.audit.dueSince).not.toBeNull();
    expect(hub.woken).toEqual([door]);
    expect(await resultOf('audit')).toMatchObject({ result: { device_ids: [door] } });
  });

  test('tells a PIN only sealed, to the key of whoever asks', async () => {
    const hub = await hubWithDoor();
    const id = await desire(1, { code: '493817' });
    const params = { device_id: door, access_code_id: id };
    const revealed = await resultOf('reveal_code', { ...params, reply_key: key.publicKey });
    expect(await pinIn(revealed)).toBe('493817');
    const without = await resultOf('reveal_code', params);
    expect(Object.keys(without.result ?? {})).toEqual(['pin_fingerprint']);
    const generated = await resultOf('generate_code', {
      device_id: door,
      preferred_code_length: 6,
      reply_key: key.publicKey,
    });
    expect(await pinIn(generated)).toMatch(/^\d{6}$/);
    expect(await resultOf('reveal_code', { ...params, reply_key: 'A'.repeat(43) })).toMatchObject({
      error: { code: 'invalid_input', message: expect.stringMatching(/^params\.reply_key/) },
    });
    expect(JSON.stringify([backend.heard, hub.log])).not.toContain('493817');
  });

  test('pulls a backup code once, for whoever asks twice', async () => {
    const hub = await hubWithDoor();
    const window = {
      starts_at: new Date().toISOString(),
      ends_at: new Date(Date.now() + DAY_MS).toISOString(),
    };
    const id = await desire(1, { ...window, use_backup_access_code_pool: true });
    const params = { device_id: door, access_code_id: id, reply_key: key.publicKey };
    expect(await resultOf('pull_backup_access_code', params)).toMatchObject({
      error: { code: 'backup_access_code_not_found' },
    });
    const before = hub.store.lockState(door);
    const [original] = before?.codes ?? [];
    if (before === undefined || original?.pin == null) throw new Error('no code');
    const ready = {
      ...original,
      accessCodeId: randomUUID(),
      isBackup: true,
      slot: 9,
      status: 'set',
      startsAt: null,
      endsAt: null,
    } as const;
    const slot: Slot = {
      ...slotOf(before, 9),
      owner: ready.accessCodeId,
      content: { kind: 'pin', pin: original.pin, enabled: true },
      schedule: { kind: 'known', window: null },
    };
    hub.store.commit(before, { ...before, codes: [original, ready], slots: [slot] }, []);
    const first = await resultOf('pull_backup_access_code', params);
    const second = await resultOf('pull_backup_access_code', params);
    for (const { result } of [first, second]) {
      expect(result?.['backup_access_code_id']).toBe(ready.accessCodeId);
    }
    expect(await pinIn(first)).toBe(ready.pin?.reveal());
    expect(backend.events().filter((event) => event.event_type.endsWith('pulled'))).toHaveLength(1);
  });

  test('sends events again that nobody has acknowledged, marked', async () => {
    const hub = await hubWithDoor();
    await desire(1, {});
    const head = hub.store.outbox.head();
    await until('all events are there', () => backend.events().some(({ seq }) => seq === head));
    const { epoch } = backend.batches()[0] ?? {};
    await backend.send('down/ack', { v: 1, epoch, seq: 1 });
    await until('it is taken', () => hub.store.outbox.acked() === 1);
    const before = backend.batches().length;
    const { result } = await resultOf('resend_events', { after_seq: 0 });
    expect(result).toEqual({ after_seq: 1, through_seq: head, acked_seq: 1 });
    const again = await until('they come again', () => backend.batches()[before]);
    expect([again.may_repeat, again.events[0]?.seq]).toEqual([true, 2]);
  });
});

test('a hub that is killed after it took a command does it when it is back', async () => {
  const store = openHubStore(scene.dir);
  store.commit(undefined, interviewed(door), []);
  const at = Date.now();
  const request = { type: 'audit', deviceId: door } as const;
  const accepted = { outcome: { state: 'accepted' }, receivedAt: at, outcomeAt: at } as const;
  const expiresAt = at + MINUTE_MS;
  store.transaction(() =>
    store.commands.add({ commandId: 'left', type: 'audit', request, expiresAt, ...accepted }),
  );
  store.close();
  const child = spawnHub(scene, broker.url, 'run');
  expect(await settled('left')).toMatchObject({ state: 'succeeded' });
  await ended(child, 'SIGKILL');
  const reopened = openHubStore(scene.dir);
  expect(reopened.lockState(door)?.lock.audit.dueSince).not.toBeNull();
  reopened.close();
});
