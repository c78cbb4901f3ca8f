import path from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import Database from 'better-sqlite3';
import { pino } from 'pino';
import { createDirectDriver } from '../../../drivers/sim/direct.ts';
import { SimLock } from '../../../drivers/sim/lock/lock.ts';
import { LOCK_MODELS } from '../../../drivers/sim/lock/model.ts';
import { seededRandom } from '../../../drivers/sim/random.ts';
import { SystemClock } from '../../../src/clock.ts';
import { parseConfig } from '../../../src/config.ts';
import type { Scope } from '../../../src/core/scope.ts';
import { offsetMinutes } from '../../../src/core/timing/local-time.ts';
import { startHub } from '../../../src/hub.ts';
import { HubKey } from '../../../src/store/key.ts';
import { openStore } from '../../../src/store/open-store.ts';
import { canary, tellsCanary } from '../canary.ts';
import { below, pick } from '../mutate.ts';
import type { Asked, Facts, Started } from './hub.ts';

// A whole hub in a process of its own: real server, store and loops; only its radio reaches the locks directly.

const TIMEZONE = 'Europe/Berlin';
/** The radio and the locks are so many times as fast as real ones. */
const HASTE = 20;
const SLOTS = 60;
const LOCKS = 4;
const FAULTS_MAX = 20;
/** So often somebody does something at a lock, in slots from the last ones. */
const HANDS_EVERY_MS = 200;
const HAND_SLOTS = 6;
const LONG_PINS = { min: 4, max: 10 };

const [folder = '.', seedText = '1'] = process.argv.slice(2);
const seed = Number(seedText);
const faults: string[] = [];
let logLines = 0;

function logged(line: string): void {
  logLines += 1;
  const isFault = tellsCanary(line) || line.includes('a bug in the API') || line.includes('"level":60');
  if (isFault && faults.length < FAULTS_MAX) faults.push(line);
}

function fault(what: string, error: unknown): void {
  console.error(`${what}:`, error);
  faults.push(`${what}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
}
process.on('uncaughtException', (error) => fault('uncaught', error));
process.on('unhandledRejection', (error) => fault('unhandled', error));

const locks = Array.from({ length: LOCKS }, (_, index) => {
  const model = { ...LOCK_MODELS['uc-v2'], slots: SLOTS, adminSlot: SLOTS + 1, pinLength: LONG_PINS };
  return new SimLock({ id: `lock-${index}`, model, address: 2 + index, now: Date.now });
});
const config = parseConfig(
  {
    hub_id: 'fuzzed',
    site: { timezone: TIMEZONE },
    data_dir: '.',
    http: { requests_per_minute: 1_000_000 },
  },
  folder,
);
if (!config.ok) throw new Error(config.mistakes.join('\n'));
const file = path.join(folder, 'hub.db');
const store = openStore({ file, key: HubKey.generate() });
const driver = createDirectDriver({
  locks,
  sleep: (durationMs) => new Promise((resolve) => setTimeout(resolve, durationMs / HASTE)),
  random: seededRandom(seed),
  hubNow: Date.now,
  utcOffsetMinutes: (at) => offsetMinutes(TIMEZONE, at),
});
const hub = startHub({
  // A free port, which no config file can ask for.
  config: { ...config.value, http: config.value.http && { ...config.value.http, port: 0 } },
  drivers: [driver],
  store,
  clock: new SystemClock(),
  version: '0.0.0-fuzz',
  log: pino({ level: 'trace' }, { write: logged }),
});
const { http } = hub;
if (http === null) throw new Error('the local API is switched off');

function heapBytes(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  collect();
  return process.memoryUsage().heapUsed;
}

function facts(): Facts {
  return {
    faults,
    logLines,
    heapBytes: heapBytes(),
    residentBytes: process.memoryUsage().rss,
    pins: locks.map(({ codes }) =>
      codes.slotsInUse().flatMap((slot) => codes.read(slot)?.pin.reveal() ?? []),
    ),
    isPolluted: Object.hasOwn(Object.prototype, 'polluted'),
  };
}

const hands = new AbortController();

/** From now on people use and edit the locks that hold no code yet. */
function beginToLive(): void {
  const random = seededRandom(seed);
  const [first, ...rest] = locks.filter(({ codes }) => codes.slotsInUse().length === 0);
  if (first === undefined) throw new Error('every lock holds codes');
  const timer = setInterval(() => {
    const lock = pick(random, [first, ...rest]);
    const slot = SLOTS - below(random, HAND_SLOTS);
    const held = lock.codes.read(pick(random, [slot, ...lock.codes.slotsInUse()]));
    if (random() < 0.4) lock.programPin(slot, canary(random));
    else if (random() < 0.3) lock.unprogramPin(slot);
    else lock.typePin(held?.pin.reveal() ?? '90210460');
  }, HANDS_EVERY_MS);
  hands.signal.addEventListener('abort', () => clearInterval(timer));
}

async function end(): Promise<string> {
  hands.abort();
  await hub.stop();
  const database = new Database(file, { readonly: true });
  const verdict = String(database.pragma('integrity_check', { simple: true }));
  database.close();
  return verdict;
}

async function answer({ ask }: Asked): Promise<unknown> {
  if (ask === 'login') return http?.loginPath();
  if (ask === 'live') return beginToLive();
  return ask === 'facts' ? facts() : end();
}

process.on('message', (asked: Asked) => {
  void answer(asked).then((told) => {
    process.send?.({ id: asked.id, told });
    if (asked.ask === 'end') process.disconnect();
  });
});
process.on('disconnect', () => process.exit());

const { url } = await http.listening;
const key = (name: string, ...scopes: readonly Scope[]): string => http.replaceKey(name, scopes);
const revoked = key('revoked', 'admin', 'pins');
key('revoked', 'read');
const started: Started = {
  url,
  keys: {
    read: key('read', 'read'),
    write: key('write', 'write'),
    pins: key('pins', 'write', 'pins'),
    admin: key('admin', 'admin'),
    revoked,
  },
};
process.send?.({ id: 0, told: started });
