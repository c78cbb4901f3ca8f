import type { ClaimView } from '../core/claim-view.ts';
import { codeInGroups, qrText } from './code.ts';
import { CODE_LIFETIME_MS, type ClaimRecord } from './record.ts';

/** What people are shown; `null` while there is no code yet, which takes a moment at the first start. */
export function claimViewOf(record: ClaimRecord, hubId: string, isAsked: boolean): ClaimView | null {
  const { claim_id: claimId, certificate, code, refused } = record;
  if (certificate !== null) {
    const { owner, claimed_at: claimedAt, until: certificateEndsAt } = certificate;
    return { state: 'claimed', owner, claimedAt, certificateEndsAt };
  }
  if (code === null) return null;
  return {
    state: 'unclaimed',
    isAsked,
    refused,
    code: codeInGroups(code.text),
    codeEndsAt: code.made_at + CODE_LIFETIME_MS,
    qrText: qrText({ hubId, claimId, code: code.text }),
  };
}
