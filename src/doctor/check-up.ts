import { accessSync, constants, statSync } from 'node:fs';
import { loadConfig, type Config } from '../config.ts';
import type { CheckUp } from '../core/finding.ts';
import { diagnose } from './diagnose.ts';
import type { HubSeen, HubWords, InstalledSeen, MachineSeen, Observations, Seen } from './observations.ts';
import { seeBackups } from './observe/backups.ts';
import { seeBrokers } from './observe/brokers.ts';
import { seeDatabase } from './observe/database.ts';
import { seeFiles, seeKey } from './observe/files.ts';
import { seeHub } from './observe/hub.ts';
import { seeMachine } from './observe/machine.ts';
import { seePage } from './observe/page.ts';
import { seeRepair } from './observe/repair.ts';
import { MACHINE, type Places } from './observe/places.ts';
import { seeStick } from './observe/sticks.ts';
import { codeOf } from './observe/text-file.ts';
import { userOfFiles, userOfProcess, type HubUser } from './observe/user.ts';

/** Its time of change is when this program was built or installed. */
const PROGRAM = new URL('../../package.json', import.meta.url);

/** A hub that is looked at, and by whom. */
interface Subject {
  readonly hub: Seen<HubSeen>;
  /** The hub's process; `null`: none runs, or nobody knows. */
  readonly pid: number | null;
  readonly user: HubUser;
}

/**
 * Looks at the hub with this config from outside, whether it runs or not, and disturbs nothing: its stick and its
 * broker are only asked while no hub runs, and its database is only read.
 */
export async function checkUpOf(configFile: string, places: Places = MACHINE): Promise<CheckUp> {
  const at = Date.now();
  const machine = await seeMachine(places);
  const unreadable = whyUnreadable(configFile);
  if (unreadable !== null) {
    const unchecked = [{ check: 'config', reason: unreadable }];
    return told({ at, builtAt: builtAt(), mistakes: [], machine, installed: null }, unchecked);
  }
  const config = loadConfig(configFile);
  if (!config.ok) {
    return told({ at, builtAt: builtAt(), mistakes: config.mistakes, machine, installed: null }, []);
  }
  const { dataDir } = config.value;
  const { hub, pid } = await seeHub(places, dataDir);
  const user = (pid === null ? null : userOfProcess(places, pid)) ?? userOfFiles(places, ownerOf(dataDir));
  const installed = await seeInstalled(config.value, { hub, pid, user }, places, at);
  return told({ at, builtAt: builtAt(), mistakes: [], machine, installed }, []);
}

/** The same by the running hub itself, which has read its config and knows how its radios and its links are. */
export async function checkUpInside(
  config: Config,
  words: () => HubWords,
  places: Places = MACHINE,
): Promise<CheckUp> {
  const at = Date.now();
  const subject: Subject = {
    hub: { seen: { kind: 'running', words: words() } },
    pid: process.pid,
    user: { uid: process.geteuid?.() ?? 0, gids: process.getgroups?.() ?? [] },
  };
  const [machine, installed] = await Promise.all([
    seeMachine(places),
    seeInstalled(config, subject, places, at),
  ]);
  return told({ at, builtAt: builtAt(), mistakes: [], machine, installed }, []);
}

async function seeInstalled(
  config: Config,
  { hub, pid, user }: Subject,
  places: Places,
  at: number,
): Promise<InstalledSeen> {
  const state = 'seen' in hub ? hub.seen : null;
  const isFree = state?.kind === 'stopped';
  const words = state?.kind === 'running' ? state.words : null;
  const { seen: keySeen, key } = seeKey(config.keyFile);
  const circumstances = { places, user, hubPids: pid === null ? [] : [pid], isFree };
  const { database, chosen } = await seeDatabase(config, key, at);
  const radios = config.radiosAuto ? chosen : config.radios;
  const [sticks, brokers, page] = await Promise.all([
    Promise.all(radios.map((radio, index) => seeStick(radio, `radios[${index}]`, circumstances))),
    seeBrokers(config, words, isFree),
    seePage(config.http, words, isFree, places),
  ]);
  const files = seeFiles(places, config.dataDir, user);
  const backups = seeBackups(config);
  const repair = seeRepair(config);
  const { timezone } = config.policy;
  return { timezone, hub, sticks, brokers, page, files, key: keySeen, database, backups, repair };
}

function told(observations: Observations, unreadable: CheckUp['unchecked']): CheckUp {
  const { at, machine, installed } = observations;
  return {
    at: new Date(at).toISOString(),
    hub: stateOf(installed),
    findings: diagnose(observations),
    unchecked: [...unreadable, ...unseenOf(machine, installed)],
  };
}

function stateOf(installed: InstalledSeen | null): CheckUp['hub'] {
  if (installed === null || 'unseen' in installed.hub) return 'unknown';
  return installed.hub.seen.kind === 'stopped' ? 'stopped' : 'running';
}

function unseenOf(machine: MachineSeen, installed: InstalledSeen | null): CheckUp['unchecked'] {
  const looks: readonly (readonly [string, Seen<unknown>])[] = [
    ['clock', machine.isSynchronised],
    ['memory', machine.memory],
    ...(installed === null
      ? []
      : ([
          ['hub', installed.hub],
          ['data directory', installed.files],
          ['key', installed.key],
          ['database', installed.database],
          ['backups', installed.backups],
          ...installed.brokers.flatMap(({ section, unseen }) =>
            unseen === null ? [] : [[section, { unseen }] as const],
          ),
        ] as const)),
  ];
  const unseen = looks.flatMap(([check, look]) => ('unseen' in look ? [{ check, reason: look.unseen }] : []));
  return isStarting(installed)
    ? [
        ...unseen,
        { check: 'radios and cloud', reason: 'the hub does not say how they are; it may be starting' },
      ]
    : unseen;
}

function isStarting(installed: InstalledSeen | null): boolean {
  if (installed === null || 'unseen' in installed.hub) return false;
  const { seen } = installed.hub;
  return seen.kind === 'running' && seen.words === null;
}

/** A config that is there and not for the eyes of who asks is no mistake. */
function whyUnreadable(configFile: string): string | null {
  try {
    accessSync(configFile, constants.R_OK);
    return null;
  } catch (error) {
    return codeOf(error) === 'EACCES'
      ? `${configFile} is not for this user; ask as root or as the user of the hub`
      : null;
  }
}

function ownerOf(dataDir: string): number {
  const here = process.geteuid?.() ?? 0;
  return statSync(dataDir, { throwIfNoEntry: false })?.uid ?? here;
}

function builtAt(): number {
  return statSync(PROGRAM).mtimeMs;
}
