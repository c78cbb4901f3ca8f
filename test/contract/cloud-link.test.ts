import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  Backend,
  ended,
  Internet,
  interviewed,
  openHubStore,
  Scene,
  spawnHub,
  startAedes,
  startHub,
  startMosquitto,
  until,
} from './cloud-rig.ts';
import { startNats } from './nats.ts';

/** What a signal leaves the link, of the 5 s in which the hub ends. */
const STOP_WITHIN_MS = 3000;

let scene: Scene;
beforeEach(() => {
  scene = new Scene();
});
afterEach(() => scene.end());

describe.each([
  ['mosquitto', startMosquitto, 5],
  ['aedes', startAedes, 4],
  ['nats', startNats, 4],
] as const)('a hub at %s', (_name, startBroker, protocolVersion) => {
  test('says who it is and what is true of each lock, before any document', async () => {
    const broker = await startBroker(scene);
    const backend = await Backend.at(scene, broker, 'hub-1');
    const store = openHubStore(scene.dir);
    const deviceId = randomUUID();
    store.commit(undefined, interviewed(deviceId), []);
    const hub = startHub(scene, { url: broker.url, store, bootId: 'boot-1' });

    await until('the lock is reported', () => backend.reports(deviceId)[0]);
    expect(hub.cloud.state()).toMatchObject({ status: 'online', protocolVersion, connectionSeq: 1 });
    const [status] = backend.statuses();
    expect(status).toMatchObject({ state: 'online', boot_id: 'boot-1', connection_seq: 1 });
    const [report] = backend.reports(deviceId);
    expect(report?.device).toMatchObject({ radio: 'zwave', address: 5, model: 'test', online: true });
    const [hello] = backend.hellos();
    expect(hello?.outbox.epoch).toBe(store.outbox.epoch);
    expect(hello?.devices).toMatchObject([{ device_id: deviceId, digest: report?.digest }]);
    await until('its health is told', () => backend.healths()[0]);
    expect(backend.heard.map((message) => message.topic)).toEqual([
      'up/status',
      'up/hello',
      `up/reported/${deviceId}`,
      'up/health',
    ]);

    const late = await Backend.at(scene, broker, 'hub-1');
    await until('somebody who comes later finds the status', () => late.heard[0]);
    expect(late.heard).toMatchObject([{ topic: 'up/status', retain: true }]);
  });

  test('goes offline with a goodbye', async () => {
    const broker = await startBroker(scene);
    const backend = await Backend.at(scene, broker, 'hub-1');
    const hub = startHub(scene, { url: broker.url });
    await until('it is online', () => backend.statuses()[0]);
    await hub.stop();
    await until('it is offline', () => backend.statuses()[1]);
    expect(backend.statuses()).toMatchObject([{ state: 'online' }, { state: 'offline', connection_seq: 1 }]);
    expect(hub.cloud.state().status).toBe('stopped');
  });

  test('leaves a will for the case that it is killed', async () => {
    const broker = await startBroker(scene);
    const backend = await Backend.at(scene, broker, 'hub-1');
    const child = spawnHub(scene, broker.url, 'run');
    const online = await until('it is online', () => backend.statuses()[0]);
    await ended(child, 'SIGKILL');
    const offline = await until('the broker tells its will', () => backend.statuses()[1]);
    expect(offline).toMatchObject({
      state: 'offline',
      boot_id: online.boot_id,
      connection_seq: online.connection_seq,
    });
  });

  test('comes back by itself', async () => {
    const broker = await startBroker(scene);
    const backend = await Backend.at(scene, broker, 'hub-1');
    const hub = startHub(scene, { url: broker.url });
    await until('it is online', () => backend.hellos()[0]);
    // A second client with the same id: the broker throws the first one out.
    backend.expectsTwoHubs();
    const elsewhere = new Scene();
    scene.atEnd(() => elsewhere.end());
    const rival = startHub(elsewhere, { url: broker.url });
    await until('the hub is back', () => backend.hellos().length >= 3);
    // Both come back for as long as both are there, so a person is asked about it.
    const asked = () => hub.cloud.state().lastFailure?.includes('is there a second hub with this hub_id');
    await until('the hub suspects a rival', asked);
    await rival.stop();
  });
});

test('a broker that falls silent without hanging up is left, and what it did not acknowledge comes again', async () => {
  const broker = await startMosquitto(scene);
  const backend = await Backend.at(scene, broker, 'hub-1');
  const internet = await Internet.to(scene, broker);
  const store = openHubStore(scene.dir);
  const hub = startHub(scene, { url: internet.url, store, pubackTimeoutMs: 500 });
  await until('it is online', () => backend.hellos()[0]);
  internet.holdAnswers();
  store.append([{ event_type: 'hub.started', occurredAt: 0, details: { boot_id: 'b', version: '1' } }]);
  await until('it connects anew', () => hub.cloud.state().connectionSeq === 2 && backend.hellos()[1]);
  expect(hub.cloud.state().lastFailure).toBe('the broker does not acknowledge');
  const again = await until('the event comes again', () =>
    backend.batches().find((batch) => batch.may_repeat),
  );
  expect(again.events.map((event) => event.seq)).toEqual([1]);
  await until('it is known to be published', () => store.outbox.published() === 1);
});

test('a hub that knows several nodes goes on at another one, and comes back when that one ends', async () => {
  const first = await startMosquitto(scene);
  const second = await startMosquitto(scene);
  const heard = await Backend.at(scene, second, 'hub-1');
  const [near, far] = [await Internet.to(scene, first), await Internet.to(scene, second)];
  const hub = startHub(scene, { url: [near.url, far.url] });
  await until('it is at the first node', () => hub.cloud.state().status === 'online');
  expect(heard.hellos()).toEqual([]);

  near.cut();
  await until('it is at the second node', () => heard.hellos()[0]);

  near.mend();
  far.cut();
  await until('it is at the first node again', () => {
    const { status, connectionSeq } = hub.cloud.state();
    return status === 'online' && connectionSeq > (heard.hellos()[0]?.connection_seq ?? 0);
  });
});

/** Where a broker seems to be: behind it is this one or that one, or nobody who hangs up once he has read the CONNECT. */
async function startDoor(
  behind: () => number | 'nobody',
): Promise<{ port: number; versionsAsked: number[] }> {
  const versionsAsked: number[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const target = behind();
    sockets.add(near.on('error', () => undefined));
    if (target === 'nobody') {
      near.once('data', (packet) => {
        versionsAsked.push(packet[packet.indexOf('MQTT') + 'MQTT'.length] ?? 0);
        near.end();
      });
      return;
    }
    const far = connect(target, '127.0.0.1').on('error', () => near.destroy());
    near.pipe(far).pipe(near);
    near.on('close', () => far.destroy());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  scene.atEnd(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return { port: (server.address() as AddressInfo).port, versionsAsked };
}

test('a version of MQTT that worked is not doubted before the third time that a broker hangs up without a word', async () => {
  const [speaks5, speaks3] = [await startMosquitto(scene), await startAedes(scene)];
  let behind: number | 'nobody' = speaks5.port;
  const door = await startDoor(() => behind);
  // Little patience between the attempts.
  const hub = startHub(scene, { url: `mqtt://127.0.0.1:${door.port}`, random: () => 0.01 });
  const online = (version: number): boolean => {
    const { status, protocolVersion } = hub.cloud.state();
    return status === 'online' && protocolVersion === version;
  };
  await until('it is online', () => online(5));
  behind = 'nobody';
  await speaks5.stop();
  await until('it has tried in vain', () => door.versionsAsked.length >= 6);
  expect(door.versionsAsked.slice(0, 6)).toEqual([5, 5, 5, 4, 5, 4]);
  behind = speaks3.port;
  await until('it speaks what the new broker speaks', () => online(4));
});

test('a broker that falls silent does not keep the hub from stopping', async () => {
  const broker = await startMosquitto(scene);
  const internet = await Internet.to(scene, broker);
  const store = openHubStore(scene.dir);
  const hub = startHub(scene, { url: internet.url, store });
  await until('all is quiet', () => hub.cloud.state().status === 'online');
  internet.holdAnswers();
  store.append([{ event_type: 'hub.started', occurredAt: 0 }]);
  const startedMs = performance.now();
  await hub.stop();
  expect(performance.now() - startedMs).toBeLessThan(STOP_WITHIN_MS);
}, 10_000);

test('a connection that breaks during the goodbye does not keep the hub from stopping', async () => {
  const broker = await startMosquitto(scene);
  const internet = await Internet.to(scene, broker);
  const store = openHubStore(scene.dir);
  const hub = startHub(scene, { url: internet.url, store });
  await until('all is quiet', () => hub.cloud.state().status === 'online');
  internet.holdAnswers();
  store.append([{ event_type: 'hub.started', occurredAt: 0 }]);
  const startedMs = performance.now();
  const stopped = hub.stop();
  setTimeout(() => internet.cut(), 200);
  await stopped;
  expect(performance.now() - startedMs).toBeLessThan(STOP_WITHIN_MS);
}, 10_000);

test('a hub that is told to stop while it begins to connect stops', async () => {
  const broker = await startMosquitto(scene);
  const startedMs = performance.now();
  await startHub(scene, { url: broker.url }).stop();
  expect(performance.now() - startedMs).toBeLessThan(STOP_WITHIN_MS);
}, 10_000);
