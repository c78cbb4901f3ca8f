import path from 'node:path';
import type { Stats } from 'node:fs';
import type { Places } from './places.ts';
import { textAt } from './text-file.ts';

/** The service unit runs the hub in this group, whatever /etc/group says of its user. */
const UNIT_GROUP = 'dialout';

/** Whom the hub runs as. */
export interface HubUser {
  readonly uid: number;
  readonly gids: readonly number[];
}

/** Of a running process; `null`: the system does not show it. */
export function userOfProcess({ proc }: Places, pid: number): HubUser | null {
  const status = textAt(path.join(proc, String(pid), 'status'));
  if (status === null) return null;
  const numbers = (name: string): readonly number[] => {
    const line = new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(status)?.[1] ?? '';
    return line.split(/\s+/).filter(Boolean).map(Number);
  };
  // The second of four is the effective one.
  const [, uid] = numbers('Uid');
  const [, gid] = numbers('Gid');
  return uid === undefined || gid === undefined ? null : { uid, gids: [gid, ...numbers('Groups')] };
}

/** A user as the system's files know it, run by the service unit. */
export function userOfFiles({ etc }: Places, uid: number): HubUser {
  const lines = (name: string): readonly (readonly string[])[] =>
    (textAt(path.join(etc, name)) ?? '').split('\n').map((line) => line.split(':'));
  const [name = '', , , primary] = lines('passwd').find(([, , id]) => id === String(uid)) ?? [];
  const groups = lines('group').filter(
    ([group, , , members = '']) => group === UNIT_GROUP || members.split(',').includes(name),
  );
  const gids = groups.map(([, , gid]) => Number(gid));
  return { uid, gids: primary === undefined ? gids : [Number(primary), ...gids] };
}

/** Whether the mode of a file lets this user read and write it. */
export function mayUse({ uid, gids }: HubUser, { mode, uid: owner, gid }: Stats): boolean {
  const both = 0o6;
  if (uid === 0) return true;
  if (uid === owner) return ((mode >> 6) & both) === both;
  return gids.includes(gid) ? ((mode >> 3) & both) === both : (mode & both) === both;
}
