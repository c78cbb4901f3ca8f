import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import os from 'node:os';
import { z } from 'zod';
import type { Secrets } from '../../store/store.ts';

/** Name of the hub's own certificate and its key among the hub's secrets. */
const SECRET = 'http_certificate';
/** A hub may not know the time when it makes its certificate, so its dates are far from any that it could be. */
const VALID_FROM = new Date('2020-01-01T00:00:00Z');
const VALID_UNTIL = new Date('2049-12-31T00:00:00Z');

const pemPair = z.object({ cert: z.string(), key: z.string() });

/** A certificate with its key, as PEM, and how a person recognises it. */
export interface Certificate extends z.infer<typeof pemPair> {
  /** SHA-256, as browsers show it. */
  readonly fingerprint: string;
}

/** The hub's own, self-signed; made the first time and kept, so that a browser's exception for it goes on to hold. */
export async function ownCertificate(secrets: Secrets, hubId: string): Promise<Certificate> {
  const stored = secrets.get(SECRET);
  if (stored !== undefined) return withFingerprint(pemPair.parse(JSON.parse(stored)));
  // Needed once in the life of a hub, and large.
  const { generate } = await import('selfsigned');
  const made = await generate([{ name: 'commonName', value: hubId }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    notBeforeDate: VALID_FROM,
    notAfterDate: VALID_UNTIL,
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      { name: 'subjectAltName', altNames: ownNames().map(altName) },
    ],
  });
  const pair = { cert: made.cert, key: made.private };
  secrets.set(SECRET, JSON.stringify(pair));
  return withFingerprint(pair);
}

/** One that the config names. Throws what the system says of a file, or when it is none. */
export function certificateOfFiles(files: {
  readonly certFile: string;
  readonly keyFile: string;
}): Certificate {
  return withFingerprint({
    cert: readFileSync(files.certFile, 'utf8'),
    key: readFileSync(files.keyFile, 'utf8'),
  });
}

function withFingerprint(pair: z.infer<typeof pemPair>): Certificate {
  return { ...pair, fingerprint: new X509Certificate(pair.cert).fingerprint256 };
}

function ownNames(): readonly string[] {
  return ['localhost', os.hostname(), `${os.hostname()}.local`, '127.0.0.1', '::1'];
}

function altName(name: string) {
  return isIP(name) === 0 ? { type: 2 as const, value: name } : { type: 7 as const, ip: name };
}
