import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { SECOND_MS } from './core/time.ts';
import { memoryPlace } from './memory-place.ts';

/** What systemd calls the folder of them (`LoadCredentialEncrypted=sealed:FOLDER`); each is bound to its name with it. */
const PREFIX = 'sealed_';
/** A TPM takes a second or two. */
const TIMEOUT_MS = 30 * SECOND_MS;
const PROGRAM = 'systemd-creds';

/** Where they were put in the clear, in memory, until this process ends. */
let opened: string | null = null;

/**
 * A secret as only this machine opens it (by its TPM, or by a key of root's where it has none): what systemd takes as an
 * encrypted credential. `null`: there is no systemd-creds here, or it does not work. Needs root.
 */
export function sealCredential(name: string, secret: string): Buffer | null {
  try {
    return execFileSync(PROGRAM, ['encrypt', `--name=${PREFIX}${name}`, '-', '-'], {
      input: secret,
      timeout: TIMEOUT_MS,
      stdio: ['pipe', 'pipe', 'ignore'],
    });
  } catch {
    return null;
  }
}

/**
 * The file with an encrypted credential in the clear, in a folder in memory that goes with this process: for commands of
 * root, which systemd hands nothing. `null`: it does not open, or there is nowhere to put it.
 */
export function openCredential(folder: string, name: string): string | null {
  const sealed = path.join(folder, name);
  const place = memoryPlace();
  if (!existsSync(sealed) || place === null) return null;
  try {
    const secret = execFileSync(PROGRAM, ['decrypt', `--name=${PREFIX}${name}`, '-', '-'], {
      input: readFileSync(sealed),
      timeout: TIMEOUT_MS,
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    const file = path.join((opened ??= openedFolder(place)), name);
    writeFileSync(file, secret, { mode: 0o600 });
    return file;
  } catch {
    return null;
  }
}

/** It is an encrypted credential in the clear: who changes it here changes nothing. */
export function isOpenedCredential(file: string): boolean {
  return opened !== null && path.dirname(file) === opened;
}

function openedFolder(place: string): string {
  const folder = mkdtempSync(path.join(place, 'lockhub-credentials-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
