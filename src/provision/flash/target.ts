import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import path from 'node:path';
import type { Loaded } from '../../config.ts';

/** Where the kernel tells of disks and mounts; a test brings its own. */
export interface Machine {
  readonly sysfs: string;
  readonly mountinfo: string;
  readonly swaps: string;
}

const THIS_MACHINE: Machine = {
  sysfs: '/sys',
  mountinfo: '/proc/self/mountinfo',
  swaps: '/proc/swaps',
};

/** What is to be prepared. */
export interface Target {
  readonly kind: 'image' | 'card';
  readonly file: string;
  /** For a card: what its reader says of it, for the question whether it is the right one. */
  readonly description: string;
}

/** An image file, or a card that is certainly no disk of this machine. */
export function targetOf(name: string, machine = THIS_MACHINE): Loaded<Target> {
  if (!existsSync(name)) return failed('there is no such file or device');
  const file = realpathSync(name);
  const stat = statSync(file);
  if (stat.isFile()) {
    if (/\.(xz|gz|zip|zst|bz2)$/.test(file)) return failed('it is packed: unpack it first (xz --decompress)');
    return { ok: true, value: { kind: 'image', file, description: path.basename(file) } };
  }
  if (!stat.isBlockDevice()) return failed('it is neither an image file nor a card');
  const checked = checkDisk(path.basename(file), machine);
  return checked.ok ? { ok: true, value: { kind: 'card', file, description: checked.value } } : checked;
}

/** What a disk says of itself, unless it is one that must not be touched. `disk` is its name in sysfs. */
export function checkDisk(disk: string, { sysfs, mountinfo, swaps }: Machine): Loaded<string> {
  const folder = path.join(sysfs, 'class/block', disk);
  if (!existsSync(folder)) return failed('the system knows no such disk');
  if (existsSync(path.join(folder, 'partition')))
    return failed('it is a partition: name the whole card, such as /dev/sdb');
  const place = realpathSync(folder);
  const isCard = textOf(path.join(folder, 'removable')) === '1' || /\/(usb\d|mmc_host)\b/.test(place);
  if (!isCard) return failed('it is a disk of this machine and no card: it is neither removable nor at USB');
  const parts = [disk, ...readdirSync(folder).filter((name) => name.startsWith(disk))];
  for (const part of parts) {
    const own = part === disk ? folder : path.join(folder, part);
    // By its number: a kernel may call what it has started from /dev/root.
    const isMounted = columnOf(mountinfo, 2).includes(textOf(path.join(own, 'dev')));
    const isSwap = columnOf(swaps, 0).includes(`/dev/${part}`);
    if (isMounted || isSwap) return failed(`/dev/${part} is mounted: unmount it first (umount /dev/${part})`);
    const holders = path.join(own, 'holders');
    if (existsSync(holders) && readdirSync(holders).length > 0) return failed(`/dev/${part} is in use`);
  }
  if (textOf(path.join(folder, 'ro')) === '1') return failed('it is write-protected');
  const gigabytes = (Number(textOf(path.join(folder, 'size'))) * 512) / 1e9;
  const maker = ['device/vendor', 'device/model', 'device/name'].map((name) =>
    textOf(path.join(folder, name)),
  );
  return { ok: true, value: `${maker.filter(Boolean).join(' ') || 'card'}, ${gigabytes.toFixed(1)} GB` };
}

/** One column of a list of the kernel's. */
function columnOf(list: string, column: number): readonly string[] {
  return textOf(list)
    .split('\n')
    .flatMap((line) => line.split(/\s+/)[column] ?? []);
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    // What a disk does not tell is told as nothing.
    return '';
  }
}

function failed(mistake: string): Loaded<never> {
  return { ok: false, mistakes: [mistake] };
}
