import type { Finding } from '../../core/finding.ts';
import type { RadioKind } from '../../core/lock-event.ts';
import type { DatabaseContent, DatabaseSeen, StickSeen } from '../observations.ts';

/** So many starts within an hour are no accident. */
const STARTS_MAX = 5;
/** A day of a busy hub. */
const EVENTS_WAITING_MAX = 10_000;
const ONE = { subject: null } as const;
/** Names under which the drivers keep the keys of their networks. */
const NETWORK_KEYS: Readonly<Record<RadioKind, string>> = {
  zwave: 'zwave_security_keys',
  zigbee: 'zigbee_network_keys',
};

export function judgeDatabase({ file, state, verdict }: DatabaseSeen): readonly Finding[] {
  switch (state) {
    case 'absent':
    case 'sound':
      return [];
    case 'damaged':
      return [
        {
          ...ONE,
          id: 'database_damaged',
          severity: 'error',
          what: 'The database of the hub is damaged.',
          fix: 'Stop the hub and restore its newest backup. If that happens again, put in a new card.',
          seen: `${file}: ${verdict}`,
        },
      ];
    case 'foreign':
      return [
        {
          ...ONE,
          id: 'database_foreign',
          severity: 'error',
          what: 'The file in the place of the database is of another program.',
          fix: 'Move it away and restore the newest backup, or name another data_dir in the config.',
          seen: `${file} is no database of lockhub`,
        },
      ];
    case 'newer':
      return [
        {
          ...ONE,
          id: 'database_newer',
          severity: 'error',
          what: 'The database was written by a newer version of this program.',
          fix: 'Install that version again.',
          seen: `${file}: ${verdict}`,
        },
      ];
  }
}

export function judgeContent(
  content: DatabaseContent,
  sticks: readonly StickSeen[],
  hasCloud: boolean,
): readonly Finding[] {
  const found: Finding[] = [];
  if (content.isKeyRight === false) {
    found.push({
      ...ONE,
      id: 'key_wrong',
      severity: 'error',
      what: 'The key is not the one that this database was made with, so nothing secret in it can be read.',
      fix: 'Put the key and the database of one backup in place: they belong together.',
      seen: 'the check of the key in the database fails',
    });
  }
  found.push(...judgeNetworkKeys(content, sticks));
  if (hasCloud && content.eventsWaiting > EVENTS_WAITING_MAX) {
    found.push({
      ...ONE,
      id: 'queue_growing',
      severity: 'warning',
      what: 'Many events wait for the cloud to acknowledge them.',
      fix: 'Look whether the cloud is reached; if it is, it does not send down/ack.',
      seen: `${content.eventsWaiting} events wait`,
    });
  }
  if (content.startsLately > STARTS_MAX) {
    found.push({
      ...ONE,
      id: 'restarts_often',
      severity: 'error',
      what: 'The hub is started again and again: something ends it.',
      fix: 'Look at the end of "journalctl -u lockhub" for the reason, and send it with the diagnostics bundle.',
      seen: `${content.startsLately} starts within the last hour`,
    });
  }
  return found;
}

function judgeNetworkKeys(
  { keysFileFault, secrets, locks }: DatabaseContent,
  sticks: readonly StickSeen[],
): readonly Finding[] {
  const found: Finding[] = [];
  if (keysFileFault !== null) {
    found.push({
      id: 'radio_keys_unusable',
      severity: 'error',
      subject: 'security_keys_file',
      what: 'The file with the keys of the Z-Wave network can not be used.',
      fix: 'Put the right file there, or take the line out of the config: the hub keeps keys that it has taken over.',
      seen: keysFileFault,
    });
  }
  for (const { key, radio } of sticks) {
    const served = locks.filter((lock) => lock.radio === radio).length;
    if (served === 0 || secrets.includes(NETWORK_KEYS[radio])) continue;
    found.push({
      id: 'radio_keys_missing',
      severity: 'error',
      subject: key,
      what: 'The hub knows locks of this radio and has lost the keys of their network, so they do not understand it.',
      fix:
        radio === 'zwave'
          ? 'Restore a backup, or name the keys of the network with security_keys_file.'
          : 'Restore a backup; otherwise all locks have to be paired anew.',
      seen: `${served} locks, and no ${NETWORK_KEYS[radio]} in the database`,
    });
  }
  return found;
}
