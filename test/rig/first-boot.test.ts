import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { cardFileOf } from '../../src/provision/flash/card-file.ts';
import { prepare } from '../../src/provision/flash/flash.ts';
import { BOOT_DRIVE, makePackage, makePiImage } from '../support/pi-image.ts';
import { INSTALL } from './hub.ts';
import { Rig } from './rig.ts';

const TREE = fileURLToPath(new URL('../..', import.meta.url));
const TEST_MS = 600_000;
const PACKAGES_MS = 300_000;
const START_MS = 120_000;
const PASSWORD = 'password-of-the-broker';
const CONFIG = `site: {timezone: Europe/Berlin}
radios: auto
cloud: {url: "mqtt://127.0.0.1:1", username: lake, password_file: broker-password}
http: {listen: "127.0.0.1:18443"}
`;

/** As Raspberry Pi OS tells cloud-init where its seed is (`99_raspberry-pi.cfg`), in the words of Debian 12's. */
const PI_CLOUD_CONFIG = `datasource_list: [NoCloud, None]
datasource: {NoCloud: {seedfrom: /boot/firmware/}}
`;

/** The boot partition of a prepared image, as a folder. */
async function preparedBoot(folder: string): Promise<string> {
  const image = path.join(folder, 'card.img');
  makePiImage(image);
  writeFileSync(path.join(folder, 'lockhub.yaml'), CONFIG);
  writeFileSync(path.join(folder, 'broker-password'), PASSWORD);
  const card = cardFileOf(path.join(folder, 'lockhub.yaml'));
  if (!card.ok) throw new Error(card.mistakes.join('\n'));
  const target = { kind: 'image', file: image, description: 'card.img' } as const;
  const written = await prepare(target, {
    card: card.value,
    packageFile: makePackage(folder, 'lockhub', 'all'),
    hostname: 'lake',
    sshKeys: [`ssh-ed25519 ${'A'.repeat(68)} bench`],
    wifi: { name: 'Lake', password: 'eight or more', country: 'DE' },
  });
  if (!written.ok) throw new Error(written.mistakes.join('\n'));
  const boot = path.join(folder, 'boot');
  mkdirSync(boot);
  execFileSync('mcopy', ['-i', `${image}${BOOT_DRIVE}`, '::/*', boot], {
    env: { ...process.env, MTOOLS_SKIP_CHECK: '1' },
  });
  return boot;
}

test(
  'cloud-init makes of a card what it is to be, and the hub imports its config at the first start',
  { timeout: TEST_MS },
  async () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'lockhub-first-boot-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const boot = await preparedBoot(folder);
    const rig = await Rig.boot(
      `--bind-ro=${TREE}:/opt/lockhub/versions/tree`,
      `--bind=${boot}:/boot/firmware`,
    );
    onTestFinished(() => rig.end());
    await rig.run(
      'apt-get update -q; DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends cloud-init openssh-server',
      PACKAGES_MS,
    );
    await rig.write('/etc/cloud/cloud.cfg.d/99_raspberry-pi.cfg', PI_CLOUD_CONFIG);
    expect(await rig.run('cloud-init schema --config-file /boot/firmware/user-data')).toContain('Valid');

    await rig.run('cloud-init init --local; cloud-init init', START_MS);
    // A container is no Pi: what can't be there, such as a boot loader, fails, and what counts is what came of it.
    await rig.run('cloud-init modules --mode=config || :; cloud-init modules --mode=final || :', START_MS);
    expect(await rig.run('cat /etc/hostname')).toBe('lake');
    // Locked: no password opens it.
    expect(await rig.run('passwd --status installer')).toMatch(/^installer L/);
    expect(await rig.run('cat /home/installer/.ssh/authorized_keys')).toContain('bench');
    await rig.run(
      'until dpkg-query --status lockhub | grep -qx "Status: install ok installed"; do sleep 1; done',
    );
    await rig.run('systemctl start lockhub-install; ! systemctl is-failed lockhub-install');

    await rig.run(INSTALL);
    await rig.run('systemctl enable lockhub-firstboot; systemctl start lockhub', START_MS);
    expect(await rig.run('systemctl is-active lockhub')).toBe('active');
    const kept = '/etc/lockhub/lockhub.yaml /etc/lockhub/credentials.encrypted/*';
    expect(await rig.run(`stat -c "%a %U %G" ${kept}`)).toBe('640 root lockhub\n600 root root');
    expect(await rig.run('ls -A /etc/lockhub/credentials')).toBe('');
    expect(await rig.run('cat /etc/lockhub/credentials.encrypted/*')).not.toContain(PASSWORD);
    const decrypt = 'systemd-creds decrypt --name=sealed_cloud-password-file';
    expect(await rig.run(`${decrypt} /etc/lockhub/credentials.encrypted/cloud-password-file -`)).toBe(
      PASSWORD,
    );
    // A command of root reads it too.
    expect(await rig.run('lockhub doctor --config /etc/lockhub/lockhub.yaml --json || :')).not.toContain(
      'login_unusable',
    );
    expect(readFileSync(path.join(boot, 'lockhub.yaml'), 'utf8')).toMatch(
      /^# lockhub has imported this file/,
    );
    for (const name of ['lockhub.yaml', 'network-config', 'user-data']) {
      expect(readFileSync(path.join(boot, name), 'utf8')).not.toMatch(/password-of|[0-9a-f]{64}/);
    }
    // The hub really got its secret, under its sandbox, and a link for whoever is to log in can be made.
    const link = 'runuser -u lockhub -- lockhub login-link --config /etc/lockhub/lockhub.yaml';
    expect(await rig.run(link)).toContain('http://127.0.0.1:18443/login');
    const log = await rig.run('journalctl --namespace=lockhub --output=cat');
    expect(log).not.toContain(PASSWORD);
    expect(log).not.toContain('password_file');
  },
);
