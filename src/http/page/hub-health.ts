import { DAY_MS, MINUTE_MS, SECOND_MS } from '../../core/time.ts';
import type { RadioFault } from '../../core/radio-fault.ts';
import { offlineSecrets } from '../../store/offline-secrets.ts';
import { instantText, notedText } from '../../wire/instant-text.ts';
import type { ApiParts } from '../route.ts';
import { clockViewOf } from './clock-view.ts';
import type { HubHealth } from './types.ts';

/** Less room than this, or a smaller share of the disk, is a problem. */
const FREE_BYTES_MIN = 100 * 1024 * 1024;
const FREE_SHARE_MIN = 0.05;
/** Without the cloud's acknowledgement for so long, somebody should look. */
const CLOUD_AWAY_MS = 15 * MINUTE_MS;
/** A repaired database is told of for so long. */
const REPAIR_TOLD_MS = 14 * DAY_MS;

/** What to do about a stick that can't be opened. */
const ADVICE: Readonly<Record<RadioFault, string>> = {
  port_taken:
    'End the other program and keep it from starting; zigbee2mqtt, zwave-js-ui, Home Assistant and ModemManager are known to take sticks.',
  port_missing: 'Plug it in; if it is, look for its name with "lockhub sticks".',
  port_forbidden: 'Install the udev rules of the package, or put the user of the hub into that group.',
};

type HubProblem = HubHealth['problems'][number];

export function hubHealthOf(parts: ApiParts): HubHealth {
  const { hubId, version, policy, store, clock, startedMs, disk, radios } = parts;
  const { earliest } = clock.now();
  const upMs = clock.monotonicMs() - startedMs;
  const { freeBytes, totalBytes, room } = disk();
  return {
    hub_id: hubId,
    version,
    timezone: policy.timezone,
    started_at: notedText(earliest - upMs),
    uptime_seconds: Math.floor(upMs / SECOND_MS),
    clock: clockViewOf(clock),
    radios: radios().map(({ radio, state }) => ({ radio, state })),
    cloud: cloudOf(parts),
    disk: { free_bytes: freeBytes, total_bytes: totalBytes, database_bytes: store.sizeBytes(), room },
    memory_bytes: process.memoryUsage.rss(),
    offline_secrets: offlineSecrets(store.secrets).map(({ secretId, acceptedUntil }) => ({
      secret_id: secretId,
      accepted_until: instantText(acceptedUntil),
    })),
    problems: problemsOf(parts),
  };
}

function cloudOf({ cloudLink, claim, store }: ApiParts): HubHealth['cloud'] {
  const link = cloudLink();
  if (link === null) return null;
  const claimed = claim();
  return {
    status: link.status,
    last_failure: link.lastFailure,
    claim: claimed && { owner: claimed.state === 'claimed' ? claimed.owner : null },
    events_waiting: store.outbox.depth(),
  };
}

/** Worst first. */
function problemsOf(parts: ApiParts): readonly HubProblem[] {
  return [
    ...wipeProblems(parts),
    ...replacedProblems(parts),
    ...safeModeProblems(parts),
    ...repairProblems(parts),
    ...clockProblems(parts),
    ...radioProblems(parts),
    ...diskProblems(parts),
    ...cloudProblems(parts),
  ];
}

/** Until somebody has claimed it anew: then it is another hub. */
function wipeProblems({ wipe, claim }: ApiParts): readonly HubProblem[] {
  if (wipe == null || (wipe.phase === 'wiped' && claim()?.state === 'claimed')) return [];
  const why = wipe.reason === '' ? 'the cloud ordered it' : wipe.reason;
  if (wipe.phase !== 'wiped') {
    const message = `This hub is being wiped: ${why}. Codes that have ended are taken off the locks, then it forgets all keys.`;
    return [{ code: 'wiping', message }];
  }
  const at = wipe.wiped_at === null ? '' : ` at ${instantText(wipe.wiped_at)}`;
  const left =
    wipe.left.length === 0 ? '' : ` Only root can delete what else there is: ${wipe.left.join(', ')}.`;
  return [
    {
      code: 'wiped',
      message: `This hub was wiped${at}: ${why}. It has no key of any lock and no code.${left} Have it claimed anew, or restore a backup.`,
    },
  ];
}

function replacedProblems({ replaced, store }: ApiParts): readonly HubProblem[] {
  const progress = replaced?.() ?? null;
  if (progress === null) return [];
  const { madeAt, locks, silent } = progress;
  const nameOf = (deviceId: string): string => {
    const { nickname = null, model = null } = store.lockState(deviceId)?.lock ?? {};
    return nickname ?? model ?? deviceId;
  };
  const names = silent.map(nameOf).join(', ');
  const message = `This hub was restored from a backup of ${madeAt}. ${locks - silent.length} of ${locks} locks have answered since; not yet: ${names}. Nothing has to be paired or done anew: a new stick needs some minutes, and each lock has to be near.`;
  return [{ code: 'restored', message }];
}

function safeModeProblems({ safeMode, clock }: ApiParts): readonly HubProblem[] {
  if (safeMode == null) return [];
  const minutes = Math.max(1, Math.ceil((safeMode.untilMs - clock.monotonicMs()) / MINUTE_MS));
  const message = `Safe mode: the hub can't be kept running. ${safeMode.reason} Codes that have ended are taken off the locks; no code is put on, and the cloud is not heard. The hub is tried again within ${minutes} ${minutes === 1 ? 'minute' : 'minutes'}.`;
  return [{ code: 'safe_mode', message }];
}

/** Told until somebody has taken note, or long enough. */
function repairProblems({ repaired, clock }: ApiParts): readonly HubProblem[] {
  if (repaired == null || clock.now().earliest - Date.parse(repaired.at) > REPAIR_TOLD_MS) return [];
  const { isEmptied, restoredFrom } = repaired;
  if (isEmptied) {
    const message =
      'The database of this hub was lost, and there was no backup that opens: the hub knows no code and no key of its radios any more. It waits for its cloud to say what it wants. Restore a backup with its recovery key, or see the doctor.';
    return [{ code: 'database_emptied', message }];
  }
  const from =
    restoredFrom === null
      ? 'from what could be read of it'
      : 'from a backup and from what could be read of it';
  const message = `The database of this hub was damaged and was put together again ${from}. Codes that were made here since the last backup may be missing: compare them. If it happens again, put in a new card.`;
  return [{ code: 'database_repaired', message }];
}

function clockProblems({ clock }: ApiParts): readonly HubProblem[] {
  const { earliest, latest } = clock.now();
  if (latest - earliest <= MINUTE_MS) return [];
  const { isDisputed = false } = clock.basis?.() ?? {};
  const message = isDisputed
    ? 'The clock of this machine, the cloud and what the hub knew before contradict each other, so codes that depend on the time are not switched on. Set the time server right; the hub follows when two of the three agree, or after a day.'
    : 'The hub does not know the time to the minute, so codes that depend on it are not switched on, and codes that have certainly ended are off. Give it internet or a time server.';
  return [{ code: 'clock_uncertain', message }];
}

function radioProblems({ radios }: ApiParts): readonly HubProblem[] {
  return radios()
    .filter(({ state }) => state === 'down')
    .map(({ radio, message, fault }) => {
      const name = radio === 'zwave' ? 'Z-Wave' : 'Zigbee';
      if (fault !== undefined) {
        return { code: fault, message: `The ${name} radio can't be opened: ${message}. ${ADVICE[fault]}` };
      }
      return {
        code: 'radio_down',
        message: `The ${name} radio does not answer, so no lock of it can be reached. Pull its stick out, wait ten seconds and put it in again.`,
      };
    });
}

function diskProblems({ disk }: ApiParts): readonly HubProblem[] {
  const { freeBytes, totalBytes, room } = disk();
  if (room === 'none') {
    const message =
      'The disk takes nothing: codes that end are still taken off, but new ones are not taken. Delete what is not needed; if there is room, the card is worn out or was made read-only: put in another one.';
    return [{ code: 'disk_full', message }];
  }
  if (freeBytes >= FREE_BYTES_MIN && freeBytes >= totalBytes * FREE_SHARE_MIN) return [];
  const left = Math.floor(freeBytes / (1024 * 1024));
  return [
    { code: 'disk_nearly_full', message: `Only ${left} MB of the disk are free. Delete what is not needed.` },
  ];
}

function cloudProblems(parts: ApiParts): readonly HubProblem[] {
  const link = parts.cloudLink();
  if (link === null) return [];
  const said = link.lastFailure === null ? '' : ` It said: ${link.lastFailure}.`;
  const lost = eventsLost(parts);
  if (link.status === 'refused') {
    return [{ code: 'cloud_refused', message: `${refusalText(parts)}${said}` }, ...lost];
  }
  const isUnclaimed = parts.claim()?.state === 'unclaimed';
  if (link.status === 'online' || isUnclaimed || !isLongAway(parts)) return lost;
  const message = `The cloud has not been reached for a while. Codes that are here go on working; check the internet.${said}`;
  return [{ code: 'cloud_away', message }, ...lost];
}

function refusalText({ claim }: ApiParts): string {
  if (claim()?.state !== 'claimed')
    return 'The broker of the cloud refuses this hub until its login in the config is mended.';
  return 'The broker of the cloud refuses the certificate that this hub got when it was claimed. Ask whoever runs the cloud whether it was revoked; to have this hub claimed anew, run lockhub claim --again on it.';
}

/** What waits for the cloud tells since when it is away. */
function isLongAway({ store, clock }: ApiParts): boolean {
  const [oldest] = store.outbox.after(store.outbox.acked(), 1);
  const at = oldest?.event['occurred_at'];
  return typeof at === 'string' && clock.now().earliest - Date.parse(at) >= CLOUD_AWAY_MS;
}

/** Told for as long as the event that says so waits for the cloud itself. */
function eventsLost({ store }: ApiParts): readonly HubProblem[] {
  const [last] = store.events.newest({ eventTypes: ['hub.events_lost'] }, 1);
  if (last === undefined || last.seq <= store.outbox.acked()) return [];
  const message =
    'So many events wait for the cloud that the least important ones were given up. They end when the cloud is reached.';
  return [{ code: 'events_lost', message }];
}
