import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/**
 * A stand-in for the image of a Raspberry Pi OS, made as `pi-gen` makes those: a DOS table, a FAT32 boot partition with the
 * files that count here, and room where the system would be.
 */
const BOOT_START_SECTOR = 16_384;
/** As few as make a FAT32. */
const BOOT_SECTORS = 71_680;
const BOOT_OFFSET = BOOT_START_SECTOR * 512;

/** What the boot partition of the 64-bit image of June 2026 has; kernels and firmware are only names. */
export const PI_FILES: Readonly<Record<string, string>> = {
  'config.txt': '# For more options and information see\n# http://rptl.io/configtxt\n[all]\n',
  'cmdline.txt':
    'console=serial0,115200 console=tty1 root=PARTUUID=4d6ac9a4-02 rootfstype=ext4 fsck.repair=yes rootwait resize\n',
  'issue.txt': 'Raspberry Pi reference 2026-06-18\nGenerated using pi-gen, arm64, stage2\n',
  'user-data':
    '#cloud-config\n\n# This is the user-data configuration file for cloud-init.\n#hostname: raspberrypi\n',
  'meta-data': 'dsmode: local\ninstance_id: rpios-image\n',
  'network-config': '# This file contains a netplan-compatible configuration\n#network:\n#  version: 2\n',
  'kernel8.img': 'kernel\n',
  'kernel_2712.img': 'kernel\n',
};

/** Makes the image with these files on its boot partition. */
export function makePiImage(image: string, files: Readonly<Record<string, string>> = PI_FILES): void {
  writeFileSync(image, '');
  truncateSync(image, (BOOT_START_SECTOR + BOOT_SECTORS + 2048) * 512);
  const table = `label: dos\nstart=${BOOT_START_SECTOR}, size=${BOOT_SECTORS}, type=c\ntype=83\n`;
  run('sfdisk', ['--quiet', image], table);
  const kilobytes = String((BOOT_SECTORS * 512) / 1024);
  run('mkfs.vfat', [
    '-F',
    '32',
    '-s',
    '1',
    '-n',
    'bootfs',
    '--offset',
    String(BOOT_START_SECTOR),
    image,
    kilobytes,
  ]);
  for (const [name, text] of Object.entries(files)) {
    run('mcopy', ['-i', `${image}@@${BOOT_OFFSET}`, '-', `::/${name}`], text);
  }
}

/** A file of its boot partition; throws where there is none. */
export function readBoot(image: string, name: string): string {
  return run('mcopy', ['-i', `${image}@@${BOOT_OFFSET}`, `::/${name}`, '-']);
}

/** A package with only its name in it. */
export function makePackage(folder: string, name: string, architecture: string): string {
  const tree = path.join(folder, `tree-${architecture}`);
  mkdirSync(path.join(tree, 'DEBIAN'), { recursive: true, mode: 0o755 });
  const fields = {
    Package: name,
    Version: '0.1.0',
    Architecture: architecture,
    Maintainer: 'Nobody <n@example.org>',
  };
  const control = Object.entries({ ...fields, Description: 'stand-in' }).map(
    ([key, value]) => `${key}: ${value}\n`,
  );
  writeFileSync(path.join(tree, 'DEBIAN/control'), control.join(''));
  const file = path.join(folder, `${name}_0.1.0_${architecture}.deb`);
  run('dpkg-deb', ['--build', '--root-owner-group', tree, file]);
  rmSync(tree, { recursive: true });
  return file;
}

function run(program: string, options: readonly string[], input = ''): string {
  const { PATH = '' } = process.env;
  const env = { ...process.env, PATH: `${PATH}:/usr/sbin:/sbin`, MTOOLS_SKIP_CHECK: '1' };
  return execFileSync(program, options, { input, encoding: 'utf8', stdio: ['pipe', 'pipe', 'pipe'], env });
}
