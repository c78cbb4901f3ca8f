import path from 'node:path';
import { credentialName } from './config-path.ts';

/** Where the files are that a config names. */
export class Paths {
  readonly mistakes: string[] = [];
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
    if (found !== null) {
      if (where !== 'key_file') this.named.push({ named: name, path: found });
      return found;
    }
    this.mistakes.push(
      `${where}: expected a program started with credentials (LoadCredential= of its systemd unit), found no CREDENTIALS_DIRECTORY in the environment`,
    );
    return null;
  }

  /** `null`: a credential, and there are none. */
  #find(name: string): string | null {
    const credential = credentialName(name);
    if (credential === undefined) return this.at(name);
    return this.#credentials ? path.resolve(this.#credentials, credential) : null;
  }
}
