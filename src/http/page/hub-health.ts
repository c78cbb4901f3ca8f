import { MINUTE_MS, SECOND_MS } from '../../core/time.ts';
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

type HubProblem = HubHealth['problems'][number];

export function hubHealthOf(parts: ApiParts): HubHealth {
  const { hubId, version, policy, store, clock, startedMs, disk, radios } = parts;
  const { earliest } = clock.now();
  const upMs = clock.monotonicMs() - startedMs;
  const { freeBytes, totalBytes } = disk();
  return {
    hub_id: hubId,
    version,
    timezone: policy.timezone,
    started_at: notedText(earliest - upMs),
    uptime_seconds: Math.floor(upMs / SECOND_MS),
    clock: clockViewOf(clock),
    radios: radios().map(({ radio, state }) => ({ radio, state })),
    cloud: cloudOf(parts),
    disk: { free_bytes: freeBytes, total_bytes: totalBytes, database_bytes: store.sizeBytes() },
    memory_bytes: process.memoryUsage.rss(),
    offline_secrets: offlineSecrets(store.secrets).map(({ secretId, acceptedUntil }) => ({
      secret_id: secretId,
      accepted_until: instantText(acceptedUntil),
    })),
    problems: problemsOf(parts),
  };
}

function cloudOf({ cloudLink, store }: ApiParts): HubHealth['cloud'] {
  const link = cloudLink();
  if (link === null) return null;
  return { status: link.status, last_failure: link.lastFailure, events_waiting: store.outbox.depth() };
}

/** Worst first. */
function problemsOf(parts: ApiParts): readonly HubProblem[] {
  return [...clockProblems(parts), ...radioProblems(parts), ...diskProblems(parts), ...cloudProblems(parts)];
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
    .map(({ radio }) => ({
      code: 'radio_down',
      message: `The ${radio === 'zwave' ? 'Z-Wave' : 'Zigbee'} radio does not answer, so no lock of it can be reached. Pull its stick out, wait ten seconds and put it in again.`,
    }));
}

function diskProblems({ disk }: ApiParts): readonly HubProblem[] {
  const { freeBytes, totalBytes } = disk();
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
    const message = `The broker of the cloud refuses this hub until its login in the config is mended.${said}`;
    return [{ code: 'cloud_refused', message }, ...lost];
  }
  if (link.status === 'online' || !isLongAway(parts)) return lost;
  const message = `The cloud has not been reached for a while. Codes that are here go on working; check the internet.${said}`;
  return [{ code: 'cloud_away', message }, ...lost];
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
