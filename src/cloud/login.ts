import { readFile } from 'node:fs/promises';

/** How the hub proves who it is, and whom it believes: the keys `cloud.*` of the config file. */
export interface LoginFiles {
  readonly username?: string | null;
  readonly passwordFile?: string | null;
  readonly caFile?: string | null;
  readonly certFile?: string | null;
  readonly keyFile?: string | null;
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
  const login: Login = {};
  if (files.username) login.username = files.username;
  const wanted = [
    ['password', 'password_file', files.passwordFile],
    ['ca', 'ca_file', files.caFile],
    ['cert', 'cert_file', files.certFile],
    ['key', 'key_file', files.keyFile],
  ] as const;
  for (const [field, key, file] of wanted) {
    if (!file) continue;
    const text = await textOf(file);
    if (!text.ok) return { ok: false, reason: `cloud.${key}: cannot read ${file} (${text.code})` };
    // TLS would take a file without certificates for an empty list and then blame the broker.
    if (field === 'ca' && !text.value.includes('-----BEGIN CERTIFICATE-----')) {
      return { ok: false, reason: `cloud.${key}: no PEM certificate in ${file}` };
    }
    login[field] = field === 'password' ? text.value.replace(/\r?\n$/, '') : text.value;
  }
  return { ok: true, login };
}

async function textOf(
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
