import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { LockState } from '../../src/core/lock.ts';
import {
  Backend,
  entry,
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
import { startNats } from './nats.ts';

const PIN = '493817';

let scene: Scene;
beforeEach(() => {
  scene = new Scene();
});
afterEach(() => scene.end());

function lockOf(hub: Hub, deviceId: string): LockState {
  const state = hub.store.lockState(deviceId);
  if (state === undefined) throw new Error('no such lock');
  return state;
}

function eventTypes(hub: Hub): unknown[] {
  return hub.store.outbox.after(0, 1000).map((row) => row.event['event_type']);
}

describe.each([
  ['mosquitto', startMosquitto],
  ['aedes', startAedes],
  ['nats', startNats],
] as const)('documents through %s', (_name, startBroker) => {
  let broker: Broker;
  let backend: Backend;
  let hub: Hub;
  const deviceId = randomUUID();

  beforeEach(async () => {
    broker = await startBroker(scene);
    backend = await Backend.at(scene, broker, 'hub-1');
    const store = openHubStore(scene.dir);
    store.commit(undefined, interviewed(deviceId), []);
    hub = startHub(scene, { url: broker.url, store });
    await until('the hub is ready', () => backend.reports(deviceId)[0]);
  });

  const send = (document: object) => backend.send(`down/desired/${deviceId}`, document);
  const reports = () => backend.reports(deviceId);

  test('are stored, wake the loop, and are told upward without the PIN', async () => {
    const code = entry();
    await send({
      v: 1,
      device_id: deviceId,
      generation: 1,
      version: 1,
      codes: [code],
      tombstones: [],
      other: 1,
    });
    const report = await until('it is reported', () => reports().find((one) => one.version_received === 1));
    expect(report.codes).toMatchObject([
      {
        access_code_id: code['access_code_id'],
        origin: 'cloud',
        name: 'Guest',
        type: 'ongoing',
        on_lock: 'none',
      },
    ]);
    expect(lockOf(hub, deviceId).codes[0]?.pin?.reveal()).toBe(PIN);
    expect(hub.woken).toEqual([deviceId]);
    const created = await until('the event is told', () => backend.events()[0]);
    const { access_code_id } = code;
    expect(created).toMatchObject({ event_type: 'access_code.created', device_id: deviceId, access_code_id });
    expect(backend.heard.map((message) => message.text).join()).not.toContain(PIN);
    expect(JSON.stringify(hub.log)).not.toContain(PIN);
  });

  test('count once: the same version changes nothing and is reported again, an older one is dropped', async () => {
    await send({ v: 1, generation: 2, version: 7, codes: [entry()] });
    await until('it is reported', () => reports().some((report) => report.version_received === 7));
    const before = lockOf(hub, deviceId);
    const reported = reports().length;

    await send({ v: 1, generation: 2, version: 7, codes: [] });
    await until('it is reported again', () => reports().length > reported);
    await send({ v: 1, generation: 2, version: 6, codes: [] });
    await send({ v: 1, generation: 1, version: 99, codes: [] });
    await until('the older ones are counted', () => eventTypes(hub).includes('hub.message_rejected'));

    expect(lockOf(hub, deviceId)).toEqual(before);
    await send({ v: 1, generation: 3, version: 1, codes: [] });
    await until('a newer generation is taken', () => lockOf(hub, deviceId).lock.generation === 3);
  });

  test('take what is right in them when one code is wrong', async () => {
    const right = entry({ code: '0042' });
    const wrong = entry({ code: 493817 });
    const codes = [wrong, { code: '7777' }, right, { ...right, code: '8888' }];
    await send({ v: 1, generation: 1, version: 1, codes });
    const report = await until('it is reported', () => reports().find((one) => one.version_received === 1));
    const told = new Map(report.codes.map((code) => [code.access_code_id, code]));
    expect(told.get(String(right['access_code_id']))?.errors).toEqual([]);
    expect(told.get(String(wrong['access_code_id']))?.errors).toMatchObject([
      { error_code: 'invalid_input', message: expect.stringContaining('leading zeros') },
    ]);
    const stored = lockOf(hub, deviceId).codes.find((code) => code.accessCodeId === right['access_code_id']);
    expect(stored?.pin?.reveal()).toBe('0042');
    const rejected = hub.store.outbox
      .after(0, 100)
      .filter((row) => row.event['event_type'] === 'hub.message_rejected');
    expect(rejected.map((row) => row.event['reason'])).toEqual(['entry_without_id', 'duplicate_entry']);
  });

  test('that nobody can read are survived in any number', { timeout: 60_000 }, async () => {
    const junk = [
      ['down/desired/not-a-uuid', { v: 1 }],
      [`down/desired/${deviceId}`, new Uint8Array([0x7b, 0xff, 0xfe])],
      [`down/desired/${deviceId}`, new TextEncoder().encode('{"v":1,"codes":[')],
      [`down/desired/${deviceId}`, { v: 2, generation: 1, version: 1, codes: [] }],
      [`down/desired/${deviceId}`, { v: 1, generation: '1', version: 1, codes: { code: PIN } }],
      [`down/desired/${deviceId}`, { v: 1, generation: 1, version: 2 ** 53, codes: [] }],
      ['down/dance', { v: 1, command_id: 'x' }],
      ['down/ack', { v: 1, epoch: randomUUID(), seq: 1 }],
    ] as const;
    const rounds = 2500;
    for (let round = 0; round < rounds; round += 1) {
      await Promise.all(junk.map(([topic, payload]) => backend.send(topic, payload)));
    }
    await send({ v: 1, generation: 1, version: 1, codes: [entry()] });
    await until('a valid one still works', () => reports().some((report) => report.version_received === 1));

    expect(hub.cloud.state()).toMatchObject({ status: 'online', connectionSeq: 1 });
    // Seven reasons, once each and perhaps once more when the minute turned: not one event a message.
    const told = eventTypes(hub).filter((type) => type === 'hub.message_rejected');
    expect(told.length).toBeGreaterThanOrEqual(7);
    expect(told.length).toBeLessThanOrEqual(2 * 7);
    expect(JSON.stringify(hub.log)).not.toContain(PIN);
  });

  test('are taken when retained, and answers of another connection are not', async () => {
    await backend.send(`down/desired/${deviceId}`, { v: 1, generation: 1, version: 1, codes: [] }, true);
    await backend.send('down/ack', { v: 1, epoch: hub.store.outbox.epoch, seq: 1 }, true);
    await until('the document is taken', () => lockOf(hub, deviceId).lock.versionReceived === 1);
    backend.expectsTwoHubs();
    const elsewhere = new Scene();
    scene.atEnd(() => elsewhere.end());
    const late = startHub(elsewhere, { url: broker.url });
    await until('a hub that comes later gets it', () => late.store.lockState(deviceId)?.lock.versionReceived);
    await until('the answer is refused', () =>
      late.store.outbox.after(0, 10).some((row) => row.event['reason'] === 'retained'),
    );
  });
});

test('a hub that dies between commit and acknowledgement gets the document again, and it counts once', async () => {
  const broker = await startMosquitto(scene);
  const backend = await Backend.at(scene, broker, 'hub-1');
  const deviceId = randomUUID();
  const child = spawnHub(scene, broker.url, 'die-after-commit');
  await until('it is online', () => backend.hellos()[0]);
  await backend.send(`down/desired/${deviceId}`, { v: 1, generation: 1, version: 1, codes: [entry()] });
  await until('it is dead', () => child.signalCode);

  const store = openHubStore(scene.dir);
  const head = store.outbox.head();
  expect(head).toBeGreaterThan(0);
  expect(store.lockState(deviceId)?.lock.versionReceived).toBe(1);
  const hub = startHub(scene, { url: broker.url, store });
  await until('it comes again', () => hub.log.some((line) => line['verdict'] === 'duplicate'));
  expect(store.outbox.head()).toBe(head);
  expect(hub.woken).toEqual([]);
});

test('a document that cannot be stored is tried again and then given up, and the next one is taken', async () => {
  const broker = await startMosquitto(scene);
  const backend = await Backend.at(scene, broker, 'hub-1');
  const store = openHubStore(scene.dir, { fileBytesMax: 500_000 });
  const deviceId = randomUUID();
  const hub = startHub(scene, { url: broker.url, store });
  await until('it is online', () => backend.hellos()[0]);
  const codes = Array.from({ length: 700 }, (_, index) =>
    entry({ code: String(100_000 + index), name: null }),
  );
  await backend.send(`down/desired/${deviceId}`, { v: 1, generation: 1, version: 1, codes });
  await backend.send(`down/desired/${deviceId}`, {
    v: 1,
    generation: 1,
    version: 2,
    codes: codes.slice(0, 3),
  });

  await until('the next one is taken', () => store.lockState(deviceId)?.lock.versionReceived === 2);
  expect(hub.cloud.state().lastFailure).toContain('a message could not be stored');
  expect(hub.cloud.state().connectionSeq).toBe(5);
  const told = store.outbox.after(0, 100).map((row) => row.event['reason']);
  expect(told).toContain('hub_fault');
});
