import type { Clock } from '../clock.ts';
import type { Store } from '../store/store.ts';
import { notedText } from '../wire/instant-text.ts';
import { acceptedSecrets } from './accepted-secrets.ts';
import { MAJOR_VERSION } from './messages/payload.ts';
import type { Hello, Status } from './messages/up.ts';
import { clockStateOf } from './clock-state.ts';
import { reportedOf, type ReportContext } from './reported.ts';
import { isReported } from './reports.ts';
import type { SealingKeys } from './sealing-keys.ts';

/** Which hub this is, and which run of which program. */
export interface HubIdentity {
  readonly hubId: string;
  /** Another one for each start of the process. */
  readonly bootId: string;
  readonly version: string;
}

/** The payload of `up/status`. */
export function statusOf(
  hub: HubIdentity,
  connectionSeq: number,
  state: Status['state'],
  clock: Clock,
): string {
  const status: Status = {
    v: MAJOR_VERSION,
    state,
    boot_id: hub.bootId,
    connection_seq: connectionSeq,
    version: hub.version,
    at: timeText(clock),
  };
  return JSON.stringify(status);
}

/** What a hello is made of. */
export interface HelloParts {
  readonly hub: HubIdentity;
  readonly store: Store;
  readonly clock: Clock;
  readonly reportContext: ReportContext;
  readonly sealingKeys: Pick<SealingKeys, 'current'>;
}

/** The payload of `up/hello`: enough for the cloud to tell what this hub misses and what it wants to tell. */
export function helloOf(parts: HelloParts, connectionSeq: number, helloSeq: number): string {
  const { hub, store, clock, reportContext, sealingKeys } = parts;
  const { epoch } = store.outbox;
  const secrets = acceptedSecrets(store.secrets);
  const hello: Hello = {
    v: MAJOR_VERSION,
    hub_id: hub.hubId,
    boot_id: hub.bootId,
    connection_seq: connectionSeq,
    hello_seq: helloSeq,
    version: hub.version,
    at: timeText(clock),
    clock: clockStateOf(clock),
    outbox: {
      epoch,
      head: store.outbox.head(),
      published: store.outbox.published(),
      acked: store.outbox.acked(),
      depth: store.outbox.depth(),
    },
    sealing_key: sealingKeys.current(),
    ...(secrets.length === 0 ? {} : { offline_secrets: secrets }),
    devices: store.deviceIds().flatMap((deviceId) => knownVersions(store, deviceId, reportContext)),
  };
  return JSON.stringify(hello);
}

function knownVersions(store: Store, deviceId: string, context: ReportContext): Hello['devices'] {
  const state = store.lockState(deviceId);
  if (state === undefined || !isReported(state.lock)) return [];
  const { device_id, generation, version_received, version_applied, digest } = reportedOf(state, context);
  return [{ device_id, generation, version_received, version_applied, digest }];
}

/** The earliest time that the clock can vouch for, which always has a text. */
function timeText(clock: Clock): string {
  return notedText(clock.now().earliest);
}
