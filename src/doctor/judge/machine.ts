import type { Finding } from '../../core/finding.ts';
import { DAY_MS, MINUTE_MS, type Instant } from '../../core/time.ts';
import { offsetMinutes } from '../../core/timing/local-time.ts';
import type { CardSeen, HubWords, MachineSeen, Observations } from '../observations.ts';

/** A machine with less to give ends programs. */
const MEMORY_BYTES_MIN = 48 * 1024 * 1024;
/** A card with so many tenths of its life used should be replaced at the next visit; 11 is beyond its life. */
const LIFE_TENTHS_WORN = 9;
const PRE_END_OF_LIFE_WARNING = 2;
const ONE = { subject: null } as const;
/** A year's days on which the offsets of two zones are compared: one a month finds summer time. */
const OFFSET_DAYS = Array.from({ length: 12 }, (_, month) => month * 30);
/** Events are written down at once, so one that lies further ahead shows a clock that was set back. */
const AHEAD_MS_MAX = 2 * MINUTE_MS;
/** As on the page: codes are written half an hour ahead. */
const UNCERTAIN_MS_MAX = MINUTE_MS;
const WRONG = {
  ...ONE,
  id: 'clock_wrong',
  severity: 'error',
  fix: 'Give the machine internet or a time server (timedatectl set-ntp true), or set the clock by hand.',
} as const;
const ZONES_OF_NOBODY = /^(UTC|GMT|Etc\/.*|UCT|Zulu|Universal)$/;

export function judgeMachine(machine: MachineSeen): readonly Finding[] {
  return [
    ...judgePower(machine),
    ...judgeMemory(machine),
    ...judgeMemoryPlace(machine),
    ...machine.cards.flatMap(judgeCard),
  ];
}

function judgePower({ undervoltage }: MachineSeen): readonly Finding[] {
  if (undervoltage === null || undervoltage === 'none') return [];
  const isNow = undervoltage === 'now';
  return [
    {
      ...ONE,
      id: 'undervoltage',
      severity: isNow ? 'error' : 'warning',
      what: `The power supply ${isNow ? 'gives' : 'has given'} too little voltage, which damages cards and resets sticks.`,
      fix: 'Use the supply made for this Raspberry Pi and a short cable, and take what draws much power off its USB ports.',
      seen: isNow ? 'undervoltage now' : 'undervoltage since the machine was started',
    },
  ];
}

function judgeMemory({ memory }: MachineSeen): readonly Finding[] {
  if (!('seen' in memory) || memory.seen.availableBytes >= MEMORY_BYTES_MIN) return [];
  return [
    {
      ...ONE,
      id: 'memory_short',
      severity: 'warning',
      what: 'Memory is so short that the machine may end the hub.',
      fix: 'End other programs on this machine, or give the hub one with more memory (1 GB is plenty).',
      seen: `${megabytes(memory.seen.availableBytes)} MB available of ${megabytes(memory.seen.totalBytes)} MB`,
    },
  ];
}

function judgeMemoryPlace({ hasMemoryPlace }: MachineSeen): readonly Finding[] {
  if (hasMemoryPlace) return [];
  return [
    {
      ...ONE,
      id: 'memory_folder_missing',
      severity: 'error',
      what: 'No folder is in memory, so a Zigbee stick stays down: its keys are not put on a disk in clear.',
      fix: 'Mount a tmpfs at /dev/shm, as every Debian does.',
      seen: 'neither the runtime directory nor /dev/shm is a tmpfs that may be written to',
    },
  ];
}

function judgeCard({ name, lifeTenths, preEndOfLife }: CardSeen): readonly Finding[] {
  const isOld = (lifeTenths ?? 0) > LIFE_TENTHS_WORN || (preEndOfLife ?? 0) >= PRE_END_OF_LIFE_WARNING;
  if (!isOld) return [];
  const life =
    lifeTenths === null ? '' : `${lifeTenths > 10 ? 'more than 100' : lifeTenths * 10} % of its life used`;
  return [
    {
      id: 'card_worn',
      severity: (lifeTenths ?? 0) > 10 || (preEndOfLife ?? 0) > PRE_END_OF_LIFE_WARNING ? 'error' : 'warning',
      subject: name,
      what: 'The memory card is worn out.',
      fix: 'Make a backup of the hub, put in a new card (of an industrial kind) and restore it there.',
      seen: [life, preEndOfLife === null ? '' : `reserve state ${preEndOfLife} of 3`]
        .filter(Boolean)
        .join(', '),
    },
  ];
}

/** A hub that runs knows more of the time than the machine's clock shows; without one, what is written down has to do. */
export function judgeTime(
  { at, builtAt, machine }: Observations,
  words: HubWords | null,
  newestEventAt: Instant | null,
): readonly Finding[] {
  const clock = words?.clock ?? null;
  const floor = Math.max(builtAt, newestEventAt ?? builtAt, clock?.earliest ?? builtAt);
  if (floor > at + AHEAD_MS_MAX) {
    return [
      {
        ...WRONG,
        what: 'The clock of this machine is slow: it shows a time that was over before this program was built, before events that it has written down, or as the hub knows.',
        seen: `it shows ${textOf(at)}, and it is ${textOf(floor)} at least`,
      },
    ];
  }
  const latest = clock?.latest ?? null;
  if (latest !== null && at > latest + AHEAD_MS_MAX) {
    return [
      {
        ...WRONG,
        what: 'The clock of this machine is fast: it shows a time that is still to come, as the hub knows.',
        seen: `it shows ${textOf(at)}, and it is ${textOf(latest)} at most`,
      },
    ];
  }
  if (clock !== null && (latest === null || latest - clock.earliest > UNCERTAIN_MS_MAX)) {
    return [uncertain(clock)];
  }
  const { isSynchronised } = machine;
  if (!('seen' in isSynchronised) || isSynchronised.seen || clock?.followsMachine === true) return [];
  return [
    {
      ...ONE,
      id: 'clock_unsynchronised',
      severity: 'warning',
      what: 'No time server sets the clock of this machine, so it drifts, and after a power cut it may be wrong by years.',
      fix: 'Run "timedatectl set-ntp true", and let the machine reach a time server (UDP port 123).',
      seen: 'the operating system says that its clock is not synchronised',
    },
  ];
}

/** The time as the hub knows it, or `at` by the machine's clock where it does not. */
export function timeBy({ clock: { earliest, latest } }: HubWords, at: Instant): Instant {
  return latest !== null && latest - earliest <= UNCERTAIN_MS_MAX ? earliest : at;
}

function uncertain({ earliest, latest, isDisputed }: HubWords['clock']): Finding {
  const till = latest === null ? 'at least' : `at least, and ${textOf(latest)} at most`;
  return {
    ...ONE,
    id: 'clock_uncertain',
    severity: 'error',
    what: isDisputed
      ? 'The clock of this machine, the cloud and what the hub knew before contradict each other, so codes that depend on the time are not switched on.'
      : 'The hub does not know the time to the minute, so codes that depend on it are not switched on.',
    fix: isDisputed
      ? 'Set the time server right; the hub follows when two of the three agree, or after a day.'
      : 'Give the machine internet or a time server; the time of the cloud does as well.',
    seen: `it is ${textOf(earliest)} ${till}`,
  };
}

/** The hub goes by the zone of the config alone, but who set up the machine for another place may have meant that one. */
export function judgeZone(timezone: string, { at, machine: { zone } }: Observations): readonly Finding[] {
  if (ZONES_OF_NOBODY.test(zone) || isSameTime(timezone, zone, at)) return [];
  return [
    {
      ...ONE,
      id: 'zone_doubtful',
      severity: 'warning',
      what: 'The zone of the site in the config is another than that of this machine. Locks get the one of the config.',
      fix: 'If the locks are where the machine says, mend site.timezone; otherwise run "timedatectl set-timezone" with the zone of the config.',
      seen: `site.timezone is ${timezone}, the machine has ${zone}`,
    },
  ];
}

function isSameTime(one: string, other: string, at: Instant): boolean {
  return OFFSET_DAYS.every((day) => {
    const then = at + day * DAY_MS;
    return offsetMinutes(one, then) === offsetMinutes(other, then);
  });
}

export function textOf(at: Instant): string {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? 'no time' : date.toISOString().replace(/\.\d+Z$/, 'Z');
}

export function megabytes(bytes: number): number {
  return Math.floor(bytes / (1024 * 1024));
}
