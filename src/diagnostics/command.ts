import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Config } from '../config.ts';
import { settingsOf } from '../config-shown.ts';
import { SECOND_MS } from '../core/time.ts';
import { checkUpOf } from '../doctor/check-up.ts';
import { newestLines, tarOf, type TarFile } from '../http/page/tar-file.ts';
import { shapeOf } from '../store/shape.ts';
import { ownVersion } from '../version.ts';

const run = promisify(execFile);
const JOURNAL_LINES = 5000;
const JOURNAL_WITHIN_MS = 10 * SECOND_MS;
const JOURNAL_BYTES_MAX = 32 * 1024 * 1024;

/**
 * `lockhub diagnostics`: one file for whoever helps, also of a hub that does not start. No PIN, name or secret is in it. The
 * page of a hub that runs has one that says more. Answers the line to print.
 */
export async function writeDiagnostics(
  config: Config,
  { config: configFile, to }: { readonly config: string; readonly to?: string },
): Promise<readonly string[]> {
  const at = Date.now();
  const name = `lockhub-${config.hubId}-${new Date(at).toISOString().replaceAll(/[:.]/g, '-')}.tar.gz`;
  const file = path.resolve(to ?? name);
  const [checkUp, journal] = await Promise.all([checkUpOf(configFile), journalLines()]);
  const { node, v8, openssl } = process.versions;
  const versions = {
    lockhub: ownVersion(),
    node,
    v8,
    openssl,
    platform: process.platform,
    arch: process.arch,
  };
  const bundle: readonly TarFile[] = [
    jsonFile('versions', versions),
    jsonFile('config', settingsOf(config)),
    jsonFile('doctor', checkUp),
    jsonFile('database', shapeOf(path.join(config.dataDir, 'lockhub.db'))),
    { name: 'log.jsonl', text: newestLines(journal) },
  ];
  writeFileSync(file, await tarOf(bundle, at), { mode: 0o600, flag: 'wx' });
  return [file];
}

function jsonFile(name: string, value: unknown): TarFile {
  return { name: `${name}.json`, text: `${JSON.stringify(value, null, 2)}\n` };
}

/** The newest lines of the hub's own journal; none where there is no such thing, or it may not be read. */
async function journalLines(): Promise<readonly string[]> {
  try {
    const { stdout } = await run(
      'journalctl',
      ['--namespace=lockhub', '--output=cat', '--no-pager', `--lines=${JOURNAL_LINES}`],
      { timeout: JOURNAL_WITHIN_MS, maxBuffer: JOURNAL_BYTES_MAX },
    );
    return stdout.split('\n').filter((line) => line !== '');
  } catch {
    return [];
  }
}
