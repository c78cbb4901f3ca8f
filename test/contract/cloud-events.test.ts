import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  Backend,
  ECHO,
  Internet,
  openHubStore,
  Scene,
  startAedes,
  startHub,
  startMosquitto,
  unlocked,
  until,
} from './cloud-rig.ts';
import { startNats } from './nats.ts';

let scene: Scene;
beforeEach(() => {
  scene = new Scene();
});
afterEach(() => scene.end());

function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index + 1);
}

describe.each([
  ['mosquitto', startMosquitto],
  ['aedes', startAedes],
  ['nats', startNats],
] as const)('events through %s', (_name, startBroker) => {
  test('arrive once and in order, what happened before and after the connection alike', async () => {
    const broker = await startBroker(scene);
    const backend = await Backend.at(scene, broker, 'hub-1');
    const store = openHubStore(scene.dir);
    for (const slot of upTo(1000)) store.append([unlocked(slot)]);
    startHub(scene, { url: broker.url, store });
    await until('the old ones arrive', () => backend.events().length >= 1000);
    for (const slot of upTo(50)) {
      store.append([unlocked(1000 + slot)]);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await until('the new ones arrive', () => backend.events().length >= 1050);
    expect(backend.events().map((one) => one.seq)).toEqual(upTo(1050));
    expect(backend.events().map((one) => one['slot'])).toEqual(upTo(1050));
    const batches = backend.batches();
    expect(batches.every((batch) => batch.epoch === store.outbox.epoch)).toBe(true);
    await until('all are known to be published', () => store.outbox.published() === 1050);
    // Nobody acknowledged, so nothing may be forgotten.
    expect(store.outbox.depth()).toBe(1050);
  });

  test('survive an internet that comes and goes: none is lost, and what may come twice says so', async () => {
    const broker = await startBroker(scene);
    const backend = await Backend.at(scene, broker, 'hub-1');
    const internet = await Internet.to(scene, broker);
    const store = openHubStore(scene.dir);
    const hub = startHub(scene, { url: internet.url, store });
    for (const round of upTo(8)) {
      internet.mend();
      await until('it is online', () => hub.cloud.state().status === 'online');
      for (const slot of upTo(150)) store.append([unlocked(slot)]);
      await until('some arrive', () => backend.events().some((one) => one.seq > (round - 1) * 300));
      internet.cut();
      for (const slot of upTo(150)) store.append([unlocked(slot)]);
      await until('it is noticed', () => hub.cloud.state().status !== 'online');
    }
    internet.mend();
    await until('the last one arrives', () => backend.events().some((one) => one.seq === 2400));
    await until('all are known to be published', () => store.outbox.published() === 2400);

    const seen = new Set<number>();
    for (const batch of backend.batches()) {
      for (const { seq } of batch.events) {
        if (seen.has(seq)) expect(batch.may_repeat).toBe(true);
        else expect(seq).toBe(seen.size + 1);
        seen.add(seq);
      }
    }
    expect(seen.size).toBe(2400);
  });

  test('are kept until the cloud acknowledges them, whatever else it acknowledges', async () => {
    const broker = await startBroker(scene);
    const backend = await Backend.at(scene, broker, 'hub-1');
    const store = openHubStore(scene.dir);
    startHub(scene, { url: broker.url, store });
    for (const slot of upTo(10)) store.append([unlocked(slot)]);
    await until('they arrive', () => backend.events().length === 10);

    await backend.send('down/ack', { v: 1, epoch: '00000000-0000-0000-0000-000000000000', seq: 10 });
    await backend.send('down/ack', { v: 1, epoch: store.outbox.epoch, seq: 6 });
    await until('it is heard', () => store.outbox.acked() === 6);
    // The wrong epoch became an event of its own.
    expect(store.outbox.after(0, 100).map((row) => row.seq)).toEqual([7, 8, 9, 10, 11]);

    await backend.send('down/ack', { v: 1, epoch: store.outbox.epoch, seq: 3 });
    await backend.send('down/ack', { v: 1, epoch: store.outbox.epoch, seq: 2 ** 50 });
    await until('all is acknowledged', () => store.outbox.depth() === 0);
    expect(store.outbox.acked()).toBe(11);
  });
});

test('never more than 16 messages wait for the broker', async () => {
  const broker = await startMosquitto(scene);
  const backend = await Backend.at(scene, broker, 'hub-1');
  const internet = await Internet.to(scene, broker);
  const store = openHubStore(scene.dir);
  startHub(scene, { url: internet.url, store });
  store.append([unlocked(0)]);
  await until('all is quiet', () => store.outbox.published() === 1);

  internet.holdAnswers();
  store.transaction(() => store.append(upTo(5000).map(unlocked)));
  await until('the window is full', () => backend.events().length >= 1 + 16 * 100);
  // What the hub had sent by now is through the broker before an echo that was asked for three times.
  for (const round of upTo(3)) {
    await backend.send(ECHO, { round });
    await until('the echo comes', () => backend.heard.filter((one) => one.topic === ECHO).length === round);
  }
  expect(backend.batches().length).toBe(1 + 16);
  expect(store.outbox.published()).toBe(1);

  internet.letAnswers();
  await until('the rest follows', () => backend.events().length === 5001);
  expect(backend.events().map((one) => one.seq)).toEqual(upTo(5001));
});
