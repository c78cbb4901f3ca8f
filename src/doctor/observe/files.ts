import { existsSync, lstatSync, readFileSync, realpathSync, statfsSync, statSync } from 'node:fs';
import path from 'node:path';
import { HubKey } from '../../store/key.ts';
import type { FilesSeen, KeySeen, Seen } from '../observations.ts';
import type { Places } from './places.ts';
import { codeOf, namesIn, textAt } from './text-file.ts';
import type { HubUser } from './user.ts';

const MODE_BITS = 0o777;
const NAMES_MAX = 1000;

/** The data directory: its owners, its room, and whether it can be written. */
export function seeFiles(places: Places, dataDir: string, { uid }: HubUser): Seen<FilesSeen> {
  const nearest = nearestThere(dataDir);
  try {
    const { bavail, blocks, bsize, files, ffree } = statfsSync(nearest);
    const isThere = nearest === dataDir;
    return {
      seen: {
        dataDir,
        mode: isThere ? statSync(dataDir).mode & MODE_BITS : null,
        isReadOnly: isReadOnly(places, nearest),
        freeBytes: bavail * bsize,
        totalBytes: blocks * bsize,
        freeFiles: files === 0 ? null : ffree,
        user: uid,
        // Root writes everything.
        foreign: isThere && uid !== 0 ? foreignIn(dataDir, uid) : [],
      },
    };
  } catch (error) {
    return { unseen: `${dataDir}: ${codeOf(error)}` };
  }
}

function nearestThere(folder: string): string {
  let nearest = folder;
  while (!existsSync(nearest) && nearest !== path.dirname(nearest)) nearest = path.dirname(nearest);
  return nearest;
}

function foreignIn(dataDir: string, uid: number): readonly string[] {
  const inside = namesIn(dataDir).slice(0, NAMES_MAX);
  return ['', ...inside]
    .filter((name) => {
      const stats = lstatSync(path.join(dataDir, name), { throwIfNoEntry: false });
      return stats !== undefined && stats.uid !== uid;
    })
    .map((name) => name || dataDir);
}

/** By the mount that the folder lies in; its options are the sixth word, and those of the file system the last. */
function isReadOnly({ proc }: Places, folder: string): boolean {
  const place = realpathSync(folder);
  const mounts = (textAt(path.join(proc, 'self/mountinfo')) ?? '').split('\n').map((line) => line.split(' '));
  let nearest: readonly string[] = [];
  for (const mount of mounts) {
    const [, , , , at = ''] = mount;
    const point = at.replaceAll('\\040', ' ');
    const isAround = point === '/' || place === point || place.startsWith(`${point}/`);
    // Of several at one place the last one counts.
    if (isAround && point.length >= (nearest[4]?.length ?? 0)) nearest = mount;
  }
  return [nearest[5], nearest.at(-1)].some((options) => options?.split(',').includes('ro') === true);
}

/** The key itself stays here; `null`: it can't be compared with the database. */
export function seeKey(file: string): { readonly seen: Seen<KeySeen>; readonly key: HubKey | null } {
  const isFollowed = existsSync(`${file}.next`);
  try {
    const mode = statSync(file).mode & MODE_BITS;
    const key = HubKey.parse(readFileSync(file, 'latin1')) ?? null;
    const seen = { file, state: key === null ? 'unusable' : 'present', mode, isFollowed } as const;
    return { seen: { seen }, key: isFollowed ? null : key };
  } catch (error) {
    const code = codeOf(error);
    const absent = { file, state: 'absent', mode: null, isFollowed } as const;
    if (code === 'ENOENT') return { seen: { seen: absent }, key: null };
    return { seen: { unseen: `${file}: ${code}` }, key: null };
  }
}
