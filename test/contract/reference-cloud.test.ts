import { randomUUID } from 'node:crypto';
import { statSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { DomainEvent } from '../../src/core/event.ts';
import {
  interviewed,
  openHubStore,
  Scene,
  startAedes,
  startHub,
  startMosquitto,
  until,
  type Hub,
} from './cloud-rig.ts';
import { startNats } from './nats.ts';
import { spawnCloud, TestCloud } from './reference-cloud-rig.ts';

const door = randomUUID();
const MINUTE_MS = 60_000;

let scene: Scene;
beforeEach(() => {
  scene = new Scene();
});
afterEach(() => scene.end());

function hubWithDoor(url: string): Hub {
  const store = openHubStore(scene.dir);
  if (store.lockState(door) === undefined) store.commit(undefined, interviewed(door), []);
  return startHub(scene, { url, store });
}

/** PINs that the hub is to put on the door, by name. */
function pinsOf(hub: Hub): Record<string, string | undefined> {
  const codes = hub.store.lockState(door)?.codes ?? [];
  return Object.fromEntries(codes.map((code) => [code.name, code.pin?.reveal()]));
}

function unlocked(note: number): DomainEvent {
  return { event_type: 'lock.unlocked', occurredAt: 1_800_000_000_000, details: { note } };
}

function isDrained({ store }: Hub): boolean {
  return store.outbox.head() > 0 && store.outbox.acked() === store.outbox.head();
}

/** Every event of the hub was told to this cloud, each once and in order. */
async function expectAllTold(cloud: TestCloud, hub: Hub): Promise<void> {
  await until('all is acknowledged', () => isDrained(hub));
  const seqs = cloud.events().map(({ seq }) => seq);
  expect(seqs).toEqual(Array.from({ length: hub.store.outbox.head() }, (_, index) => index + 1));
  expect(cloud.violations()).toEqual([]);
}

describe.each([
  ['mosquitto', startMosquitto],
  ['aedes', startAedes],
  ['nats', startNats],
] as const)('on %s', (_name, startBroker) => {
  test('a code is set, changed and deleted, and every event comes once', async () => {
    const { url } = await startBroker(scene);
    const cloud = await new TestCloud(scene, url).connected();
    const hub = hubWithDoor(url);
    const known = await cloud.hub();
    expect(cloud.cloud.set(known, door, 'guest', { code: '4938', name: 'Anna' })).toMatchObject({ ok: true });
    await until('it is there', () => pinsOf(hub)['Anna'] === '4938');
    cloud.cloud.set(known, door, 'guest', { code: '27183' });
    cloud.cloud.set(known, door, 'other', { code: '314159', name: 'Bo' });
    await until('both are there', () => pinsOf(hub)['Anna'] === '27183' && pinsOf(hub)['Bo'] === '314159');
    cloud.cloud.delete(known, door, 'guest');
    await until('one is gone', () => !('Anna' in pinsOf(hub)));
    expect(pinsOf(hub)).toEqual({ Bo: '314159' });
    await until('it is reported', () => known.sink.ledger.report(door)?.version_received === 4);
    await expectAllTold(cloud, hub);
  });

  test('either side may be away: what was wanted and what happened meanwhile arrives', async () => {
    const { url } = await startBroker(scene);
    const first = await new TestCloud(scene, url).connected();
    const hub = hubWithDoor(url);
    first.cloud.set(await first.hub(), door, 'guest', { code: '4938', name: 'Anna' });
    await until('it is there', () => pinsOf(hub)['Anna'] === '4938');
    await until('all is acknowledged', () => isDrained(hub));
    await hub.stop();
    first.cloud.set(await first.hub(), door, 'guest', { code: '27183' });
    await first.stop();

    const again = hubWithDoor(url);
    again.store.append([unlocked(1), unlocked(2)]);
    const second = await new TestCloud(scene, url).connected();
    await until('the change arrives', () => pinsOf(again)['Anna'] === '27183');
    await until('all is acknowledged', () => isDrained(again));
    const seqs = [...first.events(), ...second.events()].map(({ seq }) => seq);
    expect(seqs).toEqual(Array.from({ length: again.store.outbox.head() }, (_, index) => index + 1));
    expect([...first.violations(), ...second.violations()]).toEqual([]);
  });

  test('a hello with the newest document is answered by sync, and the document stays where it is', async () => {
    const { url } = await startBroker(scene);
    const cloud = await new TestCloud(scene, url).connected();
    const hub = hubWithDoor(url);
    cloud.cloud.set(await cloud.hub(), door, 'guest', { code: '4938', name: 'Anna' });
    await until('it is there', () => pinsOf(hub)['Anna'] === '4938');
    await until('it is reported', async () => (await cloud.hub()).sink.ledger.report(door)?.version_received);
    await hub.stop();
    const sentBefore = cloud.sent.filter(({ topic }) => topic.includes('/down/desired/')).length;
    const verdicts = () =>
      cloud.sent
        .filter(({ topic }) => topic.endsWith('/down/sync'))
        .map(({ payload }) => (JSON.parse(payload) as { devices: { verdict: string }[] }).devices);
    const again = hubWithDoor(url);
    await until('it said hello again', () => verdicts().length === 2);
    expect(verdicts().at(-1)).toEqual([{ device_id: door, verdict: 'same' }]);
    await until('all is acknowledged', () => isDrained(again));
    expect(cloud.sent.filter(({ topic }) => topic.includes('/down/desired/'))).toHaveLength(sentBefore);
  });
});

test('a cloud that lost its memory begins a new generation and takes up the log where the other one left it', async () => {
  const { url } = await startMosquitto(scene);
  const first = await new TestCloud(scene, url).connected();
  const hub = hubWithDoor(url);
  const known = await first.hub();
  for (const code of ['1111', '2222', '3333']) first.cloud.set(known, door, 'guest', { code, name: 'Anna' });
  await until('it is there', () => pinsOf(hub)['Anna'] === '3333');
  await until('all is acknowledged', () => isDrained(hub));
  const acked = hub.store.outbox.acked();
  await first.stop();
  await hub.stop();

  const second = await new TestCloud(scene, url, { db: 'new.db' }).connected();
  const again = hubWithDoor(url);
  again.store.append([unlocked(1)]);
  const changed = second.cloud.set(await second.hub(), door, 'new', { code: '27183', name: 'Bo' });
  expect(changed).toMatchObject({ ok: true, document: { generation: 2, version: 1 } });
  await until('it is there', () => pinsOf(again)['Bo'] === '27183');
  expect(pinsOf(again)).toEqual({ Bo: '27183' });
  await until('all is acknowledged', () => isDrained(again));
  expect(second.events()[0]?.seq).toBe(acked + 1);
  expect(second.violations()).toEqual([]);
});

test('a cloud that comes when the hub has long been there is told of its locks and of what nobody acknowledged', async () => {
  const { url } = await startMosquitto(scene);
  const first = await new TestCloud(scene, url).connected();
  const hub = hubWithDoor(url);
  first.cloud.set(await first.hub(), door, 'guest', { code: '4938', name: 'Anna' });
  await until('it is there', () => pinsOf(hub)['Anna'] === '4938');
  await until('all is acknowledged', () => isDrained(hub));
  await first.stop();
  const acked = hub.store.outbox.acked();
  hub.store.append([unlocked(1), unlocked(2)]);
  await until('they are on their way', () => hub.store.outbox.published() === acked + 2);

  const second = await new TestCloud(scene, url, { db: 'new.db' }).connected();
  const known = await second.hub();
  await until('the lock is reported', () => known.sink.ledger.report(door)?.version_received === 1);
  await until('all is acknowledged', () => isDrained(hub));
  expect(second.events().map(({ seq }) => seq)).toEqual([acked + 1, acked + 2]);
  expect(second.violations()).toEqual([]);
});

test.each(['die-before-puback', 'die-after-puback'] as const)(
  'killed when it has events and the hub does not know it (%s): they are acknowledged at the next start, and told once',
  async (mode) => {
    const { url } = await startMosquitto(scene);
    const child = await spawnCloud(scene, url, mode);
    const hub = hubWithDoor(url);
    for (const note of [1, 2, 3]) hub.store.append([unlocked(note)]);
    await until('it is dead', () => child.signalCode === 'SIGKILL');
    expect(hub.store.outbox.acked()).toBe(0);

    const cloud = await new TestCloud(scene, url).connected();
    hub.store.append([unlocked(4)]);
    await until('all is acknowledged', () => isDrained(hub));
    const known = await cloud.hub();
    const kept = known.sink.ledger.log()?.after(0, 100) ?? [];
    expect(kept.map((event) => event['note'])).toEqual([1, 2, 3, 4]);
    // What the one that died had committed is no news to this one.
    expect(cloud.events().map((event) => event['note'])).not.toContain(1);
    expect(cloud.violations()).toEqual([]);
  },
);

test('PINs travel sealed both ways, and nobody but the owner may read the file they are in', async () => {
  const { url } = await startMosquitto(scene);
  const cloud = await new TestCloud(scene, url, { seal: true }).connected();
  const hub = hubWithDoor(url);
  const known = await cloud.hub();
  cloud.cloud.set(known, door, 'guest', { code: '80417326', name: 'Anna' });
  await until('it is there', () => pinsOf(hub)['Anna'] === '80417326');
  cloud.cloud.set(known, door, 'other', { code: '271828', name: 'Bo' });
  await until('both are there', () => pinsOf(hub)['Bo'] === '271828');
  const documents = cloud.sent.filter(({ topic }) => topic.includes('/down/desired/'));
  expect(documents.map(({ payload }) => payload).join()).not.toMatch(/80417326|271828/);
  expect(statSync(path.join(scene.dir, 'cloud.db')).mode & 0o777).toBe(0o600);

  const params = { device_id: door, access_code_id: 'guest' };
  const revealed = cloud.cloud.send(known, 'reveal_code', params, MINUTE_MS);
  const generated = cloud.cloud.send(known, 'generate_code', { device_id: door }, MINUTE_MS);
  if (!revealed.ok || !generated.ok) throw new Error('refused');
  expect(await cloud.pin(revealed.command.commandId)).toBe('80417326');
  expect(await cloud.pin(generated.command.commandId)).toMatch(/^\d{4,8}$/);
});

test('a command is sent until its end is heard, and refused where it says nothing', async () => {
  const { url } = await startMosquitto(scene);
  const cloud = await new TestCloud(scene, url).connected();
  const hub = hubWithDoor(url);
  const known = await cloud.hub();
  await hub.stop();
  const sent = cloud.cloud.send(known, 'ping', {}, MINUTE_MS);
  if (!sent.ok) throw new Error(sent.message);
  hubWithDoor(url);
  const { commandId } = sent.command;
  await until('it has its end', () => known.sink.ledger.result(commandId)?.state === 'succeeded');
  expect(known.commands.open(Date.now(), 0)).toEqual([]);
  expect(cloud.cloud.send(known, 'unlock_door', {}, MINUTE_MS)).toMatchObject({ ok: false });
  expect(cloud.cloud.send(known, 'ping', { devise_id: door }, MINUTE_MS)).toMatchObject({ ok: false });
});
