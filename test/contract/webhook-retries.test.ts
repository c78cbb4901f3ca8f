import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../src/core/time.ts';
import { openHubStore, Scene, until } from './cloud-rig.ts';
import { addWebhook, DreamingClock, Receiver, service, status, tell } from './webhook-rig.ts';

/** Of the page of facts on webhooks, but for the first, which is no wait. */
const WAITS_MS = [
  5 * SECOND_MS,
  5 * MINUTE_MS,
  30 * MINUTE_MS,
  2 * HOUR_MS,
  5 * HOUR_MS,
  10 * HOUR_MS,
  10 * HOUR_MS,
];
const YEAR_MS = 365 * 24 * HOUR_MS;

let scene: Scene;
let receiver: Receiver;

beforeEach(async () => {
  scene = new Scene();
  receiver = await new Receiver(null).open(scene);
});
afterEach(() => scene.end());

function openStore(bounds: Parameters<typeof openHubStore>[1] = {}) {
  const store = openHubStore(scene.dir, bounds);
  scene.atEnd(() => store.close());
  return store;
}

test('an event is tried nine times by the table and given up, which is told once until one is taken again', async () => {
  const store = openStore();
  const clock = new DreamingClock();
  const startedAt = clock.at;
  let isWell = false;
  receiver.answer = (response, arrival, request) => status(isWell ? 200 : 500)(response, arrival, request);
  addWebhook(store, 'all', receiver.url, { eventTypes: ['lock.locked', 'lock.unlocked'] });
  tell(store, [1, 2]);
  service(scene, store, clock);
  const failures = () => store.events.list({ eventTypes: ['hub.webhook_failed'] }, null, 10);
  await until('both were given up', () => store.webhooks.get('all')?.throughSeq === 2);
  expect(receiver.counts).toEqual([...Array<number>(9).fill(1), ...Array<number>(9).fill(2)]);
  expect(clock.slept).toEqual([...WAITS_MS, ...WAITS_MS]);
  expect(failures().map(({ event }) => event)).toEqual([
    expect.objectContaining({
      occurred_at: new Date(startedAt + WAITS_MS.reduce((sum, waitMs) => sum + waitMs)).toISOString(),
      webhook_id: 'all',
      lost_seq: 1,
    }),
  ]);
  expect(store.webhooks.get('all')?.isFailing).toBe(true);
  isWell = true;
  tell(store, [3]);
  await until('the next is taken', () => store.webhooks.get('all')?.isFailing === false);
  isWell = false;
  tell(store, [4]);
  await until('a later one is given up too', () => failures().length === 2);
  expect(failures()[1]?.event).toMatchObject({ lost_seq: 5 });
});

test('a wait goes on after a restart with what is left of it, and a clock that was set makes it no longer', async () => {
  receiver.answer = status(500);
  const store = openStore();
  addWebhook(store, 'all', receiver.url);
  tell(store, [1]);
  const before = Date.now();
  const retry = { seq: 1, attempts: 4, at: before + 10 * MINUTE_MS };
  const waited = async (at: number): Promise<number | undefined> => {
    store.webhooks.advance('all', { throughSeq: 0, retry, isFailing: false });
    const clock = new DreamingClock();
    clock.at = at;
    const { length } = receiver.arrivals;
    const webhooks = service(scene, store, clock);
    await until('it was tried again', () => receiver.arrivals.length > length);
    await webhooks.stop();
    return clock.slept[0];
  };
  expect(await waited(before)).toBe(10 * MINUTE_MS);
  expect(await waited(before - YEAR_MS)).toBe(30 * MINUTE_MS);
  // What is due is not waited for: the first wait is that after this attempt.
  expect(await waited(before + YEAR_MS)).not.toBe(30 * MINUTE_MS);
});

test('what the log could not hold until its turn is given up as well, and told', async () => {
  const store = openStore({ eventLogRowsMax: 5 });
  const clock = new DreamingClock();
  receiver.answer = (response, arrival, request) => {
    if (arrival.count === 1) tell(store, [2, 3, 4, 5, 6, 7]);
    status(arrival.count === 1 ? 500 : 200)(response, arrival, request);
  };
  addWebhook(store, 'all', receiver.url);
  service(scene, store, clock);
  tell(store, [1]);
  await until('it has come to the end', () => receiver.arrivals.at(-1)?.type === 'hub.webhook_failed');
  expect(receiver.counts).toEqual([1, 4, 5, 6, 7, undefined]);
  expect(JSON.parse(receiver.arrivals.at(-1)?.body ?? '')).toMatchObject({ webhook_id: 'all', lost_seq: 1 });
});

test('a hub that is killed again and again loses no event and sends them in order; what comes twice is the same', async () => {
  const store = openHubStore(scene.dir);
  receiver = await new Receiver().open(scene);
  addWebhook(store, 'all', receiver.url);
  store.close();
  receiver.answer = (response, arrival, request) =>
    status(receiver.arrivals.length % 5 === 0 ? 500 : 200)(response, arrival, request);
  let last = 0;
  for (const events of [30, 61, 90]) last = await killedAfter(last, events);
  receiver.answer = status(200);
  const again = openStore();
  service(scene, again);
  const head = again.outbox.head();
  expect(head).toBeGreaterThanOrEqual(last);
  await until('all have come', () => again.webhooks.get('all')?.throughSeq === head);
  const firsts = receiver.arrivals.filter(
    ({ id }, index, all) => all.findIndex((other) => other.id === id) === index,
  );
  expect(firsts.map(({ body }) => JSON.parse(body).seq)).toEqual(
    Array.from({ length: head }, (_, index) => index + 1),
  );
  expect(new Set(receiver.arrivals.map(({ body }) => body)).size).toBe(head);
  expect(receiver.arrivals.length).toBeGreaterThan(head);
});

/** Runs a hub until it has told so many events, and answers the number of the last one that it told. */
async function killedAfter(last: number, events: number): Promise<number> {
  const script = fileURLToPath(new URL('./webhook-child.ts', import.meta.url));
  const child = spawn(process.execPath, [script, scene.dir, String(last + 1)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  scene.atEnd(() => child.kill('SIGKILL'));
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    if (output.split('\n').length > events / 2) child.kill('SIGKILL');
  });
  await once(child, 'close');
  expect(child.signalCode).toBe('SIGKILL');
  return Number(output.trim().split('\n').at(-1));
}
