import { randomInt } from 'node:crypto';
import { decodeQR } from 'qr/decode.js';
import { encodeQR } from 'qr';
import { beforeAll, describe, expect, test } from 'vitest';
import { codeInGroups, newCode, qrText } from '../../src/claim/code.ts';
import { checkedChain, makeIdentity, type Identity } from '../../src/claim/identity.ts';
import { isProven, requestProof } from '../../src/claim/proof.ts';
import {
  CODE_LIFETIME_MS,
  isRenewalDue,
  newRecord,
  settledNext,
  takeAnswer,
  takeRenewal,
  withCode,
  type ClaimRecord,
  type Taken,
} from '../../src/claim/record.ts';
import {
  CLAIM_ANSWER_EXAMPLES,
  CLAIM_CERTIFICATE,
  CLAIM_CODE,
  CLAIM_CSR,
  CLAIM_ID,
  CLAIM_OWNER,
  CLAIM_REQUEST_EXAMPLES,
} from '../../src/cloud/contract/claim-examples.ts';
import { HUB } from '../../src/cloud/contract/example.ts';
import { claimAnswerSchema, claimRequestSchema, type ClaimAnswer } from '../../src/cloud/messages/claim.ts';
import { DAY_MS } from '../../src/core/time.ts';

/** Of the examples of the contract, and of nothing else. */
const KEY = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgBAdnzvm2GZmDae3Y
a2NwiUqq3J1rnhgCm0ABWGA7ClihRANCAASq3OxrgBqVjHAh1yxe4aKiS+pZIxo5
9QdOd0KZ+U0N3hFGrxjQ2xolf/FCRguwcv6FZTO1f/1hel8gcnUVUW+f
-----END PRIVATE KEY-----
`;
const NOW = Date.parse('2026-11-22T14:00:00Z');
const [GRANT, REFUSAL] = CLAIM_ANSWER_EXAMPLES.map(({ payload }) => claimAnswerSchema.parse(payload)) as [
  ClaimAnswer,
  ClaimAnswer,
];

const fresh = newRecord({ claimId: CLAIM_ID, privateKey: KEY, csr: CLAIM_CSR });
const waiting = withCode(fresh, NOW, () => CLAIM_CODE);

const next = (): string => 'NEXT';

function recordOf(taken: Taken): ClaimRecord {
  if (!('record' in taken)) throw new Error(JSON.stringify(taken));
  return taken.record;
}

describe('the proofs', () => {
  test('are those of the examples of the contract', () => {
    const [request] = CLAIM_REQUEST_EXAMPLES.map(({ payload }) => claimRequestSchema.parse(payload));
    expect(requestProof(CLAIM_CODE, CLAIM_ID, HUB, CLAIM_CSR)).toBe(request?.proof);
    expect([GRANT, REFUSAL].map((answer) => isProven(CLAIM_CODE, CLAIM_ID, answer))).toEqual([true, true]);
  });

  test('hold for nothing else', () => {
    const others: readonly (readonly [string, string, ClaimAnswer])[] = [
      [CLAIM_CODE.replace('7', '8'), CLAIM_ID, GRANT],
      [CLAIM_CODE, CLAIM_ID.replace('c', 'd'), GRANT],
      [CLAIM_CODE, CLAIM_ID, { ...GRANT, owner: 'a thief' }],
      [CLAIM_CODE, CLAIM_ID, { ...REFUSAL, refused: 'not_allowed' }],
      [CLAIM_CODE, CLAIM_ID, { ...GRANT, certificates: [CLAIM_CERTIFICATE, 'AAAA'] }],
      [CLAIM_CODE, CLAIM_ID, { ...GRANT, proof: 'short' }],
    ];
    for (const [code, claimId, answer] of others) expect(isProven(code, claimId, answer)).toBe(false);
  });
});

describe('the code', () => {
  test('has 100 bits that a person can read', () => {
    const codes = new Set(Array.from({ length: 200 }, () => newCode(randomInt)));
    expect(codes.size).toBe(200);
    for (const code of codes) expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{20}$/);
    expect(new Set([...codes].join('')).size).toBe(32);
    expect(codeInGroups(CLAIM_CODE)).toBe('7K4QD-9XM2P-A6HC0-TZVBN');
  });

  test('is in the QR with the hub and its key', () => {
    const text = qrText({ hubId: HUB, claimId: CLAIM_ID, code: CLAIM_CODE });
    const rows = encodeQR(text, 'raw', { border: 4, scale: 4 });
    const data = Uint8Array.from(rows.flat().flatMap((isDark) => [...Array(3).fill(isDark ? 0 : 255), 255]));
    expect(decodeQR({ width: rows.length, height: rows.length, data })).toBe(
      `lockhub-claim:1:${HUB}:${CLAIM_ID}:${CLAIM_CODE}`,
    );
  });

  test('is followed by another one after its life, or when the clock was set back by more than that', () => {
    for (const at of [NOW, NOW + CODE_LIFETIME_MS - 1, NOW - CODE_LIFETIME_MS + 1])
      expect(withCode(waiting, at, next)).toBe(waiting);
    for (const at of [NOW + CODE_LIFETIME_MS, NOW - CODE_LIFETIME_MS]) {
      expect(withCode(waiting, at, next)).toEqual({ ...waiting, code: { text: 'NEXT', made_at: at } });
    }
  });

  test('that was followed by another one claims nothing any more', () => {
    const later = withCode(waiting, NOW + CODE_LIFETIME_MS, next);
    expect(takeAnswer(later, HUB, GRANT, NOW)).toMatchObject({
      kind: 'ignored',
      reason: expect.stringMatching(/knows the code/),
    });
  });
});

describe('an answer', () => {
  test('that grants is kept with the certificate, and the code is over', () => {
    const taken = takeAnswer(waiting, HUB, GRANT, NOW);
    expect(taken.kind).toBe('claimed');
    const claimed = recordOf(taken);
    expect(claimed).toMatchObject({ code: null, csr: CLAIM_CSR, private_key: KEY });
    expect(claimed.certificate).toMatchObject({ owner: CLAIM_OWNER, claimed_at: NOW, from: NOW });
    expect(withCode(claimed, NOW + 10 * DAY_MS, next)).toBe(claimed);
    expect(takeAnswer(claimed, HUB, GRANT, NOW)).toEqual({ kind: 'same' });
    expect(takeAnswer(claimed, HUB, REFUSAL, NOW)).toEqual({ kind: 'same' });
  });

  test('that refuses ends the code, and the next one is another', () => {
    const taken = takeAnswer(waiting, HUB, REFUSAL, NOW);
    expect(taken).toMatchObject({ kind: 'refused', record: { refused: 'hub_id_taken', code: null } });
    const again = withCode(recordOf(taken), NOW, next);
    expect(again).toMatchObject({ code: { text: 'NEXT' }, csr: CLAIM_CSR, refused: 'hub_id_taken' });
    expect(takeAnswer(again, HUB, GRANT, NOW).kind).toBe('ignored');
  });

  test('with a certificate for another key or another name is not taken, whoever sent it', async () => {
    const { privateKey } = await makeIdentity(HUB);
    const otherKey = { ...waiting, private_key: privateKey };
    expect(takeAnswer(otherKey, HUB, GRANT, NOW)).toEqual({
      kind: 'ignored',
      reason: 'it is for another key',
    });
    expect(takeAnswer(waiting, 'hub-2', GRANT, NOW)).toEqual({
      kind: 'ignored',
      reason: 'its name is not the hub_id',
    });
    for (const chain of [['AAAA'], [CLAIM_CERTIFICATE, 'AAAA']])
      expect(checkedChain(chain, HUB, KEY)).toEqual({ ok: false, reason: 'it is no certificate' });
  });
});

describe('a certificate', () => {
  const claimed = recordOf(takeAnswer(waiting, HUB, GRANT, NOW));
  const { from, until } = claimed.certificate ?? { from: 0, until: 0 };

  test('is due for the next one when a third of its life is left', () => {
    const third = (until - from) / 3;
    expect([from, until - third].map((at) => isRenewalDue(claimed, at))).toEqual([false, false]);
    expect([until - third + 1, until, until + DAY_MS].map((at) => isRenewalDue(claimed, at))).toEqual(
      Array(3).fill(true),
    );
    expect(isRenewalDue(waiting, until)).toBe(false);
  });

  test('is followed only by one that ends later', () => {
    expect(takeRenewal(claimed, HUB, [CLAIM_CERTIFICATE])).toEqual({ kind: 'same' });
    const older = { ...claimed, certificate: { ...claimed.certificate, pem: 'old', until: until - 1 } };
    expect(takeRenewal(older as ClaimRecord, HUB, [CLAIM_CERTIFICATE])).toMatchObject({
      kind: 'renewed',
      record: { certificate: { pem: 'old' }, next: { pem: claimed.certificate?.pem, until } },
    });
    const newer = { ...claimed, certificate: { ...claimed.certificate, pem: 'new', until: until + 1 } };
    expect(takeRenewal(newer as ClaimRecord, HUB, [CLAIM_CERTIFICATE])).toMatchObject({ kind: 'ignored' });
    expect(takeRenewal(waiting, HUB, [CLAIM_CERTIFICATE])).toMatchObject({ kind: 'ignored' });
  });

  test('is given up for the next one only when a broker has let the hub in with that', () => {
    const older = {
      ...claimed,
      certificate: { ...claimed.certificate, pem: 'old', until: until - 1 },
    } as ClaimRecord;
    const renewed = recordOf(takeRenewal(older, HUB, [CLAIM_CERTIFICATE]));
    expect(takeRenewal(renewed, HUB, [CLAIM_CERTIFICATE])).toEqual({ kind: 'same' });
    expect(isRenewalDue(renewed, until)).toBe(false);
    expect(settledNext(renewed, true)).toEqual(claimed);
    expect(settledNext(renewed, false)).toEqual(older);
    expect(settledNext(claimed, false)).toBe(claimed);
  });
});

describe('the identity', () => {
  let identity: Identity;
  beforeAll(async () => {
    identity = await makeIdentity('Hub_7-x');
  });

  test('is another one for each hub, and its request says whose it is', async () => {
    const x509 = await import('@peculiar/x509');
    const request = new x509.Pkcs10CertificateRequest(Buffer.from(identity.csr, 'base64'));
    expect(await request.verify()).toBe(true);
    expect(request.subject).toBe('CN=Hub_7-x');
    expect(identity.claimId).toMatch(/^[0-9a-f]{32}$/);
    expect((await makeIdentity('Hub_7-x')).claimId).not.toBe(identity.claimId);
  });
});
