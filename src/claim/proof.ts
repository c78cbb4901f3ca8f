import { createHmac, timingSafeEqual } from 'node:crypto';
import { answerText, requestText, type ClaimAnswer } from '../cloud/messages/claim.ts';

/** Shows that the sender of a request knows the code, without telling it. */
export function requestProof(code: string, claimId: string, hubId: string, csr: string): string {
  return hmac(code, requestText(claimId, hubId, csr));
}

/** Whether an answer comes from somebody who was told the code. */
export function isProven(code: string, claimId: string, answer: ClaimAnswer): boolean {
  const [given, wanted] = [Buffer.from(answer.proof), Buffer.from(hmac(code, answerText(claimId, answer)))];
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

function hmac(code: string, text: string): string {
  return createHmac('sha256', code).update(text).digest('base64url');
}
