import type { Clock } from '../clock.ts';
import type { LockState } from '../core/lock.ts';
import type { Room } from '../core/room.ts';
import type { RepairView } from '../core/repair-view.ts';
import { SECOND_MS } from '../core/time.ts';
import type { Store } from '../store/store.ts';
import { notedText } from '../wire/instant-text.ts';
import { clockStateOf } from './clock-state.ts';
import type { Health } from './messages/health.ts';
import { MAJOR_VERSION } from './messages/payload.ts';
import type { SealingKey } from './messages/sealed.ts';
import type { HubIdentity } from './presence.ts';

/** How the machine is, as far as the hub can say. */
export interface HealthSources {
  /** How each radio is. */
  readonly radios: () => Health['radios'];
  /** Of the file system with the database, in bytes. */
  readonly disk: () => { readonly freeBytes: number; readonly totalBytes: number; readonly room: Room };
  /** The database was damaged and replaced lately. */
  readonly repaired?: RepairView | null | undefined;
  /** Messages that were not taken since the start, by reason. */
  readonly rejected: () => Readonly<Record<string, number>>;
  readonly sealingKey: () => SealingKey;
}

/** How the hub is: numbers, no PIN and no name. `startedMs` is a monotonic time. */
export function healthOf(
  hub: HubIdentity,
  connectionSeq: number,
  startedMs: number,
  { store, clock }: { readonly store: Store; readonly clock: Clock },
  sources: HealthSources,
): Health {
  const { freeBytes, totalBytes, room } = sources.disk();
  const states = store.deviceIds().flatMap((deviceId) => store.lockState(deviceId) ?? []);
  return {
    v: MAJOR_VERSION,
    at: notedText(clock.now().earliest),
    boot_id: hub.bootId,
    connection_seq: connectionSeq,
    version: hub.version,
    uptime_seconds: Math.floor((clock.monotonicMs() - startedMs) / SECOND_MS),
    clock: clockStateOf(clock),
    radios: sources.radios(),
    devices: { known: states.length, online: states.filter(({ lock }) => lock.online).length },
    codes: countCodes(states),
    queues: {
      events: store.outbox.depth(),
      commands: store.commands.openCount(),
      operations_open: store.openOperations().length,
    },
    events: { head: store.outbox.head(), acked: store.outbox.acked(), oldest_at: oldestOf(store) },
    disk: { free_bytes: freeBytes, total_bytes: totalBytes, database_bytes: store.sizeBytes(), room },
    ...(sources.repaired && { database_repair: repairOf(sources.repaired) }),
    memory_bytes: process.memoryUsage.rss(),
    rejected: { ...sources.rejected() },
    sealing_key: sources.sealingKey(),
  };
}

function repairOf({ at, damage, restoredFrom, isEmptied }: RepairView): Health['database_repair'] {
  return { at, damage, restored_from: restoredFrom, is_emptied: isEmptied };
}

function countCodes(states: readonly LockState[]): Health['codes'] {
  const codes = states.flatMap((state) => state.codes);
  const slots = states.flatMap((state) => state.slots);
  return {
    managed: codes.filter(({ isBackup }) => !isBackup).length,
    with_errors: codes.filter(({ errors }) => errors.length > 0).length,
    unmanaged: slots.filter(({ unmanaged }) => unmanaged !== null).length,
  };
}

/** When the event that waits longest happened. */
function oldestOf({ outbox }: Store): string | null {
  const [oldest] = outbox.after(outbox.acked(), 1);
  const at = oldest?.event['occurred_at'];
  return typeof at === 'string' ? at : null;
}
