import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, globSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Authority } from './certificates.ts';
import {
  Backend,
  freePort,
  openHubStore,
  Scene,
  startAedes,
  startHub,
  startMosquitto,
  unlocked,
  until,
  type Broker,
  type Hub,
} from './cloud-rig.ts';
import { startNats } from './nats.ts';

const LOOK_MS = 20;
const HOUR_MS = 3_600_000;

let scene: Scene;
beforeEach(() => {
  scene = new Scene();
});
afterEach(() => scene.end());

function tls(url: string): string {
  return url.replace('mqtt:', 'mqtts:');
}

async function online(hub: Hub): Promise<void> {
  await until('it is online', () => hub.cloud.state().status === 'online');
}

function refused(hub: Hub): Promise<string | null> {
  return until('it is refused', () => hub.cloud.state().status === 'refused').then(
    () => hub.cloud.state().lastFailure,
  );
}

/** Lines for a person: what is told at info level and above. */
function told(hub: Hub, message: RegExp): Record<string, unknown>[] {
  return hub.log.filter((line) => Number(line['level']) >= 30 && message.test(String(line['msg'])));
}

function mosquittoPasswords(password: string): readonly string[] {
  const file = path.join(scene.dir, 'passwords');
  execFileSync('mosquitto_passwd', ['-b', '-c', file, 'hub', password], { stdio: 'ignore' });
  chmodSync(file, 0o644);
  return ['allow_anonymous false', `password_file ${file}`];
}

/** This mosquitto does not start when all its listeners are of this kind, so it has another one. */
async function startWebSockets(lines: readonly string[] = []): Promise<Broker> {
  const spare = `listener ${await freePort()} 127.0.0.1`;
  return startMosquitto(scene, ['protocol websockets', ...lines, spare]);
}

describe('a refused login', () => {
  test('is told once however often it is tried, and a mended password counts before the next try', async () => {
    const broker = await startMosquitto(scene, mosquittoPasswords('right-secret'));
    const passwordFile = path.join(scene.dir, 'password');
    const login = { url: broker.url, username: 'hub', passwordFile };
    const hub = startHub(scene, { ...login, loginLookMs: LOOK_MS, refusedPauseMs: 50 });
    await until('the missing file is told', () => hub.cloud.state().lastFailure);
    expect(hub.cloud.state().lastFailure).toBe(`cloud.password_file: cannot read ${passwordFile} (ENOENT)`);

    writeFileSync(passwordFile, 'wrong-secret\n');
    expect(await refused(hub)).toBe('the broker refuses the login: not authorized (code 135)');
    const attempts = hub.cloud.state().connectionSeq;
    await until('it is tried five times more', () => hub.cloud.state().connectionSeq > attempts + 5);
    expect(hub.cloud.state().status).toBe('refused');
    expect(told(hub, /refuses this hub/)).toHaveLength(1);
    await hub.stop();

    const patient = startHub(scene, { ...login, loginLookMs: LOOK_MS, refusedPauseMs: HOUR_MS });
    await refused(patient);
    writeFileSync(passwordFile, 'right-secret\n');
    await online(patient);
    expect(JSON.stringify([hub.log, patient.log])).not.toContain('secret');
  });

  test('is tried again after half a minute at the earliest', async () => {
    const broker = await startMosquitto(scene, ['allow_anonymous false']);
    const hub = startHub(scene, { url: broker.url });
    await refused(hub);
    const [line] = await until('it is told', () => told(hub, /refuses this hub/));
    expect(line).toMatchObject({ level: 40, retryMs: 30_000, attempts: 1 });
  });

  test('has the words of a broker that speaks 3.1.1', async () => {
    const aedes = await startAedes(scene, {
      authenticate: (_client, _name, _password, done) =>
        done(Object.assign(new Error('no'), { returnCode: 4 }), null),
    });
    const hub = startHub(scene, { url: aedes.url });
    expect(await refused(hub)).toBe('the broker refuses the login: bad user name or password (code 4)');
    await hub.stop();
    const nats = await startNats(scene, ['authorization { users: [{ user: hub, password: other }] }']);
    expect(await refused(startHub(scene, { url: nats.url }))).toBe(
      'the broker refuses the login: not authorized (code 5)',
    );
  });
});

test('a subscription that is refused without a word is tried again soon: a cluster may only be electing', async () => {
  let refusals = 2;
  const aedes = await startAedes(scene, {
    authorizeSubscribe: (_client, wanted, done) => {
      refusals -= 1;
      done(null, refusals >= 0 ? null : wanted);
    },
  });
  const hub = startHub(scene, { url: aedes.url });
  await online(hub);
  expect(told(hub, /refuses this hub/)).toEqual([]);
});

describe('an ACL that leaves the hub out', () => {
  test('of what comes down: mosquitto with its security plugin', async () => {
    const [plugin] = globSync('/usr/lib/*/mosquitto_dynamic_security.so');
    const access = {
      publishClientSend: true,
      publishClientReceive: true,
      subscribe: false,
      unsubscribe: true,
    };
    const rules = scene.file('security.json', JSON.stringify({ defaultACLAccess: access }));
    chmodSync(rules, 0o666);
    const broker = await startMosquitto(scene, [`plugin ${plugin}`, `plugin_opt_config_file ${rules}`]);
    const hub = startHub(scene, { url: broker.url });
    expect(await refused(hub)).toBe(
      'the broker refuses the subscription to lockhub/v1/hub-1/down/#: not authorized (code 135)',
    );
  });

  test('of what comes down: NATS, which has no word for it', async () => {
    const permissions = '{ subscribe: { deny: "lockhub.>" }, publish: ">" }';
    const user = `{ user: hub, password: pass, permissions: ${permissions} }`;
    const broker = await startNats(scene, [`authorization { users: [${user}] }`]);
    const passwordFile = scene.file('password', 'pass');
    const hub = startHub(scene, { url: broker.url, username: 'hub', passwordFile });
    expect(await refused(hub)).toBe(
      'the broker refuses the subscription to lockhub/v1/hub-1/down/#: no reason given (code 128)',
    );
  });

  test('of what goes up: mosquitto', async () => {
    const rules = scene.file('acl', 'topic read lockhub/#\n');
    chmodSync(rules, 0o644);
    const broker = await startMosquitto(scene, [`acl_file ${rules}`]);
    const hub = startHub(scene, { url: broker.url });
    expect(await refused(hub)).toBe(
      'the broker refuses lockhub/v1/hub-1/up/status: not authorized (code 135)',
    );
  });
});

test('a broker whose certificate is not of our CA is not spoken to', async () => {
  const ours = new Authority(scene, 'ours');
  const theirs = new Authority(scene, 'theirs');
  const broker = await startMosquitto(scene, theirs.listener());
  const caFile = scene.file('ca.pem', 'not a certificate');
  const hub = startHub(scene, { url: tls(broker.url), caFile });
  await until('the broken file is told', () => hub.cloud.state().lastFailure);
  expect(hub.cloud.state().lastFailure).toBe(`cloud.ca_file: no PEM certificate in ${caFile}`);

  copyFileSync(ours.ca, caFile);
  await until('the wrong CA is told', () =>
    hub.cloud.state().lastFailure?.includes('self-signed certificate'),
  );
  expect(hub.cloud.state().status).not.toBe('refused');

  copyFileSync(theirs.ca, caFile);
  await online(hub);
});

describe('a client certificate', () => {
  let authority: Authority;
  let url: string;
  beforeEach(async () => {
    authority = new Authority(scene, 'ours');
    const broker = await startMosquitto(scene, [
      ...authority.listener(),
      'require_certificate true',
      'use_identity_as_username true',
    ]);
    url = tls(broker.url);
  });

  test('that is missing, or of another authority, is what the broker refuses', async () => {
    const hub = startHub(scene, { url, caFile: authority.ca });
    expect(await refused(hub)).toContain('the broker refuses the client certificate: ');
    await hub.stop();
    const { cert, key } = new Authority(scene, 'theirs').issue('hub');
    const stranger = startHub(scene, { url, caFile: authority.ca, certFile: cert, keyFile: key });
    expect(await refused(stranger)).toContain('the broker refuses the client certificate: ');
  });

  test('that is renewed counts at once, and the old connection ends in peace', async () => {
    const first = authority.issue('first');
    const second = authority.issue('second');
    const certFile = path.join(scene.dir, 'cert.pem');
    const keyFile = path.join(scene.dir, 'key.pem');
    copyFileSync(first.cert, certFile);
    copyFileSync(first.key, keyFile);
    const backend = await Backend.at(scene, { url }, 'hub-1', authority.clientOptions('cloud'));
    const store = openHubStore(scene.dir);
    const hub = startHub(scene, {
      url,
      store,
      caFile: authority.ca,
      certFile,
      keyFile,
      loginLookMs: LOOK_MS,
      random: () => 0.9,
    });
    await until('it is online', () => backend.hellos()[0]);

    copyFileSync(second.cert, certFile);
    const line = await until('the half-done change is told', () => told(hub, /can not be used/)[0]);
    expect(line['reason']).toBe('cloud.key_file: not the key of the certificate in cloud.cert_file');
    expect(hub.cloud.state()).toMatchObject({ status: 'online', connectionSeq: 1 });

    copyFileSync(second.key, keyFile);
    await until('it connects with the new one', () => backend.hellos()[1]);
    expect(backend.statuses()).toMatchObject([
      { state: 'online', connection_seq: 1 },
      { state: 'online', connection_seq: 2 },
    ]);
    expect(hub.cloud.state()).toMatchObject({ status: 'online', connectionSeq: 2, lastFailure: null });
    store.append([{ event_type: 'hub.started', occurredAt: 0, details: { boot_id: 'b', version: '1' } }]);
    await until('events go on', () => backend.events()[0]);
  });
});

describe('over WebSockets', () => {
  test('in clear, and behind TLS with a client certificate', async () => {
    const clear = await startWebSockets();
    const hub = startHub(scene, { url: `ws://127.0.0.1:${clear.port}/mqtt` });
    await online(hub);
    expect(hub.cloud.state().protocolVersion).toBe(5);
    await hub.stop();

    const authority = new Authority(scene, 'ours');
    const safe = await startWebSockets([...authority.listener(), 'require_certificate true']);
    const { cert, key } = authority.issue('hub');
    const login = {
      url: `wss://127.0.0.1:${safe.port}/mqtt`,
      caFile: authority.ca,
      certFile: cert,
      keyFile: key,
    };
    const trusted = startHub(scene, login);
    await online(trusted);
    await trusted.stop();
    const wary = startHub(scene, { ...login, caFile: new Authority(scene, 'theirs').ca });
    await until('the wrong CA is told', () => wary.cloud.state().lastFailure?.includes('certificate'));
    expect(wary.cloud.state().status).not.toBe('online');
  });

  test('a refused login is told, and so is a door that is no MQTT broker', async () => {
    const broker = await startWebSockets(mosquittoPasswords('right'));
    const hub = startHub(scene, { url: `ws://127.0.0.1:${broker.port}` });
    expect(await refused(hub)).toBe('the broker refuses the login: not authorized (code 135)');
    await hub.stop();

    const door = createServer((_request, response) => response.writeHead(403).end()).listen(0, '127.0.0.1');
    scene.atEnd(() => door.close());
    await once(door, 'listening');
    const { port } = door.address() as AddressInfo;
    const lost = startHub(scene, { url: `ws://127.0.0.1:${port}` });
    expect(await refused(lost)).toBe('the broker refuses the WebSocket: HTTP 403');
  });
});

test('a broker that allows few messages on their way is not overrun', async () => {
  const broker = await startMosquitto(scene, ['max_inflight_messages 3']);
  const backend = await Backend.at(scene, broker, 'hub-1');
  const store = openHubStore(scene.dir);
  store.transaction(() => {
    for (let slot = 0; slot < 5000; slot += 1) store.append([unlocked(slot)]);
  });
  const hub = startHub(scene, { url: broker.url, store });
  await until('all arrive', () => backend.events().length === 5000);
  expect(hub.cloud.state()).toMatchObject({ status: 'online', connectionSeq: 1, lastFailure: null });
});
