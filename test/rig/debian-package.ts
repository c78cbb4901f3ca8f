import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const CACHE = path.join(
  process.env['XDG_CACHE_HOME'] ?? path.join(os.homedir(), '.cache'),
  'lockhub',
  'packages',
);
/** Packages of other states of the sources, which nobody asks for again. */
const KEPT_MS = 24 * 3_600_000;
const OUTPUT_BYTES_MAX = 64 * 1024 * 1024;

export type Arch = 'amd64' | 'arm64';

const execute = promisify(execFile);

/** Runs a program to its end and answers what it printed; rejects with all that it said. */
export async function output(
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<string> {
  const options = { cwd: ROOT, env: { ...process.env, ...env }, maxBuffer: OUTPUT_BYTES_MAX };
  return (await execute(command, args, options)).stdout;
}

/** The package of the sources as they are now, which is built once for each state of them. Answers the folder and the file. */
export async function builtPackage(arch: Arch): Promise<{ readonly folder: string; readonly file: string }> {
  const folder = path.join(CACHE, await treeOfSources());
  mkdirSync(folder, { recursive: true });
  forgetOld();
  // Another test file may ask for the same one meanwhile.
  const build = 'ls "$1"/*_"$2".deb >/dev/null 2>&1 || scripts/build-deb --quick --arch "$2" --out "$1"';
  await output('flock', [path.join(folder, 'lock'), 'sh', '-c', build, 'sh', folder, arch]);
  const file = readdirSync(folder).find((name) => name.endsWith(`_${arch}.deb`));
  if (file === undefined) throw new Error(`scripts/build-deb left no package in ${folder}`);
  return { folder, file };
}

/** Git's name for the content of the folder, with what is not committed. */
async function treeOfSources(): Promise<string> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'lockhub-index-'));
  const env = { GIT_INDEX_FILE: path.join(folder, 'index') };
  try {
    await output('git', ['add', '--all'], env);
    return (await output('git', ['write-tree'], env)).trim();
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function forgetOld(): void {
  for (const name of readdirSync(CACHE)) {
    const folder = path.join(CACHE, name);
    if (Date.now() - statSync(folder).mtimeMs > KEPT_MS) rmSync(folder, { recursive: true });
  }
}

/** The same package with another version: everything that names the version is changed, and it is packed without compression. */
export async function repackedAs(
  version: string,
  built: { folder: string; file: string },
  out: string,
): Promise<string> {
  const file = `lockhub_${version}_repacked.deb`;
  const script = `
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    dpkg-deb -R "$1" "$work/deb"
    cd "$work/deb"
    old=$(sed -n 's/^Version: //p' DEBIAN/control)
    mv "opt/lockhub/versions/$old" "opt/lockhub/versions/$2"
    sed -i "s/^Version: .*/Version: $2/" DEBIAN/control
    sed -i "s/^version='.*'/version='$2'/" DEBIAN/postinst
    sed -i "s/\\"version\\": .*/\\"version\\": \\"$2\\",/" "opt/lockhub/versions/$2/package.json"
    sed -i "s,versions/$old/,versions/$2/," DEBIAN/md5sums
    sed -i '\\,/package.json$,d' DEBIAN/md5sums
    dpkg-deb -Znone --build . "$3" >/dev/null`;
  await output('sh', [
    '-euc',
    script,
    'sh',
    path.join(built.folder, built.file),
    version,
    path.join(out, file),
  ]);
  return file;
}
