import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Config, RadioConfig } from '../../config.ts';
import { HOUR_MS, SECOND_MS, type Instant } from '../../core/time.ts';
import { chosenRadios } from '../../provision/chosen-radios.ts';
import type { GlanceContent } from '../../store/glance.ts';
import { systemRandom, type HubKey } from '../../store/key.ts';
import { keyCheckOf, Seal } from '../../store/seal.ts';
import type { DatabaseContent, DatabaseSeen, LockSeen, Seen } from '../observations.ts';
import type { Answer } from './glance-worker.ts';
import { codeOf } from './text-file.ts';

/** Some hundred megabytes from a slow card; a real one has a few. */
const LOOK_MS = 15 * SECOND_MS;
/** What the file that `security_keys_file` names has to hold. */
const KEYS = ['S0_Legacy', 'S2_Unauthenticated', 'S2_Authenticated', 'S2_AccessControl'] as const;

/** The hub's database, looked at in a thread of its own: reading all of it may take long, and doors don't wait. */
export async function seeDatabase(
  { dataDir, radios }: Config,
  key: HubKey | null,
  at: Instant,
): Promise<{ readonly database: Seen<DatabaseSeen>; readonly chosen: readonly RadioConfig[] }> {
  const file = path.join(dataDir, 'lockhub.db');
  const answer = await look(file, at - HOUR_MS);
  if (!answer.ok) return { database: { unseen: answer.reason }, chosen: [] };
  const { state, verdict, content } = answer.glance;
  const keysFile = radios.flatMap((radio) =>
    radio.kind === 'zwave' ? (radio.securityKeysFile ?? []) : [],
  )[0];
  const seen = {
    file,
    state,
    verdict,
    content: content && { ...contentOf(content, key), keysFileFault: keysFileFault(keysFile) },
  };
  return { database: { seen }, chosen: chosenIn(content, key) };
}

/** The sticks that were confirmed on the page, where there is a key to read them with. */
function chosenIn(content: GlanceContent | null, key: HubKey | null): readonly RadioConfig[] {
  const sealed = content?.sealedRadios ?? null;
  if (sealed === null || key === null) return [];
  const place = { table: 'secrets', column: 'value', id: ['radios'] };
  const text = new Seal({ number: content?.keyNumber ?? 1, key }, systemRandom).open(sealed, place);
  const chosen = chosenRadios({ get: () => text, set: () => undefined });
  return chosen.map((radio) => (radio.kind === 'zwave' ? { ...radio, securityKeysFile: null } : radio));
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
    isKeyRight: key === null || keyCheck === null ? null : keyCheckOf(key) === keyCheck,
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
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    // A credential is for root, who hands it to the hub: that others can't read it is as it should be.
    const code = codeOf(error);
    return code === 'EACCES' ? null : `${file} can not be read (${code})`;
  }
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
