import { createHash, createPrivateKey, createPublicKey, X509Certificate, type KeyObject } from 'node:crypto';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
/** 128 bits: no two keys share an id, and nobody guesses one. */
const CLAIM_ID_HEX_DIGITS = 32;

/** The key of a hub, and what it asks a certificate for. */
export interface Identity {
  /** First half of the SHA-256 of the public key (SubjectPublicKeyInfo, DER), as hex. */
  readonly claimId: string;
  /** PKCS#8, PEM. */
  readonly privateKey: string;
  /** PKCS#10, DER as base64. */
  readonly csr: string;
}

/** Makes a key of EC P-256 on the hub and signs a request with it. */
export async function makeIdentity(hubId: string): Promise<Identity> {
  // Needed once in the life of a hub, and large.
  const { Pkcs10CertificateRequestGenerator } = await import('@peculiar/x509');
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const request = await Pkcs10CertificateRequestGenerator.create({
    name: [{ CN: [hubId] }],
    keys,
    signingAlgorithm: ALGORITHM,
  });
  const der = Buffer.from(await crypto.subtle.exportKey('pkcs8', keys.privateKey));
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  return {
    claimId: claimIdOf(createPublicKey(key)),
    privateKey: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
    csr: Buffer.from(request.rawData).toString('base64'),
  };
}

function claimIdOf(publicKey: KeyObject): string {
  const der = publicKey.export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(der).digest('hex').slice(0, CLAIM_ID_HEX_DIGITS);
}

export type CheckedChain =
  /** `pem` is the whole chain; the instants are milliseconds since 1970. */
  | { readonly ok: true; readonly pem: string; readonly from: number; readonly until: number }
  | { readonly ok: false; readonly reason: string };

/** Whether these certificates (DER as base64) can be this hub's. Who believes them, the broker says. */
export function checkedChain(
  certificates: readonly string[],
  hubId: string,
  privateKey: string,
): CheckedChain {
  const chain = certificates.map(parsed);
  const [own] = chain;
  if (own === undefined || chain.includes(undefined)) return wrong('it is no certificate');
  if (!own.checkPrivateKey(createPrivateKey(privateKey))) return wrong('it is for another key');
  if (!own.subject.split('\n').includes(`CN=${hubId}`)) return wrong('its name is not the hub_id');
  const pem = chain.map(String).join('');
  return { ok: true, pem, from: Date.parse(own.validFrom), until: Date.parse(own.validTo) };
}

function parsed(base64: string): X509Certificate | undefined {
  try {
    return new X509Certificate(Buffer.from(base64, 'base64'));
  } catch {
    return undefined;
  }
}

function wrong(reason: string): CheckedChain {
  return { ok: false, reason };
}
