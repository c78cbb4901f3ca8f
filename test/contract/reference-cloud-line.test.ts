import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { interviewed, openHubStore, Scene, startHub, startMosquitto, until, type Hub } from './cloud-rig.ts';
import { TypedCloud } from './reference-cloud-rig.ts';

const door = randomUUID();

let scene: Scene;
let url: string;
beforeEach(async () => {
  scene = new Scene();
  ({ url } = await startMosquitto(scene));
});
afterEach(() => scene.end());

function args(...more: readonly string[]): readonly string[] {
  return ['--url', url, '--db', path.join(scene.dir, 'cloud.db'), ...more];
}

function hubWithDoor(): Hub {
  const store = openHubStore(scene.dir);
  if (store.lockState(door) === undefined) store.commit(undefined, interviewed(door), []);
  return startHub(scene, { url, store });
}

const codesOf = (hub: Hub) =>
  hub.store.lockState(door)?.codes.map((code) => [code.accessCodeId, code.name, code.pin?.reveal()]);

test('a script says what it wants, line by line, and its exit code tells whether all was carried out', async () => {
  const cloud = new TypedCloud(scene, args('--json'));
  await until('it is connected', () => cloud.lines.some((line) => line.includes('"connected"')));
  const hub = hubWithDoor();
  await until('the hub is heard', () => cloud.lines.some((line) => line.includes('"hello"')));
  await until('the lock is heard', () => cloud.lines.some((line) => line.includes('"reported"')));

  const short = door.slice(0, 13);
  expect(await cloud.answer(`set ${short} guest code=0938 name="Anna B."`)).toMatchObject({
    ok: true,
    value: { access_code_id: 'guest', generation: 1, version: 1 },
  });
  await until('the hub has it', () => codesOf(hub)?.[0]?.[2] === '0938');
  const windows = 'weekly_windows=[{"days": ["monday"], "start": "09:00", "end": "17:30"}]';
  expect(await cloud.answer(`set ${short} guest ${windows} name=`)).toMatchObject({ ok: true });
  await until('the name is gone', () => codesOf(hub)?.[0]?.[1] === null);
  expect(codesOf(hub)).toEqual([['guest', null, '0938']]);
  expect(hub.store.lockState(door)?.codes[0]?.weeklyWindows).toMatchObject([{ days: ['monday'] }]);

  await until('it is reported', async () => {
    const { value } = await cloud.answer(`codes ${short}`);
    return (value as { reported: { weekly_windows: unknown } | null }[])[0]?.reported?.weekly_windows;
  });
  expect(await cloud.answer('hubs')).toMatchObject({
    value: [{ hub_id: 'hub-1', state: 'online', locks: 1 }],
  });
  expect(await cloud.answer('locks hub-1')).toMatchObject({ value: [{ device_id: door }] });
  expect(await cloud.answer('send ping')).toMatchObject({ ok: true, value: { type: 'ping' } });
  await until('its end is told', () => cloud.lines.some((line) => line.includes('"succeeded"')));
  expect(await cloud.answer('events 2')).toMatchObject({
    value: [{}, { event_type: 'access_code.changed' }],
  });
  expect(await cloud.answer(`delete ${short} gue`)).toMatchObject({ ok: true });
  await until('it is gone', () => codesOf(hub)?.length === 0);
  expect(await cloud.answer('wait 10')).toMatchObject({ ok: true });
  expect(await cloud.answer('status')).toMatchObject({
    value: [{ connection: 'connected' }, { documents: [], commands: 0, has_gap: false }],
  });
  expect(cloud.lines.filter((line) => line.includes('"violation"'))).toEqual([]);
  expect(await cloud.end()).toBe(0);
});

test('a script with a line that is refused fails, and goes on with the next one', async () => {
  const cloud = new TypedCloud(scene, args('--json', '--hub', 'hub-1'));
  const refused = { ok: false, value: expect.stringMatching(/4 to 12 digits/) };
  expect(await cloud.answer(`set ${door} guest code=12`)).toMatchObject(refused);
  expect(await cloud.answer(`set ${door} guest code=1234`)).toMatchObject({ ok: true });
  expect(await cloud.end()).toBe(1);
});

test('a person reads lines, and everything is there again at the next start', async () => {
  const cloud = new TypedCloud(scene, args());
  await until('it is connected', () => cloud.lines.some((line) => line.startsWith('connected')));
  const hub = hubWithDoor();
  await until('the lock is told', () => cloud.lines.some((line) => line.includes('test, online')));
  cloud.type(`set ${door} guest code=4938 name="Anna"`);
  await until('the code is told', () =>
    cloud.lines.some((line) => line.includes('code guest "Anna": setting, on lock: none')),
  );
  await until('its event is told', () => cloud.lines.some((line) => line.includes('access_code.created')));
  expect(await cloud.end()).toBe(0);
  await hub.stop();

  const again = new TypedCloud(scene, args());
  again.type('codes ' + door);
  again.type('quit');
  await until('it ends', () => again.child.exitCode === 0);
  expect(again.lines.find((line) => line.startsWith('guest'))).toMatch(/code="4938" name="Anna" +setting/);
});

test('a script with a new file may speak of locks at once: it waits for the hubs that are there', async () => {
  const hub = hubWithDoor();
  await until('the hub is online', () => hub.cloud.state().status === 'online');
  await until(
    'nobody is told of it any more',
    () => hub.store.outbox.published() === hub.store.outbox.head(),
  );
  const cloud = new TypedCloud(scene, args());
  cloud.type(`set ${door.slice(0, 8)} guest code=4938`);
  cloud.type('quit');
  await until('it ends', () => cloud.child.exitCode !== null);
  expect(cloud.child.exitCode).toBe(0);
  await until('the hub has it', () => codesOf(hub)?.[0]?.[2] === '4938');
});

test.each([
  ['that is there', () => url],
  ['that is not', () => 'mqtt://127.0.0.1:1'],
  // An address of documentation, which nobody answers.
  ['that is silent', () => 'mqtt://192.0.2.1:1883'],
])('a signal ends it in good order, with a broker %s', async (_which, urlOf) => {
  const cloud = new TypedCloud(scene, ['--url', urlOf(), '--db', path.join(scene.dir, 'cloud.db'), '--json']);
  await until('it has made its file', () => existsSync(path.join(scene.dir, 'cloud.db')));
  cloud.child.kill('SIGTERM');
  await until('it ends', () => cloud.child.exitCode !== null || cloud.child.signalCode !== null);
  expect(cloud.child.exitCode).toBe(0);
});

test('a signal ends it in good order while a broker has yet to answer its CONNECT', async () => {
  const taken: Socket[] = [];
  const mute = createServer((socket) => void taken.push(socket.on('error', () => undefined).resume()));
  await once(mute.listen(0, '127.0.0.1'), 'listening');
  scene.atEnd(() => mute.close());
  const { port } = mute.address() as AddressInfo;
  const db = path.join(scene.dir, 'cloud.db');
  const cloud = new TypedCloud(scene, ['--url', `mqtt://127.0.0.1:${port}`, '--db', db, '--json']);
  await until('it is taken', () => taken.length > 0);
  cloud.child.kill('SIGTERM');
  await until('it ends', () => cloud.child.exitCode !== null || cloud.child.signalCode !== null);
  expect(cloud.child.exitCode).toBe(0);
});

test('a database that is in use, or of another program, ends it with one line', async () => {
  const cloud = new TypedCloud(scene, args('--json'));
  expect(await cloud.answer('hubs')).toMatchObject({ ok: true });
  const second = new TypedCloud(scene, args('--json'));
  await until('the second one ends', () => second.child.exitCode);
  expect(second.child.exitCode).toBe(1);
  expect(await cloud.end()).toBe(0);
  openHubStore(scene.dir).close();
  const hubs = path.join(scene.dir, 'hub.db');
  const before = readFileSync(hubs);
  const third = new TypedCloud(scene, ['--url', url, '--db', hubs]);
  await until('the third one ends', () => third.child.exitCode);
  expect(third.child.exitCode).toBe(1);
  expect(readFileSync(hubs)).toEqual(before);
});
