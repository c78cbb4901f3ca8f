import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { CREDENTIALS_FOLDER, credentialName } from '../config-path.ts';
import { syncPath } from './disk.ts';
import { BackupError } from './errors.ts';
import type { KeptConfig } from './kept-config.ts';

/**
 * Puts the config of a backup where there is none, and the files that it names where they are missing: credentials go to
 * the folder `credentials` beside the config. Nothing is written over. Answers what was put, for a person.
 */
export function putConfig(configFile: string, { config, files }: KeptConfig): readonly string[] {
  const folder = path.dirname(path.resolve(configFile));
  const put: string[] = [];
  for (const { named, base64 } of files) {
    const credential = credentialName(named);
    const file = path.resolve(
      folder,
      credential === undefined ? named : path.join(CREDENTIALS_FOLDER, credential),
    );
    if (existsSync(file)) continue;
    putFile(file, Buffer.from(base64, 'base64'));
    put.push(`Put ${file}.`);
  }
  // The config last: as long as it is not there, all of this can be done again.
  putFile(configFile, Buffer.from(config));
  return [...put, `Put ${configFile}; its ports may be other ones on this machine.`];
}

function putFile(file: string, bytes: Buffer): void {
  try {
    mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(file, bytes, { mode: 0o600, flag: 'wx' });
    syncPath(file);
    syncPath(path.dirname(file));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new BackupError('in_the_way', `${file} can't be put there: ${reason}`, { cause: error });
  }
}
