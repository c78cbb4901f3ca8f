import { statSync } from 'node:fs';
import path from 'node:path';
import { SECOND_MS } from '../../core/time.ts';
import { askHub } from '../line.ts';
import type { HubSeen, Seen } from '../observations.ts';
import type { Places } from './places.ts';
import { databaseHolder } from './programs.ts';
import { codeOf } from './text-file.ts';

/** A hub answers within milliseconds; one that is busy with its radio library may take a second. */
const ANSWER_MS = 5 * SECOND_MS;

/** Whether a hub runs on this data directory and how it says it is. Takes no lock. `pid` is the hub's. */
export async function seeHub(
  places: Places,
  dataDir: string,
): Promise<{ readonly hub: Seen<HubSeen>; readonly pid: number | null }> {
  let inode: number;
  try {
    inode = statSync(path.join(dataDir, 'hub.lock')).ino;
  } catch (error) {
    const code = codeOf(error);
    const isAbsent = code === 'ENOENT' || code === 'ENOTDIR';
    return { hub: isAbsent ? { seen: { kind: 'stopped' } } : { unseen: `${dataDir}: ${code}` }, pid: null };
  }
  const pid = databaseHolder(places, inode);
  if (pid === undefined) return { hub: { seen: { kind: 'stopped' } }, pid: null };
  if (pid === null) return { hub: { unseen: 'the system does not show its file locks' }, pid: null };
  const asked = await askHub(dataDir, ANSWER_MS);
  switch (asked.kind) {
    case 'silent':
      return { hub: { seen: { kind: 'hangs', waitedMs: ANSWER_MS } }, pid };
    case 'absent':
      return { hub: { seen: { kind: 'running', words: null } }, pid };
    case 'words':
      return { hub: { seen: { kind: 'running', words: asked.words } }, pid };
  }
}
