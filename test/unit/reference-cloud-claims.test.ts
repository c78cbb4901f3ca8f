import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import * as x509 from '@peculiar/x509';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { codeInGroups, qrText } from '../../src/claim/code.ts';
import { checkedChain, makeIdentity, type Identity } from '../../src/claim/identity.ts';
import { isProven, requestProof } from '../../src/claim/proof.ts';
import { claimGrantSchema, claimTopicsOf } from '../../src/cloud/messages/claim.ts';
import { Claims } from '../../src/reference-cloud/claims.ts';
import { openDatabase } from '../../src/reference-cloud/database.ts';
import { openIssuer, type Issuer } from '../../src/reference-cloud/issuer.ts';

const DAY_MS = 24 * 3_600_000;
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const CODE = '0123456789ABCDEFGHJK';
const HUB = 'hub-1';

let folder: string;
let issuer: Issuer;
let identity: Identity;
let claims: Claims;
let sent: { readonly topic: string; readonly payload: string }[];
let now: number;

beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'lockhub-claims-'));
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const name = 'CN=An authority';
  const signingAlgorithm = ALGORITHM;
  const made = await x509.X509CertificateGenerator.createSelfSigned({ name, keys, signingAlgorithm });
  const key = x509.PemConverter.encode(
    await crypto.subtle.exportKey('pkcs8', keys.privateKey),
    'PRIVATE KEY',
  );
  const [certFile, keyFile] = [path.join(folder, 'ca.pem'), path.join(folder, 'key.pem')];
  writeFileSync(certFile, made.toString('pem'));
  writeFileSync(keyFile, key);
  issuer = await openIssuer(certFile, keyFile);
  identity = await makeIdentity(HUB);
});
afterAll(() => rmSync(folder, { recursive: true }));

beforeEach(() => {
  now = Date.now();
  sent = [];
  claims = new Claims({
    database: openDatabase(':memory:'),
    issuer,
    publish: (topic, payload) => Promise.resolve(sent.push({ topic, payload }) > 0),
    tell: () => undefined,
    now: () => now,
  });
});

function ask(code: string, { claimId, csr }: Identity = identity, hubId = HUB, topicId = claimId): void {
  const request = { v: 1, hub_id: hubId, version: '1', csr, proof: requestProof(code, claimId, hubId, csr) };
  const payload = Buffer.from(JSON.stringify(request));
  expect(claims.receive({ topic: claimTopicsOf(topicId).request, payload, retain: false })).toBe(true);
}

test.each([
  ['in groups', codeInGroups(CODE)],
  ['in small letters', CODE.toLowerCase()],
  ['with letters for digits', `OI${CODE.slice(2)}`],
  ['from its QR', qrText({ hubId: HUB, claimId: 'f'.repeat(32), code: CODE })],
])('a code %s claims, and the answer is proven and for this key', async (_how, text) => {
  ask(CODE);
  expect(await claims.claim(text, 'Adler')).toEqual({ ok: true, hubId: HUB, claimId: identity.claimId });
  const [{ topic, payload } = { topic: '', payload: '' }] = sent;
  expect(topic).toBe(claimTopicsOf(identity.claimId).answer);
  const answer = claimGrantSchema.parse(JSON.parse(payload));
  expect(isProven(CODE, identity.claimId, answer)).toBe(true);
  expect(checkedChain(answer.certificates, HUB, identity.privateKey)).toMatchObject({ ok: true });
});

test('the same request gets the same answer, another one of the same key none until its code is told', async () => {
  ask(CODE);
  await claims.claim(CODE, 'Adler');
  ask(CODE);
  expect(sent[1]).toEqual(sent[0]);
  ask('ANVTHERCDE0123456789');
  expect(sent).toHaveLength(2);
  expect(await claims.claim(CODE, 'Adler')).toMatchObject({ ok: false });
  expect(await claims.claim('ANVTHERCDE0123456789', 'Adler')).toMatchObject({ ok: true });
});

test('a request that was not repeated for a day is over', async () => {
  ask(CODE);
  now += DAY_MS + 1;
  expect(await claims.claim(CODE, 'Adler')).toMatchObject({ ok: false });
  ask(CODE);
  expect(await claims.claim(CODE, 'Adler')).toMatchObject({ ok: true });
});

test('a request under another name or key than its own is not kept', async () => {
  ask(CODE, identity, 'hub-2');
  ask(CODE, identity, HUB, 'f'.repeat(32));
  ask(CODE, { ...identity, csr: 'AAAA' });
  expect(await claims.claim(CODE, 'Adler')).toMatchObject({ ok: false });
});

test('a request that its key did not sign claims nothing', async () => {
  const bytes = Buffer.from(identity.csr, 'base64');
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
  ask(CODE, { ...identity, csr: bytes.toString('base64') });
  expect(await claims.claim(CODE, 'a thief')).toMatchObject({ ok: false });
  expect(sent).toEqual([]);
});

test('only the key that a hub was claimed with gets a next certificate', async () => {
  expect(await claims.renewed(HUB, identity.csr)).toBeUndefined();
  ask(CODE);
  await claims.claim(CODE, 'Adler');
  expect(await claims.renewed(HUB, identity.csr)).toHaveLength(1);
  expect(await claims.renewed('hub-2', identity.csr)).toBeUndefined();
  expect(await claims.renewed(HUB, (await makeIdentity(HUB)).csr)).toBeUndefined();
  expect(claims.release(HUB)).toBe(true);
  expect(await claims.renewed(HUB, identity.csr)).toBeUndefined();
});
