import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Config } from '../config.ts';
import { ownVersion } from '../version.ts';
import { isPublicKey } from './minisign.ts';
import { debianArch, type Present } from './release.ts';

/** Public keys that came with this version (`scripts/build-deb --update-key`), a line each. */
const OWN_KEYS = fileURLToPath(new URL('../../update-keys', import.meta.url));

/** This program, and whose signatures it trusts: its own keys, and those of the config. */
export function presentOf({ updateKeys }: Pick<Config, 'updateKeys'>): Present {
  const own = existsSync(OWN_KEYS) ? readFileSync(OWN_KEYS, 'utf8').split('\n').filter(isPublicKey) : [];
  return { version: ownVersion(), arch: debianArch(process.arch), publicKeys: [...own, ...updateKeys] };
}
