import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { loadConfig } from '../../src/config.ts';
import { parseCardConfig } from '../../src/provision/card-config.ts';
import { importCard } from '../../src/provision/import.ts';
import { checkDisk } from '../../src/provision/flash/target.ts';
import { makePackage, makePiImage, PI_FILES, readBoot } from '../support/pi-image.ts';

const FLASH = new URL('../../scripts/flash.ts', import.meta.url).pathname;
const KEY = `ssh-ed25519 ${'A'.repeat(68)} installer@bench`;
const BROKER_PASSWORD = 'correct horse battery staple';
const WIFI_PASSWORD = 'eight or more';
const CONFIG = `# The hub of the house at the lake.
hub_id: Lake_House-7
site:
  timezone: Europe/Berlin
radios:
  - kind: zwave
    port: /dev/serial/by-id/usb-stick
cloud:
  url: mqtts://broker.example:8883
  username: lake
  password_file: broker-password
http: {listen: "0.0.0.0:8443"}
`;

let folder: string;
let pristine: string;
let packageFile: string;

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'lockhub-flash-'));
  pristine = path.join(folder, 'pristine.img');
  makePiImage(pristine);
  packageFile = makePackage(folder, 'lockhub', 'arm64');
  writeFileSync(path.join(folder, 'lockhub.yaml'), CONFIG);
  writeFileSync(path.join(folder, 'broker-password'), BROKER_PASSWORD);
  writeFileSync(path.join(folder, 'wifi-password'), `${WIFI_PASSWORD}\n`);
  writeFileSync(path.join(folder, 'key.pub'), `${KEY}\n`);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function imageOf(name: string): string {
  const image = path.join(folder, name);
  copyFileSync(pristine, image);
  return image;
}

function flash(target: string, ...options: readonly string[]) {
  const all = [FLASH, target, '--config', 'lockhub.yaml', '--deb', packageFile, ...options];
  return spawnSync(process.execPath, all, { cwd: folder, encoding: 'utf8' });
}

function without(...names: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(PI_FILES).filter(([name]) => !names.includes(name)));
}

function digestOf(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}

describe('an image', () => {
  const WIFI = ['--wifi', 'Lake', '--wifi-password-file', 'wifi-password', '--wifi-country', 'DE'];

  test('gets all that a Pi needs to become this hub, by the files that cloud-init reads', () => {
    const image = imageOf('whole.img');
    const done = flash(image, '--ssh-key', 'key.pub', ...WIFI);
    expect(done.stderr).toBe('');
    expect(done.status).toBe(0);

    const userData = readBoot(image, 'user-data');
    expect(userData.startsWith('#cloud-config\n')).toBe(true);
    expect(parse(userData)).toMatchObject({
      hostname: 'lake-house-7',
      timezone: 'Europe/Berlin',
      ssh_pwauth: false,
      users: [{ name: 'installer', lock_passwd: true, ssh_authorized_keys: [KEY] }],
    });
    const unit = readBoot(image, 'lockhub-install.service');
    expect(unit).toContain(`/boot/firmware/${path.basename(packageFile)}`);
    expect(readBoot(image, path.basename(packageFile))).toBe(readFileSync(packageFile, 'utf8'));

    const { 'instance-id': instance } = parse(readBoot(image, 'meta-data')) as { 'instance-id': string };
    const commandLine = readBoot(image, 'cmdline.txt');
    expect(commandLine).toBe(`${(PI_FILES['cmdline.txt'] ?? '').trim()} ds=nocloud;i=${instance}\n`);
    expect(readBoot(image, 'config.txt')).toBe(PI_FILES['config.txt']);

    const network = readBoot(image, 'network-config');
    expect(network).not.toContain(WIFI_PASSWORD);
    // What wpa_passphrase says of this name and password.
    const key = execFileSync('openssl', [
      'kdf',
      '-keylen',
      '32',
      '-kdfopt',
      'digest:SHA1',
      '-kdfopt',
      `pass:${WIFI_PASSWORD}`,
      '-kdfopt',
      'salt:Lake',
      '-kdfopt',
      'iter:4096',
      'PBKDF2',
    ]);
    const password = key.toString('utf8').trim().replaceAll(':', '').toLowerCase();
    expect(parse(network)).toMatchObject({
      network: { wifis: { wlan0: { 'regulatory-domain': 'DE', 'access-points': { Lake: { password } } } } },
    });
  });

  test('carries the config with the files that it names, and every start of a preparation is a new instance', () => {
    const image = imageOf('twice.img');
    expect(flash(image).status).toBe(0);
    const first = readBoot(image, 'cmdline.txt');
    const card = parseCardConfig(readBoot(image, 'lockhub.yaml'), () => 'none');
    if (!card.ok) throw new Error(card.mistakes.join('\n'));
    expect([...card.value.secrets]).toEqual([['cloud-password-file', BROKER_PASSWORD]]);
    expect(card.value.config).toContain('# The hub of the house at the lake.');
    expect(parse(card.value.config)).toMatchObject({
      cloud: { password_file: 'credential:cloud-password-file' },
    });

    expect(flash(image, '--hostname', 'other').status).toBe(0);
    const second = readBoot(image, 'cmdline.txt');
    expect(second).not.toBe(first);
    expect(second.match(/ds=nocloud/g)).toHaveLength(1);
    expect(second.trim().split('\n')).toHaveLength(1);
    expect(parse(readBoot(image, 'user-data'))).toMatchObject({ hostname: 'other' });
  });

  test('without a key lets nobody in, and no file of it says a password of a user', () => {
    const image = imageOf('closed.img');
    const done = flash(image);
    expect(done.stdout).toContain('Nobody can log in by SSH');
    const userData = readBoot(image, 'user-data');
    expect(userData).not.toMatch(/passwd:(?! true)|chpasswd|sudo:/);
    expect(readBoot(image, 'network-config')).toMatch(/^(#.*\n)*$/);
  });
});

test('the steps of the README, as far as they go without a Pi', () => {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
  const steps = readme.slice(readme.indexOf('### From the card'), readme.indexOf('### What the card'));
  const block = (kind: string): string =>
    (steps.split(`\`\`\`${kind}\n`)[1] ?? '').split('```')[0]?.replaceAll(/^ {3}/gm, '') ?? '';
  const place = mkdtempSync(path.join(folder, 'readme-'));
  writeFileSync(path.join(place, 'lockhub.yaml'), block('yaml'));
  for (const name of ['raspios-lite.img', 'lockhub_0.1.0_arm64.deb', 'key.pub']) {
    const from = { 'raspios-lite.img': pristine, 'lockhub_0.1.0_arm64.deb': packageFile }[name];
    copyFileSync(from ?? path.join(folder, name), path.join(place, name));
  }
  const [program, ...options] = block('sh').trim().split(' ');
  expect(program).toBe('scripts/flash');
  const done = spawnSync(process.execPath, [FLASH, ...options], { cwd: place, encoding: 'utf8' });
  expect(done.stderr).toBe('');
  expect(done.stdout).toContain('Log in with ssh installer@hub-0042.local.');

  // The Pi starts, and imports.
  const boot = path.join(place, 'boot');
  const hub = path.join(place, 'etc');
  for (const name of [boot, hub]) mkdirSync(name);
  const from = path.join(boot, 'lockhub.yaml');
  writeFileSync(from, readBoot(path.join(place, 'raspios-lite.img'), 'lockhub.yaml'));
  expect(importCard({ from, to: hub, gid: process.getgid?.() ?? 0 }).ok).toBe(true);
  expect(readFileSync(from, 'utf8')).toContain('lockhub has imported this file');
  const config = loadConfig(path.join(hub, 'lockhub.yaml'));
  expect(config).toMatchObject({
    ok: true,
    value: { radiosAuto: true, http: { host: '0.0.0.0', port: 8443 } },
  });
});

describe('what is refused stays as it was', () => {
  test.each([
    [
      'a Raspberry Pi OS without cloud-init',
      without('user-data', 'meta-data', 'network-config'),
      'Raspberry Pi reference 2026-06-18',
    ],
    ['the 32-bit system', { ...PI_FILES, 'kernel7.img': 'kernel' }, '32-bit'],
    [
      'a system that was set up already',
      { ...PI_FILES, 'user-data': '#cloud-config\nhostname: pi\n' },
      'another program',
    ],
    ['no Raspberry Pi OS', { 'readme.txt': 'photos' }, 'not the boot partition'],
  ])('%s', (_what, files, says) => {
    const image = path.join(folder, 'refused.img');
    makePiImage(image, files);
    const before = digestOf(image);
    const done = flash(image);
    expect(done.stderr).toContain(says);
    expect(done.stderr.trim().split('\n')).toHaveLength(1);
    expect(done.status).toBe(1);
    expect(digestOf(image)).toBe(before);
  });

  test('files that are no image, a cut one and a packed one', () => {
    const file = path.join(folder, 'text.img');
    writeFileSync(file, 'x'.repeat(4096));
    expect(flash(file).stderr).toContain('no partition table');
    writeFileSync(file, readFileSync(pristine).subarray(0, 1024 * 1024));
    expect(flash(file).stderr).toContain('cut off');
    const packed = path.join(folder, 'system.img.xz');
    writeFileSync(packed, '');
    expect(flash(packed).stderr).toContain('unpack it first');
  });

  test('a broken config, a missing file of it, and a package for another machine', () => {
    const image = imageOf('kept.img');
    const before = digestOf(image);
    writeFileSync(path.join(folder, 'broken.yaml'), `${CONFIG}colour: blue\n`);
    writeFileSync(path.join(folder, 'lost.yaml'), CONFIG.replace('broker-password', 'not-there'));
    const broken = flash(image, '--config', 'broken.yaml');
    expect(broken.stderr).toBe('colour: expected a known key, found an unknown one\n');
    expect(broken.status).toBe(2);
    expect(flash(image, '--config', 'lost.yaml').stderr).toContain('cloud.password_file');
    expect(flash(image, '--deb', makePackage(folder, 'lockhub', 'amd64')).stderr).toContain(
      'Architecture: amd64',
    );
    expect(flash(image, '--wifi', 'Lake').stderr).toContain('--wifi-country');
    expect(digestOf(image)).toBe(before);
  });
});

/** The kernel's view of one disk with one partition, at a place in sysfs that says how it is attached. */
function machine(place: string, { removable = '0', mounts = '', swaps = '' } = {}) {
  const root = mkdtempSync(path.join(folder, 'machine-'));
  const disk = path.join(root, 'sys/devices', place, 'sdz');
  mkdirSync(path.join(disk, 'sdz1/holders'), { recursive: true });
  mkdirSync(path.join(root, 'sys/class/block'), { recursive: true });
  for (const [name, text] of Object.entries({ removable, size: '62333952', ro: '0' })) {
    writeFileSync(path.join(disk, name), `${text}\n`);
  }
  writeFileSync(path.join(disk, 'sdz1/partition'), '1\n');
  writeFileSync(path.join(disk, 'sdz1/dev'), '8:401\n');
  symlinkSync(disk, path.join(root, 'sys/class/block/sdz'));
  symlinkSync(path.join(disk, 'sdz1'), path.join(root, 'sys/class/block/sdz1'));
  const lists = { mountinfo: path.join(root, 'mountinfo'), swaps: path.join(root, 'swaps') };
  writeFileSync(lists.mountinfo, mounts);
  writeFileSync(lists.swaps, swaps);
  return { sysfs: path.join(root, 'sys'), ...lists };
}

describe('a disk', () => {
  test('is a card only in a reader, whole, and mounted nowhere', () => {
    const usb = 'pci0/usb2/2-1/host6/block';
    expect(checkDisk('sdz', machine(usb))).toEqual({ ok: true, value: 'card, 31.9 GB' });
    expect(checkDisk('sdz', machine('pci0/ata1/block', { removable: '1' })).ok).toBe(true);
    const refusals = [
      checkDisk('sdz', machine('pci0/ata1/block')),
      checkDisk('sdz1', machine(usb)),
      checkDisk('sdz', machine(usb, { mounts: '61 1 8:401 / /media/boot rw - vfat /dev/root rw\n' })),
      checkDisk('sdz', machine(usb, { swaps: 'Filename Type\n/dev/sdz1 partition 1 0 -2\n' })),
      checkDisk('nothing', machine(usb)),
    ];
    expect(refusals.map((refusal) => (refusal.ok ? 'taken' : refusal.mistakes[0]))).toEqual([
      'it is a disk of this machine and no card: it is neither removable nor at USB',
      'it is a partition: name the whole card, such as /dev/sdb',
      '/dev/sdz1 is mounted: unmount it first (umount /dev/sdz1)',
      '/dev/sdz1 is mounted: unmount it first (umount /dev/sdz1)',
      'the system knows no such disk',
    ]);
  });
});
