import { createHash, createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import * as x509 from '@peculiar/x509';
import { FileError } from './file-error.ts';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const YEAR_MS = 365 * 24 * 3_600_000;
/** Long enough for a hub that spends a season without internet, short enough that keys are not for ever. */
const LIFETIME_MS = 2 * YEAR_MS;
/** A broker refuses every client when its list has ended, so it lasts long; each start of the cloud makes it anew. */
const LIST_LIFETIME_MS = YEAR_MS;
/** The broker's clock may be behind this one. */
const BACKDATED_MS = 3_600_000;
const CLAIM_ID_HEX_DIGITS = 32;

/** What a hub asks a certificate for. */
export interface Requested {
  readonly hubId: string;
  readonly claimId: string;
  /** Whether who asks has the key. */
  readonly isSigned: () => Promise<boolean>;
  readonly publicKey: x509.PublicKey;
}

/** Reads a request (DER as base64); `undefined`: it is none. */
export function readRequest(csr: string): Requested | undefined {
  try {
    const request = new x509.Pkcs10CertificateRequest(Buffer.from(csr, 'base64'));
    const { publicKey } = request;
    const [hubId = ''] = request.subjectName.getField('CN');
    const digest = createHash('sha256').update(Buffer.from(publicKey.rawData)).digest('hex');
    return {
      hubId,
      claimId: digest.slice(0, CLAIM_ID_HEX_DIGITS),
      isSigned: () => request.verify().catch(() => false),
      publicKey,
    };
  } catch {
    return undefined;
  }
}

/** An authority that the broker believes. */
export interface Issuer {
  /** A certificate for a client of this name; DER as base64. */
  issue(request: Requested): Promise<readonly string[]>;
  /** The list of certificates (by serial number, hex) that a broker is to believe no more; PEM. */
  revocationList(revoked: readonly Revoked[]): Promise<string>;
}

/** A certificate that counts no more. */
interface Revoked {
  readonly serial: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** The authority in these PEM files, whose key is of EC P-256. Rejects with a `FileError`. */
export async function openIssuer(
  certFile: string,
  keyFile: string,
  lifetimeMs: number = LIFETIME_MS,
): Promise<Issuer> {
  const { authority, signingKey } = await readAuthority(certFile, keyFile).catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error);
    throw new FileError(`${certFile}, ${keyFile}: no authority of EC P-256 (${reason})`, { cause: error });
  });
  return {
    issue: async ({ hubId, publicKey }) => {
      const now = Date.now();
      const made = await x509.X509CertificateGenerator.create({
        subject: [{ CN: [hubId] }],
        issuer: authority.subjectName,
        notBefore: new Date(now - BACKDATED_MS),
        notAfter: new Date(now + lifetimeMs),
        publicKey,
        signingKey,
        signingAlgorithm: ALGORITHM,
        extensions: [
          new x509.BasicConstraintsExtension(false, undefined, true),
          new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
          new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth]),
          await x509.AuthorityKeyIdentifierExtension.create(authority.publicKey),
        ],
      });
      return [Buffer.from(made.rawData).toString('base64')];
    },
    revocationList: async (revoked) => {
      const now = Date.now();
      const list = await x509.X509CrlGenerator.create({
        issuer: authority.subjectName,
        thisUpdate: new Date(now - BACKDATED_MS),
        nextUpdate: new Date(now + LIST_LIFETIME_MS),
        entries: revoked.map(({ serial, at }) => ({
          // An INTEGER of DER that begins with a set bit would be negative.
          serialNumber: serial.replace(/^[89a-f]/i, '00$&'),
          revocationDate: new Date(at),
        })),
        signingAlgorithm: ALGORITHM,
        signingKey,
      });
      // The library names it otherwise than OpenSSL, and with it every broker, reads it (RFC 7468, section 6).
      return x509.PemConverter.encode(list.rawData, 'X509 CRL');
    },
  };
}

async function readAuthority(certFile: string, keyFile: string) {
  const authority = new x509.X509Certificate(readFileSync(certFile, 'utf8'));
  const der = createPrivateKey(readFileSync(keyFile)).export({ type: 'pkcs8', format: 'der' });
  const signingKey = await crypto.subtle.importKey('pkcs8', der, ALGORITHM, false, ['sign']);
  return { authority, signingKey };
}
