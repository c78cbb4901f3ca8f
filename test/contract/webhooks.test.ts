import { afterEach, beforeEach, expect, test } from 'vitest';
import { SystemClock } from '../../src/clock.ts';
import type { Store } from '../../src/store/store.ts';
import { openHubStore, Scene, until } from './cloud-rig.ts';
import { addWebhook, Receiver, SECRET, service, status, tell, TIMEOUT_MS } from './webhook-rig.ts';

let scene: Scene;
let store: Store;
let receiver: Receiver;

beforeEach(async () => {
  scene = new Scene();
  store = openHubStore(scene.dir);
  scene.atEnd(() => store.close());
  receiver = await new Receiver().open(scene);
});
afterEach(() => scene.end());

const done = (webhookId: string, seq: number) =>
  until(`${webhookId} has come to ${seq}`, () => store.webhooks.get(webhookId)?.throughSeq === seq);

test('events come once, in order, and pass the verifier of existing clients', async () => {
  service(scene, store);
  addWebhook(store, 'all', receiver.url);
  tell(store, [1, 2, 3]);
  store.append([{ event_type: 'hub.started', occurredAt: Date.now(), details: { count: 4 } }]);
  await done('all', 4);
  expect(receiver.counts).toEqual([1, 2, 3, 4]);
  expect(receiver.forged).toBe(0);
  const [first] = store.events.list({}, null, 1);
  const id = String(first?.event['event_id']);
  expect(receiver.arrivals[0]?.id).toBe(id);
  expect(JSON.parse(receiver.arrivals[0]?.body ?? '')).toMatchObject({
    event_id: id,
    event_type: 'lock.locked',
    created_at: first?.event['occurred_at'],
    occurred_at: first?.event['occurred_at'],
    device_id: 'a',
    workspace_id: expect.stringMatching(/^[\da-f-]{36}$/),
    connected_account_id: expect.stringMatching(/^[\da-f-]{36}$/),
    seq: 1,
    count: 1,
  });
  expect(JSON.parse(receiver.arrivals[3]?.body ?? '')).not.toHaveProperty('connected_account_id');
});

test('a receiver with another secret does not believe them', async () => {
  service(scene, store);
  const other = await new Receiver(SECRET.replace('M', 'N')).open(scene);
  addWebhook(store, 'all', other.url);
  tell(store, [1]);
  await until('it was refused twice', () => other.forged >= 2);
  expect(other.arrivals).toEqual([]);
  expect(store.webhooks.get('all')).toMatchObject({ throughSeq: 0, retry: { seq: 1 } });
});

test('only the types that were asked for come, and those of a change from then on', async () => {
  service(scene, store);
  addWebhook(store, 'some', receiver.url, { eventTypes: ['lock.unlocked'] });
  tell(store, [1, 2]);
  tell(store, [3], 'lock.unlocked');
  await done('some', 3);
  tell(store, [4], 'lock.jammed');
  store.transaction(() => store.webhooks.change('some', { eventTypes: ['lock.jammed'] }));
  tell(store, [5, 6], 'lock.jammed');
  await done('some', 6);
  expect(receiver.counts).toEqual([3, 5, 6]);
});

test('events that nobody asked for are passed over, and not looked through for ever', async () => {
  service(scene, store);
  addWebhook(store, 'some', receiver.url, { eventTypes: ['lock.unlocked'] });
  const many = Array.from({ length: 1001 }, (_, index) => index);
  tell(store, many.slice(1));
  expect(store.webhooks.get('some')?.throughSeq).toBe(0);
  tell(store, [1001]);
  await done('some', 1001);
  tell(store, [1002], 'lock.unlocked');
  await done('some', 1002);
  expect(receiver.counts).toEqual([1002]);
});

test('an event that is not taken comes again, with the same id and text, before those behind it', async () => {
  let failures = 3;
  receiver.answer = (response, arrival, request) =>
    status(arrival.count === 2 && failures-- > 0 ? 503 : 200)(response, arrival, request);
  service(scene, store);
  addWebhook(store, 'all', receiver.url);
  tell(store, [1, 2, 3]);
  await done('all', 3);
  expect(receiver.counts).toEqual([1, 2, 2, 2, 2, 3]);
  const again = receiver.arrivals.slice(1, 5);
  expect(new Set(again.map(({ id, body }) => `${id} ${body}`)).size).toBe(1);
});

test('a receiver that is dead gets all in order once it is back', async () => {
  service(scene, store);
  addWebhook(store, 'all', receiver.url);
  tell(store, [1]);
  await done('all', 1);
  await receiver.close();
  tell(store, [2, 3, 4]);
  await until('it was tried thrice', () => (store.webhooks.get('all')?.retry?.attempts ?? 0) >= 3);
  await receiver.open(scene);
  await done('all', 4);
  expect(receiver.counts).toEqual([1, 2, 3, 4]);
});

test('one that hangs or answers without end delays no other, and is left in time', async () => {
  const hanging = await new Receiver().open(scene);
  const endless = await new Receiver().open(scene);
  hanging.answer = () => undefined;
  let endlessEnds = 0;
  let poured = 0;
  endless.answer = (response) => {
    response.on('close', () => (endlessEnds += 1));
    response.writeHead(200);
    const pour = (): void => {
      do poured += 16_384;
      while (!response.destroyed && response.write(Buffer.alloc(16_384)));
      if (!response.destroyed) response.once('drain', pour);
    };
    pour();
  };
  service(scene, store);
  addWebhook(store, 'hanging', hanging.url);
  addWebhook(store, 'endless', endless.url);
  addWebhook(store, 'all', receiver.url);
  const counts = Array.from({ length: 20 }, (_, index) => index + 1);
  const began = performance.now();
  tell(store, counts);
  await done('all', 20);
  expect(performance.now() - began).toBeLessThan(TIMEOUT_MS * counts.length);
  expect(receiver.counts).toEqual(counts);
  await done('endless', 20);
  expect(endless.counts).toEqual(counts);
  await until('nothing is poured any more', () => endlessEnds === 20);
  // What is in the buffers of both sides is poured too.
  expect(poured / 20).toBeLessThan(16 * 1024 * 1024);
  await until('the hanging one is asked again', () => hanging.counts.length >= 2);
  expect(new Set(hanging.counts)).toEqual(new Set([1]));
  hanging.answer = status(204);
  await done('hanging', 20);
});

test('a redirect is not followed', async () => {
  const target = await new Receiver().open(scene);
  receiver.answer = status(307, { location: target.url });
  service(scene, store);
  addWebhook(store, 'all', receiver.url);
  tell(store, [1]);
  await until('it was tried twice', () => receiver.arrivals.length >= 2);
  expect(target.arrivals).toEqual([]);
});

test('another receiver gets what the former did not take, at once; one that is deleted gets nothing more', async () => {
  await receiver.close();
  service(scene, store, new SystemClock());
  addWebhook(store, 'all', receiver.url);
  tell(store, [1, 2]);
  await until('it waits', () => store.webhooks.get('all')?.retry?.attempts === 2);
  const other = await new Receiver().open(scene);
  store.transaction(() => store.webhooks.change('all', { url: other.url }));
  await done('all', 2);
  expect(other.counts).toEqual([1, 2]);
  store.transaction(() => store.webhooks.delete('all'));
  addWebhook(store, 'next', other.url);
  tell(store, [3]);
  await done('next', 3);
  expect(other.counts).toEqual([1, 2, 3]);
});

test('the end of the hub waits for no receiver', async () => {
  receiver.answer = () => undefined;
  const webhooks = service(scene, store);
  addWebhook(store, 'all', receiver.url);
  tell(store, [1]);
  await until('it is under way', () => receiver.arrivals.length === 1);
  const began = performance.now();
  await webhooks.stop();
  expect(performance.now() - began).toBeLessThan(TIMEOUT_MS);
  expect(store.webhooks.get('all')).toMatchObject({ throughSeq: 0, retry: null });
  tell(store, [2]);
  receiver.answer = status(200);
  service(scene, store);
  await done('all', 2);
  expect(receiver.counts).toEqual([1, 1, 2]);
});
