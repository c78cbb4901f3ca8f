import { pbkdf2Sync } from 'node:crypto';
import { stringify } from 'yaml';

/**
 * What cloud-init reads on the boot partition of a Raspberry Pi OS (Trixie): the NoCloud data source with its seed in
 * `/boot/firmware`, as the images have it and as Raspberry Pi's own imager fills it.
 */

/** Stands in each file that is written, so that it is known again. */
export const MARK = '# Written by scripts/flash of lockhub.';
/** Who may log in by SSH, with a key only. */
export const SSH_USER = 'installer';
/** Name of the unit, and of its file on the boot partition. */
const INSTALL_UNIT = 'lockhub-install.service';
const BOOT = '/boot/firmware';

/** IEEE 802.11: how a passphrase and the name of a network become its key. */
const PSK = { rounds: 4096, bytes: 32, digest: 'sha1' } as const;

export interface Wifi {
  readonly name: string;
  /** 8 to 63 characters, or 64 hex digits. */
  readonly password: string;
  /** ISO 3166, two letters: which channels and powers are allowed. */
  readonly country: string;
}

export interface Seed {
  readonly hostname: string;
  readonly timezone: string;
  /** Public keys as in `authorized_keys`; none: nobody can log in. */
  readonly sshKeys: readonly string[];
  readonly wifi: Wifi | null;
  /** Unlike that of any other card: cloud-init sets up a machine once for each. */
  readonly instanceId: string;
  /** Name of the package on the boot partition. */
  readonly packageFile: string;
}

/** The files by their names. */
export function seedFiles(seed: Seed): Readonly<Record<string, string>> {
  return {
    [INSTALL_UNIT]: installUnit(seed.packageFile),
    'network-config': networkConfig(seed.wifi),
    'meta-data': `${MARK}\n${stringify({ dsmode: 'local', 'instance-id': seed.instanceId })}`,
    'user-data': userData(seed),
  };
}

/** The kernel's command line, one line, told which instance this is; what an earlier preparation said is replaced. */
export function commandLine(before: string, instanceId: string): string {
  const words = before
    .trim()
    .split(/\s+/)
    .filter((word) => !word.startsWith('ds=nocloud'));
  return `${[...words, `ds=nocloud;i=${instanceId}`].join(' ')}\n`;
}

/** Without a user here Raspberry Pi OS waits for somebody at a screen to name one. Nobody gets a password. */
function userData({ hostname, timezone, sshKeys }: Seed): string {
  const user = {
    name: SSH_USER,
    groups: 'users,adm,dialout,netdev,sudo',
    shell: '/bin/bash',
    lock_passwd: true,
    ...(sshKeys.length > 0 && { ssh_authorized_keys: sshKeys, sudo: 'ALL=(ALL) NOPASSWD:ALL' }),
  };
  const unit = `${BOOT}/${INSTALL_UNIT}`;
  return `#cloud-config\n${MARK}\n${stringify({
    hostname,
    manage_etc_hosts: true,
    timezone,
    users: [user],
    ssh_pwauth: false,
    // At every start, so that an installation that a power cut ended is begun again.
    bootcmd: [
      ['cp', unit, `/run/systemd/system/${INSTALL_UNIT}`],
      ['systemctl', 'daemon-reload'],
      ['systemctl', 'start', '--no-block', INSTALL_UNIT],
    ],
    ...(sshKeys.length > 0 && { runcmd: [['systemctl', 'enable', '--now', 'ssh']] }),
  })}`;
}

/** The cable needs no line: Raspberry Pi OS asks for an address at every port by itself. */
function networkConfig(wifi: Wifi | null): string {
  if (wifi === null) return `${MARK}\n# Only the cable.\n`;
  const { name, password, country } = wifi;
  const isKey = /^[0-9a-f]{64}$/i.test(password);
  const key = isKey
    ? password
    : pbkdf2Sync(password, name, PSK.rounds, PSK.bytes, PSK.digest).toString('hex');
  const wlan0 = {
    dhcp4: true,
    'regulatory-domain': country,
    'access-points': { [name]: { password: key } },
    optional: true,
  };
  return `${MARK}\n${stringify({ network: { version: 2, wifis: { wlan0 } } })}`;
}

/** It tries again until the package is there; what it depends on is part of the system, so no network is needed. */
function installUnit(packageFile: string): string {
  return `${MARK}
[Unit]
Description=Installation of lockhub from the card
RequiresMountsFor=${BOOT}
StartLimitIntervalSec=0

[Service]
Type=oneshot
ExecCondition=/bin/sh -c '! dpkg-query --status lockhub 2>/dev/null | grep -qx "Status: install ok installed"'
Environment=DEBIAN_FRONTEND=noninteractive
ExecStart=/usr/bin/dpkg --configure -a
ExecStart=/usr/bin/apt-get install --yes --no-install-recommends -o DPkg::Lock::Timeout=600 ${BOOT}/${packageFile}
Restart=on-failure
RestartSec=30
`;
}
