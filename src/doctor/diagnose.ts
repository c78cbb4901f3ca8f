import type { Finding } from '../core/finding.ts';
import { judgeBackups } from './judge/backups.ts';
import { judgeBroker } from './judge/broker.ts';
import { judgeContent, judgeDatabase } from './judge/database.ts';
import { judgeFiles, judgeKey } from './judge/files.ts';
import { judgeLock } from './judge/locks.ts';
import { judgeRepair } from './judge/repair.ts';
import { judgeMachine, judgeTime, judgeZone, textOf, timeBy } from './judge/machine.ts';
import { judgeStick } from './judge/stick.ts';
import type { DatabaseSeen, HubSeen, InstalledSeen, Observations, PageSeen, Seen } from './observations.ts';

/** What is wrong, errors first. Pure: the same observations have the same findings. */
export function diagnose(observations: Observations): readonly Finding[] {
  const { installed, mistakes } = observations;
  const found = [
    ...judgeConfig(mistakes),
    ...judgeMachine(observations.machine),
    ...(installed === null ? judgeTime(observations, null, null) : judgeInstalled(installed, observations)),
  ];
  return found.toSorted((one, other) => weightOf(one) - weightOf(other));
}

function weightOf({ severity }: Finding): number {
  return severity === 'error' ? 0 : 1;
}

function judgeConfig(mistakes: readonly string[]): readonly Finding[] {
  if (mistakes.length === 0) return [];
  return [
    {
      id: 'config_broken',
      severity: 'error',
      subject: null,
      what: 'The config is broken, so the hub does not start with it.',
      fix: 'Mend what each line names; the README lists every key.',
      seen: mistakes.join('; '),
    },
  ];
}

function judgeInstalled(installed: InstalledSeen, observations: Observations): readonly Finding[] {
  const { hub, sticks, brokers, page, files, key, database, timezone, backups, repair } = installed;
  const words = wordsOf(hub);
  const at = words === null ? observations.at : timeBy(words, observations.at);
  const content = contentOf(database);
  return [
    ...judgeHub(hub),
    ...sticks.flatMap((stick) =>
      judgeStick(stick, words?.radios.find(({ radio }) => radio === stick.radio) ?? null),
    ),
    ...judgeTime(observations, words, content?.newestEventAt ?? null),
    ...judgeZone(timezone, observations),
    ...brokers.flatMap((broker) => judgeBroker(broker, at)),
    ...judgePage(page),
    ...('seen' in files ? judgeFiles(files.seen) : []),
    ...('seen' in key ? judgeKey(key.seen, isThere(database)) : []),
    ...('seen' in database ? judgeDatabase(database.seen) : []),
    ...judgeRepair(repair),
    ...(content === null
      ? []
      : judgeContent(
          content,
          sticks,
          brokers.some(({ section }) => section === 'cloud'),
        )),
    ...('seen' in backups ? judgeBackups(backups.seen, words?.backupFailure ?? null, content, at) : []),
    ...(content?.locks.flatMap((lock) => judgeLock(lock, words, at)) ?? []),
  ];
}

function wordsOf(hub: Seen<HubSeen>) {
  return 'seen' in hub && hub.seen.kind === 'running' ? hub.seen.words : null;
}

function contentOf(database: Seen<DatabaseSeen>) {
  return 'seen' in database ? database.seen.content : null;
}

function isThere(database: Seen<DatabaseSeen>): boolean {
  return 'seen' in database && database.seen.state !== 'absent';
}

function judgeHub(hub: Seen<HubSeen>): readonly Finding[] {
  if (!('seen' in hub)) return [];
  const about = { severity: 'error', subject: null } as const;
  const reason = wordsOf(hub)?.safeMode ?? null;
  if (reason !== null) {
    return [
      {
        ...about,
        id: 'hub_safe_mode',
        what: 'The hub could not be kept running, so it is in safe mode: codes that have ended are taken off, and nothing else is done.',
        fix: 'Mend what the reason says and run "systemctl restart lockhub"; the ordinary hub is tried again by itself too.',
        seen: reason,
      },
    ];
  }
  if (hub.seen.kind !== 'hangs') return [];
  return [
    {
      ...about,
      id: 'hub_hangs',
      what: 'The hub runs and does not answer.',
      fix: 'Its watchdog ends it within two minutes and it is started anew; without one, run "systemctl restart lockhub".',
      seen: `no answer within ${hub.seen.waitedMs} ms`,
    },
  ];
}

function judgePage(page: PageSeen): readonly Finding[] {
  switch (page.kind) {
    case 'off':
    case 'well':
    case 'unknown':
      return [];
    case 'failed': {
      const by = page.holder === null ? '' : ` (by ${page.holder})`;
      return [
        {
          id: 'page_port_taken',
          severity: 'error',
          subject: 'http.listen',
          what: 'The page and the local API can not listen where the config says.',
          fix: 'End the program that has the port, or choose another one with http.listen. The doors are served all the same.',
          seen: `${page.listen}: ${page.reason}${by}`,
        },
      ];
    }
    case 'expired':
      return [
        {
          id: 'page_certificate_expired',
          severity: 'warning',
          subject: 'http.tls.cert_file',
          what: 'The certificate of the page has expired, so browsers and programs turn away from it.',
          fix: 'Put a new certificate in its place and restart the hub, or leave http.tls out.',
          seen: `${page.file} ended at ${textOf(page.endedAt)}`,
        },
      ];
  }
}
