import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { closeSync, constants, fsyncSync, openSync, readSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import path from 'node:path';
import type { Loaded } from '../../config.ts';
import { BootFiles, BootFilesError } from './boot-files.ts';
import type { CardFile } from './card-file.ts';
import { bootPartitionOf, TABLE_BYTES } from './partition.ts';
import { checkSystem } from './raspberry-pi-os.ts';
import { commandLine, seedFiles, type Wifi } from './seed.ts';
import type { Target } from './target.ts';

/** Name of the config on the boot partition, where the first start looks for it. */
const CARD_CONFIG = 'lockhub.yaml';
const PACKAGE = /^lockhub_[^/]*\.deb$/;

export interface Preparation {
  readonly card: CardFile;
  /** The Debian package, for arm64. */
  readonly packageFile: string;
  readonly hostname: string;
  readonly sshKeys: readonly string[];
  readonly wifi: Wifi | null;
}

/** Puts all that a hub needs onto the boot partition of a Raspberry Pi OS. Answers the names of what was written. */
export async function prepare(target: Target, preparation: Preparation): Promise<Loaded<readonly string[]>> {
  if (target.kind === 'card' && isInUse(target.file)) {
    return { ok: false, mistakes: ['it is mounted or in use by another program'] };
  }
  const files = await bootFilesOf(target);
  if (!files.ok) return files;
  try {
    return write(files.value, preparation);
  } catch (error) {
    if (!(error instanceof BootFilesError)) throw error;
    return { ok: false, mistakes: [`its boot partition can't be written: ${error.message}`] };
  } finally {
    // Of a card, so that it may be pulled out when this ends.
    const handle = openSync(target.file, 'r+');
    fsyncSync(handle);
    closeSync(handle);
  }
}

/** Whether the file is a package of lockhub for a Pi; the mistake otherwise. */
export function packageMistake(file: string): string | null {
  try {
    const fields = execFileSync('dpkg-deb', ['--field', file, 'Package', 'Architecture'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    if (fields === 'Package: lockhub\nArchitecture: arm64\n') return null;
    return `expected lockhub for arm64, found ${fields.trim().replaceAll('\n', ', ')}`;
  } catch {
    return 'expected a Debian package of lockhub for arm64 (scripts/build-deb --arch arm64)';
  }
}

/** The kernel gives a disk to one alone only while nothing of it is mounted, in whatever namespace. */
function isInUse(disk: string): boolean {
  try {
    closeSync(openSync(disk, constants.O_RDWR | constants.O_EXCL));
    return false;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EBUSY') return true;
    throw error;
  }
}

async function bootFilesOf({ file, kind }: Target): Promise<Loaded<BootFiles>> {
  const partition = bootPartitionOf(readStart(file), await sizeOf(file, kind));
  if (!partition.ok) return partition;
  const files = new BootFiles(file, partition.value);
  try {
    const checked = checkSystem(files.names(), (name) => files.read(name).toString('utf8'));
    return checked.ok ? { ok: true, value: files } : checked;
  } catch (error) {
    if (!(error instanceof BootFilesError)) throw error;
    return { ok: false, mistakes: [`its boot partition can't be read: ${error.message}`] };
  }
}

function write(files: BootFiles, preparation: Preparation): Loaded<readonly string[]> {
  const { card, packageFile, hostname, sshKeys, wifi } = preparation;
  const instanceId = `lockhub-${randomUUID()}`;
  const name = path.basename(packageFile);
  for (const old of files.names()) if (PACKAGE.test(old) || old === 'lockhub-error.txt') files.delete(old);
  files.copy(packageFile, name);
  const seed = { hostname, timezone: card.timezone, sshKeys, wifi, instanceId, packageFile: name };
  const texts = { [CARD_CONFIG]: card.text, ...seedFiles(seed) };
  for (const [file, text] of Object.entries(texts)) files.writeText(file, text);
  // Last, because it is what makes cloud-init begin.
  files.writeText('cmdline.txt', commandLine(files.read('cmdline.txt').toString('utf8'), instanceId));
  return { ok: true, value: [name, ...Object.keys(texts), 'cmdline.txt'] };
}

function readStart(file: string): Buffer {
  const start = Buffer.alloc(TABLE_BYTES);
  const handle = openSync(file, 'r');
  try {
    return start.subarray(0, readSync(handle, start, 0, TABLE_BYTES, 0));
  } finally {
    closeSync(handle);
  }
}

/** The kernel tells the size of a device only in sysfs. */
async function sizeOf(file: string, kind: Target['kind']): Promise<number> {
  if (kind === 'image') return statSync(file).size;
  const handle = await open(`/sys/class/block/${path.basename(file)}/size`);
  try {
    return Number(await handle.readFile('utf8')) * 512;
  } finally {
    await handle.close();
  }
}
