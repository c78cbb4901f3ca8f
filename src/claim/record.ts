import { z } from 'zod';
import type { ClaimAnswer } from '../cloud/messages/claim.ts';
import { DAY_MS, type Instant } from '../core/time.ts';
import { checkedChain, type Identity } from './identity.ts';
import { isProven } from './proof.ts';

/** A code that nobody used for so long is followed by another one, so that an old photograph of it is of no use. */
export const CODE_LIFETIME_MS = DAY_MS;
/** A certificate is renewed when less of its life than this is left. */
const RENEWED_WHEN_LEFT = 1 / 3;

const chainRecord = z.object({ pem: z.string(), from: z.number(), until: z.number() });

const certificateRecord = chainRecord.extend({
  owner: z.string(),
  claimed_at: z.number(),
});

/** All that a hub has to remember, in one row, so that a power cut leaves what was or what is. */
export const claimRecordSchema = z.object({
  claim_id: z.string(),
  private_key: z.string(),
  csr: z.string(),
  /** `null` when it is claimed. */
  code: z.object({ text: z.string(), made_at: z.number() }).nullable(),
  /** The cloud's last word against it. */
  refused: z.string().nullable(),
  certificate: certificateRecord.nullable(),
  /** A renewed one, until a broker has let the hub in with it or not. */
  next: chainRecord.nullable(),
});

export type ClaimRecord = z.infer<typeof claimRecordSchema>;

/** A hub that nobody has claimed. */
export function newRecord({ claimId, privateKey, csr }: Identity): ClaimRecord {
  const nothing = { code: null, refused: null, certificate: null, next: null };
  return { claim_id: claimId, private_key: privateKey, csr, ...nothing };
}

/** The same record while its code is good, else one with the next code. The key stays, and with it the request. */
export function withCode(record: ClaimRecord, now: Instant, draw: () => string): ClaimRecord {
  if (record.certificate !== null) return record;
  // A clock that was set back says nothing about the age of a code.
  if (record.code !== null && Math.abs(now - record.code.made_at) < CODE_LIFETIME_MS) return record;
  return { ...record, code: { text: draw(), made_at: now } };
}

export type Taken =
  | { readonly kind: 'claimed' | 'refused' | 'renewed'; readonly record: ClaimRecord }
  /** Already so. */
  | { readonly kind: 'same' }
  /** Nothing changes; `reason` has no secret in it. */
  | { readonly kind: 'ignored'; readonly reason: string };

/** Takes an answer to the request. Only who knows the code can claim or refuse. */
export function takeAnswer(record: ClaimRecord, hubId: string, answer: ClaimAnswer, now: Instant): Taken {
  const { code, claim_id: claimId } = record;
  if (record.certificate !== null) return { kind: 'same' };
  if (code === null || !isProven(code.text, claimId, answer))
    return ignored('it is not from somebody who knows the code that is shown now');
  if ('refused' in answer)
    return { kind: 'refused', record: { ...record, code: null, refused: answer.refused } };
  const chain = checkedChain(answer.certificates, hubId, record.private_key);
  if (!chain.ok) return ignored(chain.reason);
  const { pem, from, until } = chain;
  const certificate = { pem, from, until, owner: answer.owner, claimed_at: now };
  return { kind: 'claimed', record: { ...record, code: null, refused: null, certificate } };
}

/** Takes a renewed certificate, which comes over the connection that the old one opened. */
export function takeRenewal(record: ClaimRecord, hubId: string, certificates: readonly string[]): Taken {
  const { certificate, next } = record;
  if (certificate === null) return ignored('this hub has none that it could follow');
  const chain = checkedChain(certificates, hubId, record.private_key);
  if (!chain.ok) return ignored(chain.reason);
  const { pem, from, until } = chain;
  if (pem === certificate.pem || pem === next?.pem) return { kind: 'same' };
  if (until <= certificate.until) return ignored('it ends no later than the one that this hub has');
  return { kind: 'renewed', record: { ...record, next: { pem, from, until } } };
}

/** A broker let the hub in with its renewed certificate, or refused it; then the one before is good for longer. */
export function settledNext(record: ClaimRecord, isLetIn: boolean): ClaimRecord {
  const { certificate, next } = record;
  if (certificate === null || next === null) return record;
  return { ...record, next: null, certificate: isLetIn ? { ...certificate, ...next } : certificate };
}

/** Whether it is time to ask for the next certificate. */
export function isRenewalDue({ certificate, next }: ClaimRecord, now: Instant): boolean {
  if (certificate === null || next !== null) return false;
  const { from, until } = certificate;
  return until - now < (until - from) * RENEWED_WHEN_LEFT;
}

function ignored(reason: string): Taken {
  return { kind: 'ignored', reason };
}
