import path from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Config } from '../../config.ts';
import { HOUR_MS, SECOND_MS, type Instant } from '../../core/time.ts';
import type { GlanceContent } from '../../store/glance.ts';
import { systemRandom, type HubKey } from '../../store/key.ts';
import { Seal } from '../../store/seal.ts';
import type { DatabaseContent, DatabaseSeen, LockSeen, Seen } from '../observations.ts';
import type { Answer } from './glance-worker.ts';
import { textAt } from './text-file.ts';

/** Some hundred megabytes from a slow card; a real one has a few. */
const LOOK_MS = 15 * SECOND_MS;
/** What the file that `security_keys_file` names has to hold. */
const KEYS = ['S0_Legacy', 'S2_Unauthenticated', 'S2_Authenticated', 'S2_AccessControl'] as const;

/** The hub's database, looked at in a thread of its own: reading all of it may take long, and doors don't wait. */
export async function seeDatabase(
  { dataDir, radios }: Config,
  key: HubKey | null,
  at: Instant,
): Promise<Seen<DatabaseSeen>> {
  const file = path.join(dataDir, 'lockhub.db');
  const answer = await look(file, at - HOUR_MS);
  if (!answer.ok) return { unseen: answer.reason };
  const { state, verdict, content } = answer.glance;
  const keysFile = radios.flatMap((radio) =>
    radio.kind === 'zwave' ? (radio.securityKeysFile ?? []) : [],
  )[0];
  return {
    seen: {
      file,
      state,
      verdict,
      content: content && { ...contentOf(content, key), keysFileFault: keysFileFault(keysFile) },
    },
  };
}

function look(file: string, startsSince: Instant): Promise<Answer> {
  const worker = new Worker(new URL('./glance-worker.ts', import.meta.url), {
    workerData: { file, startsSince },
  });
  const answer = new Promise<Answer>((resolve) => {
    const timer = setTimeout(() => resolve({ ok: false, reason: 'reading it takes too long' }), LOOK_MS);
    worker.once('message', (message: Answer) => resolve(message));
    worker.once('error', (error) => resolve({ ok: false, reason: reasonOf(error) }));
    worker.once('exit', () => {
      clearTimeout(timer);
      resolve({ ok: false, reason: 'it could not be read' });
    });
  });
  return answer.finally(() => void worker.terminate());
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function contentOf(content: GlanceContent, key: HubKey | null): Omit<DatabaseContent, 'keysFileFault'> {
  const { keyCheck } = content;
  return {
    isKeyRight: key === null || keyCheck === null ? null : new Seal(key, systemRandom).keyCheck === keyCheck,
    secrets: content.secretNames,
    locks: content.locks.map(lockOf),
    eventsWaiting: content.eventsWaiting,
    newestEventAt: content.newestEventAt,
    startsLately: content.starts,
  };
}

function lockOf(row: GlanceContent['locks'][number]): LockSeen {
  const { radio } = row;
  return {
    deviceId: row.device_id,
    name: row.name,
    radio: radio === 'zwave' || radio === 'zigbee' ? radio : null,
    isSecure: row.secure,
    isOnline: row.online,
    batteryLevel: row.battery_level,
    isBatteryLow: row.battery_low,
    isKeyMissing: row.credentials_missing,
    aheadMs: row.ahead_ms,
    heldBackUntil: row.repeats_blocked_until,
    rssiDbm: row.rssi_dbm,
  };
}

/** What is wrong with the keys file, without a key; the driver reads it itself. */
function keysFileFault(file: string | undefined): string | null {
  if (file === undefined) return null;
  const text = textAt(file);
  if (text === null) return `${file} can not be read`;
  const content = objectOf(text);
  if (content === null) return `${file} is not a JSON object`;
  const wrong = KEYS.filter((name) => {
    const key = content[name];
    return typeof key !== 'string' || !/^[0-9a-f]{32}$/i.test(key);
  });
  return wrong.length === 0 ? null : `${file}: ${wrong.join(', ')}: not 32 hex digits`;
}

function objectOf(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : null;
  } catch {
    return null;
  }
}
