import { spawn } from 'node:child_process';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as x509 from '@peculiar/x509';
import mqtt from 'mqtt';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readClaim, readyClaim, unclaim } from '../../src/claim/claim.ts';
import { SystemClock } from '../../src/clock.ts';
import { claimTopicsOf } from '../../src/cloud/messages/claim.ts';
import { openIssuer, readRequest } from '../../src/reference-cloud/issuer.ts';
import { Authority } from './certificates.ts';
import {
  ClaimingCloud,
  claimScene,
  codeOf,
  startClaimHub,
  strictLines,
  type ClaimScene,
} from './claim-rig.ts';
import { ended, Internet, openHubStore, Scene, startMosquitto, until } from './cloud-rig.ts';

const MINUTE_MS = 60_000;

let scene: Scene;
let place: ClaimScene;
beforeEach(async () => {
  scene = new Scene();
  place = await claimScene(scene);
});
afterEach(() => scene.end());

test('a code that somebody tells the cloud makes a hub its own, which then says hello by its own certificate', async () => {
  const cloud = await ClaimingCloud.at(scene, place);
  const hub = startClaimHub(scene, place);
  const code = await codeOf(hub);
  expect(hub.cloud.state()).toMatchObject({
    status: 'waiting',
    lastFailure: expect.stringContaining('nobody'),
  });
  expect(cloud.cloud.hubs()).toEqual([]);

  expect(await cloud.claims.claim(code.toLowerCase(), 'Hotel Adler')).toMatchObject({
    ok: true,
    hubId: 'hub-1',
  });
  // The access list lets only a certificate with this name say so.
  await cloud.hello('hub-1');
  await until('it is online', () => hub.cloud.state().status === 'online');
  expect(hub.cloud.claim()).toMatchObject({ state: 'claimed', owner: 'Hotel Adler' });
  const { events } = hub.store;
  expect(events.list({ eventTypes: ['hub.claimed'] }, null, 9)).toHaveLength(1);
  expect(JSON.stringify(hub.log)).not.toContain(code.replaceAll('-', ''));

  await hub.stop();
  const restarted = startClaimHub(scene, place);
  await until('it is online again', () => restarted.cloud.state().status === 'online');
  expect(restarted.cloud.claim()).toMatchObject({ state: 'claimed', owner: 'Hotel Adler' });
});

test('a wrong code claims nothing, and after ten of them the right one has to wait', async () => {
  const cloud = await ClaimingCloud.at(scene, place);
  const hub = startClaimHub(scene, place);
  const code = await codeOf(hub);
  for (let guess = 0; guess < 10; guess += 1) {
    const wrong = await cloud.claims.claim(`00000-00000-00000-0000${guess}`, 'a thief');
    expect(wrong).toEqual({ ok: false, message: expect.stringContaining('No hub waits') });
  }
  expect(await cloud.claims.claim(code, 'x')).toEqual({
    ok: false,
    message: expect.stringContaining('Too many'),
  });
  expect(hub.cloud.claim()).toMatchObject({ state: 'unclaimed', code });
  cloud.laterMs = 16 * MINUTE_MS;
  expect(await cloud.claims.claim(code, 'Hotel Adler')).toMatchObject({ ok: true });
  await cloud.hello('hub-1');
});

test('the claim certificate lets nobody hear or say anything else', async () => {
  const cloud = await ClaimingCloud.at(scene, place);
  const hub = startClaimHub(scene, place);
  const code = await codeOf(hub);
  const topics = claimTopicsOf(readClaim(hub)?.claim_id ?? '');
  const thief = await mqtt.connectAsync(place.url, {
    ca: readFileSync(place.authority.ca),
    cert: readFileSync(place.claim.certFile),
    key: readFileSync(place.claim.keyFile),
    clientId: 'f'.repeat(32),
  });
  scene.atEnd(() => thief.endAsync(true));
  const heard: string[] = [];
  thief.on('message', (topic) => heard.push(topic));
  await thief.subscribeAsync(['#', topics.request, topics.answer], { qos: 1 });
  for (const topic of [
    'lockhub/v1/hub-1/up/hello',
    'lockhub/v1/hub-1/down/command',
    topics.answer,
    topics.request,
  ]) {
    thief.publish(topic, '{"v":1}', { qos: 1 }, () => undefined);
  }
  expect(await cloud.claims.claim(code, 'Hotel Adler')).toMatchObject({ ok: true });
  await cloud.hello('hub-1');
  expect(heard).toEqual([]);
  expect(hub.log.filter(({ msg }) => String(msg).startsWith('an answer to the claim'))).toEqual([]);
  expect(cloud.told.filter(({ kind }) => kind === 'violation')).toEqual([]);
});

test('an answer from somebody who does not know the code is not taken', async () => {
  const hub = startClaimHub(scene, place);
  const code = await codeOf(hub);
  const record = await readyClaim({ ...hub, hubId: 'hub-1', clock: new SystemClock() });
  const stranger = await mqtt.connectAsync(place.url, place.authority.clientOptions('lockhub.cloud'));
  scene.atEnd(() => stranger.endAsync(true));
  const asked = readRequest(record.csr);
  const certificates = asked === undefined ? [] : await place.issuer.issue(asked);
  const unproven = { v: 1, proof: 'A'.repeat(43) };
  const answers = [
    { ...unproven, certificates, owner: 'a thief' },
    { ...unproven, refused: 'not_allowed' },
    'x',
    {},
  ];
  for (const answer of answers) {
    const { answer: topic } = claimTopicsOf(record.claim_id);
    await stranger.publishAsync(topic, JSON.stringify(answer), { qos: 1 });
  }
  await until(
    'it was told of all',
    () => hub.log.filter(({ msg }) => /answer to the claim/.test(String(msg)))[3],
  );
  expect(hub.cloud.claim()).toMatchObject({ state: 'unclaimed', refused: null, code });
});

test('an answer that was lost comes again, for the same request', async () => {
  const cloud = await ClaimingCloud.at(scene, place);
  const internet = await Internet.to(scene, place.broker);
  const url = internet.url.replace('mqtt:', 'mqtts:');
  const hub = startClaimHub(scene, place, { url });
  const code = await codeOf(hub);
  internet.cut();
  expect(await cloud.claims.claim(code, 'Hotel Adler')).toMatchObject({ ok: true });
  expect(hub.cloud.claim()).toMatchObject({ state: 'unclaimed' });
  internet.mend();
  await cloud.hello('hub-1');
});

test('a hub that dies with its certificate on the disk, before it said so, is claimed once', async () => {
  const cloud = await ClaimingCloud.at(scene, place);
  const { authority, claim, url } = place;
  const program = path.join(import.meta.dirname, 'claim-child.ts');
  const args = [program, scene.dir, url, authority.ca, claim.certFile, claim.keyFile];
  const child = spawn(process.execPath, args, { stdio: 'inherit' });
  scene.atEnd(() => ended(child, 'SIGKILL'));
  const died = once(child, 'exit');
  await until('it asks', () => cloud.told.some((told) => told.kind === 'note'));
  const beside = openHubStore(scene.dir);
  const code = readClaim({ store: beside })?.code?.text ?? '';
  beside.close();
  expect(await cloud.claims.claim(code, 'Hotel Adler')).toMatchObject({ ok: true });
  expect(await died).toEqual([null, 'SIGKILL']);
  expect(cloud.cloud.hubs()).toEqual([]);

  const hub = startClaimHub(scene, place);
  await cloud.hello('hub-1');
  expect(hub.store.events.list({ eventTypes: ['hub.claimed'] }, null, 9)).toHaveLength(1);
});

test('a name that another key has is refused until it is free', async () => {
  const cloud = await ClaimingCloud.at(scene, place);
  const first = startClaimHub(scene, place);
  await cloud.claims.claim(await codeOf(first), 'Hotel Adler');
  await cloud.hello('hub-1');
  await first.stop();

  const store = openHubStore(new SubScene(scene).dir);
  const second = startClaimHub(scene, place, { store });
  const code = await codeOf(second);
  expect(await cloud.claims.claim(code, 'x')).toEqual({
    ok: false,
    message: expect.stringContaining('release'),
  });
  await until('it is told', () => {
    const view = second.cloud.claim();
    return view?.state === 'unclaimed' && view.refused === 'hub_id_taken' && view.isAsked;
  });
  const next = await codeOf(second);
  expect(next).not.toBe(code);
  expect(cloud.claims.release('hub-1')).toBe(true);
  expect(await cloud.claims.claim(next, 'Hotel Bär')).toMatchObject({ ok: true });
  await until('it is claimed', () => second.cloud.claim()?.state === 'claimed');
});

/** Another folder below a scene's. */
class SubScene extends Scene {
  constructor(parent: Scene) {
    super();
    parent.atEnd(() => this.end());
  }
}

describe('a certificate of the hub', () => {
  test('that is near its end is renewed over the connection that it opened', async () => {
    const { authority, issuer } = place;
    const brief = await openIssuer(authority.ca, authority.caKey, 10 * MINUTE_MS);
    let issued = 0;
    const cloud = await ClaimingCloud.at(scene, place, {
      ...issuer,
      issue: (request) => ((issued += 1) === 1 ? brief : issuer).issue(request),
    });
    const hub = startClaimHub(scene, place);
    await cloud.claims.claim(await codeOf(hub), 'Hotel Adler');
    await until('it connects with the next one', () => hub.cloud.state().connectionSeq === 2);
    await until('it is online', () => hub.cloud.state().status === 'online');
    const record = await until('it is let in', () => {
      const now = readClaim(hub);
      return now?.next === null ? now : undefined;
    });
    const { validToDate } = new X509Certificate(record.certificate?.pem ?? '');
    expect(validToDate.getTime() - Date.now()).toBeGreaterThan(600 * 24 * 60 * MINUTE_MS);
    expect(issued).toBe(2);
  });

  test('that is followed by one of no use goes on', async () => {
    const { authority, issuer } = place;
    const brief = await openIssuer(authority.ca, authority.caKey, 10 * MINUTE_MS);
    const theirs = new Authority(scene, 'theirs');
    const wrong = await openIssuer(theirs.ca, theirs.caKey);
    let issued = 0;
    const cloud = await ClaimingCloud.at(scene, place, {
      ...issuer,
      issue: (request) => ((issued += 1) === 1 ? brief : wrong).issue(request),
    });
    const hub = startClaimHub(scene, place, { refusedPauseMs: 50 });
    await cloud.claims.claim(await codeOf(hub), 'Hotel Adler');
    await until('it tries the wrong one', () =>
      hub.log.find(({ msg }) => /refuses the next/.test(String(msg))),
    );
    await until('it is online', () => hub.cloud.state().status === 'online');
    expect(readClaim(hub)?.next).toBeNull();
    expect(issued).toBe(2);
  });

  test('that is revoked stays refused and does not bring the claim back, until a person wants that', async () => {
    const cloud = await ClaimingCloud.at(scene, place);
    const hub = startClaimHub(scene, place, { refusedPauseMs: 50 });
    await cloud.claims.claim(await codeOf(hub), 'Hotel Adler');
    await cloud.hello('hub-1');
    const key = readClaim(hub)?.claim_id;
    await place.broker.stop();
    const lines = [...strictLines(scene, place.authority), `crlfile ${await revokedList(hub.store)}`];
    await startMosquitto(scene, lines, place.broker.port);
    await until('it is refused', () => hub.cloud.state().status === 'refused');
    expect(hub.cloud.state().lastFailure).toContain('the broker refuses the client certificate');
    const { connectionSeq } = hub.cloud.state();
    await until('it goes on trying', () => hub.cloud.state().connectionSeq > connectionSeq + 3);
    expect(hub.cloud.claim()).toMatchObject({ state: 'claimed', owner: 'Hotel Adler' });

    await unclaim({ hubId: 'hub-1', store: hub.store, clock: new SystemClock() });
    const code = await codeOf(hub);
    expect(readClaim(hub)?.claim_id).not.toBe(key);
    cloud.claims.release('hub-1');
    expect(await cloud.claims.claim(code, 'Hotel Adler')).toMatchObject({ ok: true });
    await until('it is online', () => hub.cloud.state().status === 'online');
  });
});

/** A list of the authority with the hub's certificate on it. */
async function revokedList(store: ReturnType<typeof openHubStore>): Promise<string> {
  const { authority } = place;
  const { serialNumber } = new X509Certificate(readClaim({ store })?.certificate?.pem ?? '');
  const der = createPrivateKey(readFileSync(authority.caKey)).export({ type: 'pkcs8', format: 'der' });
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const signingKey = await crypto.subtle.importKey('pkcs8', der, algorithm, false, ['sign']);
  const list = await x509.X509CrlGenerator.create({
    issuer: new x509.X509Certificate(readFileSync(authority.ca, 'utf8')).subjectName,
    thisUpdate: new Date(Date.now() - MINUTE_MS),
    nextUpdate: new Date(Date.now() + 60 * MINUTE_MS),
    // An INTEGER of DER that begins with a set bit would be negative.
    entries: [{ serialNumber: serialNumber.replace(/^[89A-F]/, '00$&'), revocationDate: new Date() }],
    signingAlgorithm: algorithm,
    signingKey,
  });
  return scene.file('revoked.pem', list.toString('pem').replaceAll(' CRL', ' X509 CRL'));
}
