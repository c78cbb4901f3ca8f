import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { seededRandom } from '../../drivers/sim/random.ts';
import { HUB } from '../../src/cloud/contract/example.ts';
import { tellsCanary } from '../fuzz/canary.ts';
import { fuzz } from '../fuzz/fuzz.ts';
import { Messages } from '../fuzz/messages.ts';
import { Backend, interviewed, openHubStore, Scene, startHub, startMosquitto, until } from './cloud-rig.ts';

const IN_PROCESS = process.env['LOCKHUB_TEST_FULL'] === undefined ? 20_000 : 200_000;
const OVER_A_BROKER = 2000;
/** Messages that are sent without waiting for the broker. */
const WINDOW = 50;
/** Less than if each message left a kilobyte. */
const HEAP_GROWTH_MAX = 16 * 1024 * 1024;

let scene: Scene;
beforeEach(() => {
  scene = new Scene();
});
afterEach(() => scene.end());

test(
  'no message crashes the hub, and none that is invalid is taken or changes anything',
  { timeout: 600_000 },
  async () => {
    const { meanings, rejected, heapBytes, up } = await fuzz(scene.dir, IN_PROCESS, 7);
    // It would prove nothing if all were refused, or none.
    for (const count of Object.values(meanings)) expect(count).toBeGreaterThan(IN_PROCESS / 100);
    expect(Object.keys(rejected).length).toBeGreaterThan(10);
    expect(up).toBeGreaterThan(IN_PROCESS / 10);
    expect(heapBytes[1] - heapBytes[0]).toBeLessThan(HEAP_GROWTH_MAX);
  },
);

test('over a real broker the hub stays connected, tells no PIN and takes what comes after', async () => {
  const broker = await startMosquitto(scene, ['max_queued_messages 0']);
  const backend = await Backend.at(scene, broker, HUB);
  backend.expectsForgetting();
  const store = openHubStore(scene.dir);
  const deviceId = randomUUID();
  store.commit(undefined, interviewed(deviceId), []);
  const hub = startHub(scene, { url: broker.url, store, hubId: HUB });
  const hello = await until('the hub is connected', () => backend.hellos()[0]);
  const messages = new Messages(seededRandom(7), {
    deviceIds: [deviceId, randomUUID()],
    epoch: store.outbox.epoch,
    sentThrough: () => store.outbox.published(),
    versionsOf: (id) => {
      const { generation = 0, versionReceived: version = 0 } = store.lockState(id)?.lock ?? {};
      return { generation, version };
    },
    sealingKey: () => hello.sealing_key,
    nowMs: () => Date.now(),
  });
  const root = `lockhub/v1/${HUB}/`;
  const sending: Promise<void>[] = [];
  for (let turn = 0; turn < OVER_A_BROKER; turn += 1) {
    const { topic, payload, retain } = messages.next();
    if (!topic.startsWith(`${root}down/`) || topic.includes('\0')) continue;
    sending.push(backend.send(topic.slice(root.length), payload, retain));
    if (sending.length % WINDOW === 0) await Promise.all(sending);
  }
  await Promise.all(sending);
  expect(sending.length).toBeGreaterThan(OVER_A_BROKER / 2);
  const last = randomUUID();
  await backend.send(`down/desired/${last}`, { v: 1, generation: 1, version: 1, codes: [] });
  await until('what comes after is taken', () => store.lockState(last));
  expect(hub.cloud.state()).toMatchObject({ status: 'online', connectionSeq: 1 });
  const told = [...backend.heard.map(({ text }) => text), ...hub.log.map((line) => JSON.stringify(line))];
  expect(told.some(tellsCanary)).toBe(false);
});
