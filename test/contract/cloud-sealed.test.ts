import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import mqtt from 'mqtt';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openConnection, type OpenOptions, type OwnedConnection } from '../../src/cloud/connection.ts';
import type { AfterAck } from '../../src/cloud/inbox.ts';
import { SystemClock } from '../../src/clock.ts';
import { DAY_MS } from '../../src/core/time.ts';
import { sealedCode, type HubKey } from '../support/sealer.ts';
import {
  Backend,
  interviewed,
  openHubStore,
  Scene,
  spawnHub,
  startAedes,
  startHub,
  startMosquitto,
  until,
  type Broker,
  type Hub,
} from './cloud-rig.ts';

const CANARY = '73918264';
const OTHER_CANARY = '62807153';
const HUB_ID = 'hub-1';

let scene: Scene;
beforeEach(() => {
  scene = new Scene();
});
afterEach(() => scene.end());

/** What the hub says of itself, read as a program does that knows only the contract's text. */
async function keyOf(backend: Backend): Promise<HubKey> {
  const told = await until('the hub said hello', () =>
    backend.heard.findLast(({ topic }) => topic === 'up/hello'),
  );
  const { sealing_key } = JSON.parse(told.text) as { sealing_key: HubKey & { suite: string } };
  expect(sealing_key.suite).toBe('x25519-hkdf-sha256/hkdf-sha256/aes-256-gcm');
  return sealing_key;
}

/** A document with sealed PINs, by code id. */
function documentOf(key: HubKey, deviceId: string, version: number, pins: Readonly<Record<string, string>>) {
  const place = { hub_id: HUB_ID, device_id: deviceId, generation: 1, version };
  const codes = Object.entries(pins).map(([access_code_id, code]) => ({
    access_code_id,
    sealed_code: sealedCode(key, code, { ...place, access_code_id }),
  }));
  return { v: 1, device_id: deviceId, generation: 1, version, codes, tombstones: [] };
}

function pinsOf(hub: Pick<Hub, 'store'>, deviceId: string): readonly (string | undefined)[] {
  return hub.store.lockState(deviceId)?.codes.map((code) => code.pin?.reveal()) ?? [];
}

function expectNowhere(secret: string): void {
  const names = readdirSync(scene.dir).filter((name) => name.startsWith('hub.db'));
  expect(names).toContain('hub.db');
  for (const name of names) {
    expect(readFileSync(path.join(scene.dir, name)).includes(secret), name).toBe(false);
  }
}

describe.each([
  ['mosquitto', startMosquitto],
  ['aedes', startAedes],
] as const)('sealed PINs through %s', (_name, startBroker) => {
  let broker: Broker;
  let backend: Backend;
  let hub: Hub;
  const deviceId = randomUUID();

  beforeEach(async () => {
    broker = await startBroker(scene);
    backend = await Backend.at(scene, broker, HUB_ID);
    const store = openHubStore(scene.dir);
    store.commit(undefined, interviewed(deviceId), []);
    hub = startHub(scene, { url: broker.url, store });
    await until('the hub is ready', () => backend.reports(deviceId)[0]);
  });

  const send = (document: object) => backend.send(`down/desired/${deviceId}`, document);
  const received = (version: number) =>
    until(`version ${version} is reported`, () =>
      backend.reports(deviceId).find((report) => report.version_received === version),
    );

  test('are stored as they were meant, and a PIN that is sealed anew is no change', async () => {
    const key = await keyOf(backend);
    await send(documentOf(key, deviceId, 1, { a: CANARY, b: '0042' }));
    const first = await received(1);
    expect(pinsOf(hub, deviceId)).toEqual([CANARY, '0042']);
    await send(documentOf(key, deviceId, 2, { a: CANARY, b: '0042' }));
    const second = await received(2);
    expect(second.codes).toEqual(first.codes);
    expect(hub.store.lockState(deviceId)?.codes.map(({ revision }) => revision)).toEqual([1, 1]);
  });

  test('of another version or to another key are told to their sender, and the rest is taken', async () => {
    const key = await keyOf(backend);
    const good = documentOf(key, deviceId, 1, { a: '0042', b: CANARY });
    const late = documentOf(key, deviceId, 2, { b: CANARY });
    await send({ ...good, codes: [good.codes[0], late.codes[0]] });
    const { codes } = await received(1);
    expect(codes.map((code) => code.errors.map(({ error_code }) => error_code))).toEqual([
      [],
      ['invalid_input'],
    ]);
    expect(codes[1]?.errors[0]?.message).toContain(`to key ${key.key_id}`);
    await send(documentOf({ ...key, key_id: 'old' }, deviceId, 3, { a: '0042', b: CANARY }));
    const third = await received(3);
    expect(third.codes[1]?.errors[0]?.message).toContain(`current one, ${key.key_id} (up/hello)`);
    expect(pinsOf(hub, deviceId)).toEqual(['0042', undefined]);
  });

  test('hold no later message up for good and let none pass by', async () => {
    const key = await keyOf(backend);
    const pins = Object.fromEntries(
      Array.from({ length: 200 }, (_, index) => [`code-${index}`, String(100_000 + index)]),
    );
    await send(documentOf(key, deviceId, 1, pins));
    await send({ v: 1, generation: 1, version: 2, codes: [{ access_code_id: 'a', code: '4321' }] });
    await received(2);
    // Had the second one gone ahead, the first would have been refused as older.
    await until('both were taken in order', () => hub.woken.length === 2);
    expect(backend.events().filter((event) => event.event_type === 'hub.message_rejected')).toEqual([]);
  });

  test('are in no file, no log and no message, on either side of the broker', async () => {
    const everything: string[] = [];
    const ear = await mqtt.connectAsync(broker.url);
    scene.atEnd(() => ear.endAsync(true));
    ear.on('message', (_topic, payload) => void everything.push(payload.toString()));
    await ear.subscribeAsync('#', { qos: 1 });
    const key = await keyOf(backend);
    await send(documentOf(key, deviceId, 1, { a: CANARY }));
    await received(1);
    expect(pinsOf(hub, deviceId)).toEqual([CANARY]);
    // One that goes wrong, and one that replaces it.
    await send(documentOf({ ...key, key_id: 'old' }, deviceId, 2, { a: OTHER_CANARY }));
    await received(2);
    await send(documentOf(key, deviceId, 3, { a: OTHER_CANARY }));
    await received(3);
    expect(pinsOf(hub, deviceId)).toEqual([OTHER_CANARY]);
    for (const secret of [CANARY, OTHER_CANARY]) expectNowhere(secret);
    await hub.stop();
    const told = JSON.stringify([everything, hub.log]);
    for (const secret of [CANARY, OTHER_CANARY]) {
      expectNowhere(secret);
      expect(told).not.toContain(secret);
    }
    expect(everything.some((text) => text.includes('sealed_code'))).toBe(true);
  });

  test('open after a restart, and after the hub was killed between the commit and the acknowledgement', async () => {
    const key = await keyOf(backend);
    await hub.stop();
    const dying = spawnHub(scene, broker.url, 'die-after-commit');
    await until('the hub is back', () => backend.hellos().length === 2);
    expect(await keyOf(backend)).toEqual(key);
    const dead = once(dying, 'exit');
    await send(documentOf(key, deviceId, 1, { a: CANARY }));
    await dead;
    expectNowhere(CANARY);
    const again = startHub(scene, { url: broker.url, store: openHubStore(scene.dir) });
    await received(1);
    expect(pinsOf(again, deviceId)).toEqual([CANARY]);
  });
});

test('without plain codes a PIN in clear is refused', async () => {
  const broker = await startMosquitto(scene);
  const backend = await Backend.at(scene, broker, HUB_ID);
  const deviceId = randomUUID();
  const store = openHubStore(scene.dir);
  store.commit(undefined, interviewed(deviceId), []);
  const hub = startHub(scene, { url: broker.url, plainCodes: false, store });
  const key = await keyOf(backend);
  const sealed = documentOf(key, deviceId, 1, { b: CANARY });
  await backend.send(`down/desired/${deviceId}`, {
    ...sealed,
    codes: [{ access_code_id: 'a', code: '4321' }, ...sealed.codes],
  });
  const report = await until('it is reported', () =>
    backend.reports(deviceId).find(({ version_received }) => version_received === 1),
  );
  expect(report.codes.map((code) => code.errors.map(({ error_code }) => error_code))).toEqual([
    ['invalid_input'],
    [],
  ]);
  expect(report.codes[0]?.errors[0]?.message).toContain('Send sealed_code');
  expect(pinsOf(hub, deviceId)).toEqual([undefined, CANARY]);
});

/** Messages of which each waits for its answer. */
function slowReceiver() {
  const waiting: { readonly text: string; readonly answer: (after: AfterAck) => void }[] = [];
  const receive: OpenOptions['receive'] = ({ payload }) =>
    new Promise((answer) => void waiting.push({ text: Buffer.from(payload).toString(), answer }));
  return { waiting, receive };
}

test('after 90 days there is another key, and what was sealed to the one before still opens', async () => {
  const broker = await startAedes(scene);
  const backend = await Backend.at(scene, broker, HUB_ID);
  const deviceId = randomUUID();
  const clock = new SystemClock();
  let passedMs = 0;
  const now = () => ({ earliest: Date.now() + passedMs, latest: Date.now() + passedMs });
  const store = openHubStore(scene.dir);
  store.commit(undefined, interviewed(deviceId), []);
  const hub = startHub(scene, { url: broker.url, store, clock: Object.assign(clock, { now }) });
  const old = await keyOf(backend);
  passedMs = 91 * DAY_MS;
  hub.cloud.rotateKeys();
  await backend.send(`down/desired/${deviceId}`, documentOf(old, deviceId, 1, { a: CANARY }));
  await until('it is taken', () => pinsOf(hub, deviceId)[0] === CANARY);
  await hub.stop();
  const again = startHub(scene, { url: broker.url, store: openHubStore(scene.dir) });
  await until('the hub is back', () => backend.hellos().length === 2);
  const key = await keyOf(backend);
  expect(key.key_id).not.toBe(old.key_id);
  expect(key.public_key).not.toBe(old.public_key);
  await backend.send(`down/desired/${deviceId}`, documentOf(key, deviceId, 2, { a: OTHER_CANARY }));
  await until('it is taken', () => pinsOf(again, deviceId)[0] === OTHER_CANARY);
});

describe('a message that takes time', () => {
  const ROOT = 'lockhub/v1/hub-1/down';

  async function open(url: string, seq: number, receive: OpenOptions['receive']): Promise<OwnedConnection> {
    const opened = await openConnection({
      url,
      login: {},
      clientId: 'lockhub-hub-1',
      protocolVersion: 5,
      keepaliveSeconds: 60,
      will: { topic: 'of/no/interest', payload: 'gone' },
      filters: [`${ROOT}/#`],
      keepsSession: true,
      seq,
      pubackTimeoutMs: 5000,
      receive,
      giveUp: new AbortController().signal,
    });
    if (!opened.ok) throw new Error(opened.failure.reason);
    scene.atEnd(() => opened.connection.drop('the test is over'));
    return opened.connection;
  }

  test('holds the next ones back, and keeps their order', async () => {
    const broker = await startMosquitto(scene);
    const { waiting, receive } = slowReceiver();
    await open(broker.url, 1, receive);
    const backend = await Backend.at(scene, broker, HUB_ID);
    for (const number of [1, 2, 3]) await backend.send('down/sync', number);
    const answered: string[] = [];
    for (const expected of ['1', '2', '3']) {
      const [next] = await until('it has come', () => (waiting.length > 0 ? waiting : undefined));
      expect(waiting.map(({ text }) => text)).toEqual([expected]);
      waiting.shift();
      next?.answer(() => answered.push(expected));
      await until('it was acknowledged', () => answered.includes(expected));
    }
  });

  test('is not acknowledged when its connection ended meanwhile, but what follows from it happens', async () => {
    const broker = await startMosquitto(scene);
    const { waiting, receive } = slowReceiver();
    const first = await open(broker.url, 1, receive);
    const backend = await Backend.at(scene, broker, HUB_ID);
    await backend.send('down/sync', 'once');
    const late = await until('it has come', () => waiting.shift());
    first.drop('cut');
    const second = slowReceiver();
    const reopened = open(broker.url, 2, second.receive);
    let woken = 0;
    late.answer(() => (woken += 1));
    await until('what follows from it happened', () => woken);
    const again = await until('it comes again', () => second.waiting.shift());
    expect(again.text).toBe('"once"');
    again.answer(() => (woken += 1));
    await until('it was acknowledged', () => woken === 2);
    await reopened;
  });

  test('breaks the connection when it fails', async () => {
    const broker = await startMosquitto(scene);
    const first = await open(broker.url, 1, () => Promise.reject(new Error('disk full')));
    const backend = await Backend.at(scene, broker, HUB_ID);
    await backend.send('down/sync', 'once');
    await until('it is over', () => first.signal.aborted);
    expect(first.failure().reason).toBe('a message could not be stored: disk full');
    const second = slowReceiver();
    const reopened = open(broker.url, 2, second.receive);
    const again = await until('it comes again', () => second.waiting[0]);
    again.answer(() => undefined);
    await reopened;
  });
});
