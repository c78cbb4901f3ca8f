import { parseDocument } from 'yaml';
import type { Loaded } from '../../config.ts';
import { MARK } from './seed.ts';

/** What Raspberry Pi OS has on its boot partition, whichever Pi it is for. */
const PI_FILES = ['config.txt', 'cmdline.txt'] as const;
/** What it has there since its image of 24 November 2025 (Debian 13, Trixie), where cloud-init reads them. */
const SEED_FILES = ['user-data', 'meta-data', 'network-config'] as const;
const KERNELS_64_BIT = ['kernel8.img', 'kernel_2712.img'] as const;
/** Kernels that only the images with 32-bit programs have besides. */
const KERNELS_32_BIT = ['kernel.img', 'kernel7.img'] as const;

const WANTED =
  'Take Raspberry Pi OS Lite (64-bit), Trixie, of 24 November 2025 or later, as it is downloaded.';

/** Whether a boot partition is one that can be prepared; `read` answers the text of one of its files. */
export function checkSystem(names: readonly string[], read: (name: string) => string): Loaded<null> {
  const has = (name: string): boolean => names.includes(name);
  if (!PI_FILES.every(has))
    return failed(`it is not the boot partition of a Raspberry Pi OS: ${missing(PI_FILES)}`);
  if (!SEED_FILES.every(has)) {
    const issue = has('issue.txt') ? ` It says of itself: ${firstLine(read('issue.txt'))}.` : '';
    return failed(`this system is not set up by cloud-init: ${missing(SEED_FILES)}.${issue} ${WANTED}`);
  }
  if (!KERNELS_64_BIT.some(has)) return failed(`it has no 64-bit kernel. ${WANTED}`);
  if (KERNELS_32_BIT.some(has)) return failed(`its programs are 32-bit, and lockhub needs 64. ${WANTED}`);
  const userData = read('user-data');
  if (userData.includes(MARK) || parseDocument(userData).toJS() === null) return { ok: true, value: null };
  return failed(`another program has set this card up already (user-data). ${WANTED}`);

  function missing(wanted: readonly string[]): string {
    return `${wanted.filter((name) => !has(name)).join(', ')} is missing`;
  }
}

function firstLine(text: string): string {
  return (text.split('\n')[0] ?? '').trim();
}

function failed(mistake: string): Loaded<never> {
  return { ok: false, mistakes: [mistake] };
}
