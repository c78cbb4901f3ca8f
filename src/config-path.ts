import { existsSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { openCredential } from './sealed-credentials.ts';

export const FILE = 'the path of a file';
const CREDENTIAL = 'credential:NAME with the name of a file in it, without a folder';
const CREDENTIAL_PREFIX = 'credential:';
/** Beside the config file, for commands that systemd does not start. Only root can read what is in it. */
export const CREDENTIALS_FOLDER = 'credentials';
/** Beside it: those that are encrypted to this machine (systemd-creds). */
export const SEALED_CREDENTIALS_FOLDER = 'credentials.encrypted';

/** A key that names a file: by its path, or as a credential that systemd hands over. */
export const filePath = z
  .string({ error: FILE })
  .min(1, { error: FILE })
  .refine((text) => isFileName(credentialName(text) ?? 'a path'), { error: CREDENTIAL });

function isFileName(text: string): boolean {
  return !['', '.', '..'].includes(text) && !text.includes('/');
}

/** The name after `credential:`, which stands for a file that systemd hands over; `undefined` for a path. */
export function credentialName(text: string): string | undefined {
  return text.startsWith(CREDENTIAL_PREFIX) ? text.slice(CREDENTIAL_PREFIX.length) : undefined;
}

/** Where the files are that a config names. */
export class Paths {
  readonly mistakes: string[] = [];
  /** Those of all keys but `key_file`: the text behind the key, and where the file is. */
  readonly named: { readonly named: string; readonly path: string }[] = [];
  readonly #folder: string;
  readonly #credentials: string | undefined;

  constructor(folder: string, credentials: string | undefined) {
    this.#folder = folder;
    this.#credentials = credentials;
  }

  at(name: string): string {
    return path.resolve(this.#folder, name);
  }

  /** The file of the key `where`, which may be a credential that systemd hands over (`LoadCredential=`). */
  file(where: string, name: string | undefined): string | null {
    if (name === undefined) return null;
    const found = this.#find(name);
    if (found === null) {
      this.mistakes.push(
        `${where}: expected a program started with credentials (LoadCredential= of its systemd unit), found no CREDENTIALS_DIRECTORY in the environment`,
      );
    } else if (where !== 'key_file') {
      this.named.push({ named: name, path: found });
    }
    return found;
  }

  /** `null`: a credential, and there are none. */
  #find(name: string): string | null {
    const credential = credentialName(name);
    if (credential === undefined) return this.at(name);
    if (this.#credentials) return handedOver(this.#credentials, credential);
    const sealed = openCredential(this.at(SEALED_CREDENTIALS_FOLDER), credential);
    if (sealed !== null) return sealed;
    const beside = this.at(CREDENTIALS_FOLDER);
    return existsSync(beside) ? path.join(beside, credential) : null;
  }
}

/**
 * Systemd puts the name of a folder of credentials (`LoadCredential=lockhub:FOLDER`, `LoadCredentialEncrypted=sealed:FOLDER`)
 * before those of its files.
 */
function handedOver(folder: string, credential: string): string {
  const ofFolders = [`sealed_${credential}`, `lockhub_${credential}`].map((name) => path.join(folder, name));
  return ofFolders.find((file) => existsSync(file)) ?? path.join(folder, credential);
}
