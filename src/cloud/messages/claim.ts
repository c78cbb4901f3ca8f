import { z } from 'zod';
import { MAJOR_VERSION } from './payload.ts';

// How a hub that nobody owns yet comes to a certificate of its own. These topics are beside those of the hubs, so that a
// broker can let the certificate of a fleet's cards do this and nothing else.

/** Length of one part of a chain as base64, a chain's parts, and the words for people. */
const CERTIFICATE_CHARS_MAX = 16_384;
const CHAIN_MAX = 5;
const OWNER_CHARS_MAX = 200;

const version = z.literal(MAJOR_VERSION).describe('Major version of the contract.');

const CLAIM_ROOT = 'lockhub/claim/v1';

/** The topics of one hub that is to be claimed. */
export function claimTopicsOf(claimId: string): { readonly request: string; readonly answer: string } {
  return { request: `${CLAIM_ROOT}/${claimId}/request`, answer: `${CLAIM_ROOT}/${claimId}/answer` };
}

/** What the proof of a request is made of: HMAC-SHA-256 of this text, keyed by the claim code. */
export function requestText(claimId: string, hubId: string, csr: string): string {
  return `lockhub claim 1 request ${claimId} ${hubId} ${csr}`;
}

/** What the proof of an answer is made of, in the same way. */
export function answerText(claimId: string, answer: ClaimOutcome): string {
  return 'certificates' in answer
    ? `lockhub claim 1 certificates ${claimId} ${answer.certificates.join(',')} ${answer.owner}`
    : `lockhub claim 1 refused ${claimId} ${answer.refused}`;
}

const base64 = z
  .string()
  .regex(/^[A-Za-z0-9+/]+={0,2}$/)
  .max(CERTIFICATE_CHARS_MAX);

const csr = base64.describe(
  'PKCS#10, DER as base64: the public key of the hub (EC P-256) and, as its common name, the `hub_id`; signed by that key.',
);

const certificates = z
  .array(base64)
  .min(1)
  .max(CHAIN_MAX)
  .describe(
    'X.509, each DER as base64: the certificate of this hub, with its `hub_id` as common name, and the authorities between it and one that the broker knows.',
  );

const proof = z
  .string()
  .regex(/^[A-Za-z0-9_-]{43}$/)
  .describe('HMAC-SHA-256 keyed by the claim code, as base64url without padding.');

/** Why a hub can't be claimed although the code is right. */
const refused = z
  .enum(['hub_id_taken', 'not_allowed'])
  .describe(
    '`hub_id_taken`: another hub has this `hub_id`. `not_allowed`: the cloud does not want this hub.',
  );

const owner = z.string().min(1).max(OWNER_CHARS_MAX).describe('Who claimed the hub, in words for people.');

/** `claim/{claim_id}/request`: a hub that is not claimed asks for a certificate. */
export const claimRequestSchema = z.object({
  v: version,
  hub_id: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,64}$/)
    .describe('As its config file says; also the common name in `csr`.'),
  version: z.string().describe('Of the program on the hub.'),
  csr,
  proof,
});

export const claimGrantSchema = z.object({ certificates, owner, proof });
export const claimRefusalSchema = z.object({ refused, proof });

/** `claim/{claim_id}/answer`: the cloud knows the code. */
export const claimAnswerSchema = z.union([claimGrantSchema, claimRefusalSchema]);

/** `up/certificate_request`: the certificate of a hub is near its end. */
export const certificateRequestSchema = z.object({ v: version, csr });

/** `down/certificate`: another one for the same key. */
export const certificateSchema = z.object({ certificates });

export type ClaimRequest = z.infer<typeof claimRequestSchema>;
export type ClaimAnswer = z.infer<typeof claimAnswerSchema>;

/** An answer without its proof. */
export type ClaimOutcome =
  | { readonly certificates: readonly string[]; readonly owner: string }
  | { readonly refused: z.infer<typeof refused> };
