import { accessSync, constants, realpathSync, statSync, type Stats } from 'node:fs';
import type { RadioConfig } from '../../config.ts';
import type { StickSeen } from '../observations.ts';
import { askStick } from './ask-stick.ts';
import type { Places } from './places.ts';
import { holdersOf } from './programs.ts';
import { mayUse, type HubUser } from './user.ts';

interface Circumstances {
  readonly places: Places;
  /** Whom the hub runs as; `null`: nobody knows. */
  readonly user: HubUser | null;
  /** Processes of the hub itself. */
  readonly hubPids: readonly number[];
  /** No hub runs, so the stick may be asked. */
  readonly isFree: boolean;
}

/** Looks at the stick of a radio, and asks it where nobody has it. */
export async function seeStick(
  radio: RadioConfig,
  key: string,
  circumstances: Circumstances,
): Promise<StickSeen> {
  const { places, user, hubPids, isFree } = circumstances;
  const { kind, port } = radio;
  const about = {
    key,
    radio: kind,
    port,
    isPermitted: null,
    owner: null,
    holders: [],
    answer: 'untried',
  } as const;
  if (port.startsWith('tcp:')) {
    return { ...about, device: 'tcp', answer: isFree ? await askStick(radio) : 'untried' };
  }
  const found = deviceAt(port);
  if (found === null) return { ...about, device: 'absent' };
  const { path, stats } = found;
  if (!stats.isCharacterDevice()) return { ...about, device: 'no_device' };
  const isPermitted = user === null ? null : mayUse(user, stats);
  const holders = holdersOf(places, { path, inode: stats.ino }, hubPids);
  const mayAsk = isFree && holders.length === 0 && isPermitted !== false && mayOpen(path);
  return {
    ...about,
    device: 'present',
    isPermitted,
    owner: `of user ${stats.uid} and group ${stats.gid}, mode ${(stats.mode & 0o777).toString(8)}`,
    holders,
    answer: mayAsk ? await askStick(radio) : 'untried',
  };
}

function deviceAt(port: string): { readonly path: string; readonly stats: Stats } | null {
  try {
    const path = realpathSync(port);
    return { path, stats: statSync(path) };
  } catch {
    return null;
  }
}

function mayOpen(path: string): boolean {
  try {
    accessSync(path, constants.R_OK | constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
