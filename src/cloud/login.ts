import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '../clock.ts';
import { textOf } from './failure.ts';

/** How the hub proves who it is, and whom it believes: keys of one part of the config file. */
export interface LoginFiles {
  /** The part, as failures name it; default `cloud`. */
  readonly section?: string;
  readonly username?: string | null;
  readonly passwordFile?: string | null;
  readonly caFile?: string | null;
  readonly certFile?: string | null;
  readonly keyFile?: string | null;
  /** The part that names certificate and key, where it is another one. */
  readonly pairSection?: string;
  /** A certificate and its key, as PEM, that are in no file; asked anew as files are read anew. */
  readonly pair?: () => { readonly cert: string; readonly key: string } | null;
}

/** What the MQTT library wants of it. */
export interface Login {
  username?: string;
  password?: string;
  ca?: string;
  cert?: string;
  key?: string;
}

export type ReadLogin =
  | { readonly ok: true; readonly login: Login }
  /** `reason` names the key and the file, never what is in it. */
  | { readonly ok: false; readonly reason: string };

/** Reads the files anew, so that a renewed certificate or a mended password counts at the next attempt. */
export async function readLogin(files: LoginFiles): Promise<ReadLogin> {
  const { section = 'cloud', pairSection = section } = files;
  const login: Login = {};
  if (files.username) login.username = files.username;
  const wanted = [
    ['password', `${section}.password_file`, files.passwordFile],
    ['ca', `${section}.ca_file`, files.caFile],
    ['cert', `${pairSection}.cert_file`, files.certFile],
    ['key', `${pairSection}.key_file`, files.keyFile],
  ] as const;
  for (const [field, key, file] of wanted) {
    if (!file) continue;
    const text = await contentOf(file);
    if (!text.ok) return { ok: false, reason: `${key}: cannot read ${file} (${text.code})` };
    // TLS would take a file without certificates for an empty list and then blame the broker.
    if (field === 'ca' && !text.value.includes('-----BEGIN CERTIFICATE-----')) {
      return { ok: false, reason: `${key}: no PEM certificate in ${file}` };
    }
    login[field] = field === 'password' ? text.value.replace(/\r?\n$/, '') : text.value;
  }
  Object.assign(login, files.pair?.());
  const problem = tlsProblem(login, section, pairSection);
  return problem === undefined ? { ok: true, login } : { ok: false, reason: problem };
}

/**
 * Looks at the files now and then. Resolves to true when they hold something else than `used` that can be used, and
 * did so twice in a row, since a certificate and its key are never replaced in one moment; to false when `signal`
 * aborts. Never rejects. `unusable` is told what is wrong with files that are to count and can't.
 */
export async function loginChanged(
  files: LoginFiles,
  used: Login | undefined,
  clock: Clock,
  lookMs: number,
  signal: AbortSignal,
  unusable: (reason: string) => void,
): Promise<boolean> {
  let last: ReadLogin | undefined;
  for (;;) {
    await clock.sleepFor(lookMs, signal);
    if (signal.aborted) return false;
    const read = await readLogin(files);
    if (signal.aborted) return false;
    if (isDeepStrictEqual(read, last)) {
      if (!read.ok && used !== undefined) unusable(read.reason);
      if (read.ok && !isDeepStrictEqual(read.login, used)) return true;
    }
    last = read;
  }
}

/** What is wrong with the certificates and the key, before a broker is asked; its text is without secrets. */
function tlsProblem({ ca, cert, key }: Login, section: string, pairSection: string): string | undefined {
  if (ca === undefined && cert === undefined) return undefined;
  try {
    createSecureContext({ ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) });
    return undefined;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ERR_OSSL_X509_KEY_VALUES_MISMATCH') {
      return `${pairSection}.key_file: not the key of the certificate in ${pairSection}.cert_file`;
    }
    const keys =
      cert === undefined ? `${section}.ca_file` : `${pairSection}.cert_file, ${pairSection}.key_file`;
    return `${keys}: ${textOf(error)}`;
  }
}

async function contentOf(
  file: string,
): Promise<{ readonly ok: true; readonly value: string } | { readonly ok: false; readonly code: string }> {
  try {
    return { ok: true, value: await readFile(file, 'utf8') };
  } catch (error) {
    return {
      ok: false,
      code: error instanceof Error && 'code' in error ? String(error.code) : 'unknown error',
    };
  }
}
