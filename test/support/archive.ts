import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** The files of a `.tar.gz`, unpacked by the system's own tar. */
export function unpacked(archive: Buffer): Readonly<Record<string, string>> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'lockhub-archive-'));
  try {
    execFileSync('tar', ['-xzf', '-', '-C', folder], { input: archive });
    const names = readdirSync(folder);
    const exposed = names.filter((name) => (statSync(path.join(folder, name)).mode & 0o077) !== 0);
    if (exposed.length > 0) throw new Error(`others may read ${exposed.join(', ')}`);
    return Object.fromEntries(names.map((name) => [name, readFileSync(path.join(folder, name), 'utf8')]));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
