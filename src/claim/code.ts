/** Crockford's base 32: no letter that is taken for a digit, and no U. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
/** 100 bits: who reads a proof can try codes on it as fast as a machine can, and must find nothing in its lifetime. */
const CODE_CHARS = 20;
const GROUP_CHARS = 5;

/** A new claim code, 20 characters. `draw` is cryptographic and uniform in [0, below). */
export function newCode(draw: (below: number) => number): string {
  return Array.from({ length: CODE_CHARS }, () => ALPHABET[draw(ALPHABET.length)]).join('');
}

/** A code in groups, as a person reads it. */
export function codeInGroups(code: string): string {
  return (code.match(new RegExp(`.{${GROUP_CHARS}}`, 'g')) ?? []).join('-');
}

/** What the QR holds: all that a cloud needs to find the request and to check it. */
export function qrText({ hubId, claimId, code }: { hubId: string; claimId: string; code: string }): string {
  return `lockhub-claim:1:${hubId}:${claimId}:${code}`;
}
