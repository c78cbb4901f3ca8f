import { readFileSync } from 'node:fs';
import type { ImportPlaces } from './import.ts';

/** Of an installed hub: its user has a group of the same name. */
const CONFIG_FOLDER = '/etc/lockhub';
const GROUP = 'lockhub';

/** Where an installed hub has its config, and who reads it: without its group, only root. */
export function installedPlaces(): Pick<ImportPlaces, 'to' | 'gid'> {
  const line = readFileSync('/etc/group', 'utf8')
    .split('\n')
    .find((entry) => entry.startsWith(`${GROUP}:`));
  return { to: CONFIG_FOLDER, gid: Number(line?.split(':')[2] ?? 0) };
}
