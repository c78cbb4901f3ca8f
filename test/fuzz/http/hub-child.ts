import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import Database from 'better-sqlite3';
import { pino, stdTimeFunctions } from 'pino';
import { seededRandom } from '../../../drivers/sim/random.ts';
import type { Scope } from '../../../src/core/scope.ts';
import { LogRing } from '../../../src/http/page/log-ring.ts';
import { startDirectHub } from '../../support/direct-hub.ts';
import { canary, tellsCanary } from '../canary.ts';
import { below, pick } from '../mutate.ts';
import type { Asked, Facts, Started } from './hub.ts';

// A whole hub in a process of its own: real server, store and loops; only its radio reaches the locks directly.

/** The radio and the locks are so many times as fast as real ones. */
const HASTE = 20;
const SLOTS = 60;
const LOCKS = 4;
const FAULTS_MAX = 20;
/** So often somebody does something at a lock, in slots from the last ones. */
const HANDS_EVERY_MS = 200;
const HAND_SLOTS = 6;

const [folder = '.', seedText = '1'] = process.argv.slice(2);
const seed = Number(seedText);
const faults: string[] = [];
let logLines = 0;

function logged(line: string): void {
  logLines += 1;
  const isFault = tellsCanary(line) || line.includes('a bug in the API') || line.includes('"level":"fatal"');
  if (isFault && faults.length < FAULTS_MAX) faults.push(line);
}

function fault(what: string, error: unknown): void {
  console.error(`${what}:`, error);
  faults.push(`${what}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
}
process.on('uncaughtException', (error) => fault('uncaught', error));
process.on('unhandledRejection', (error) => fault('unhandled', error));

const logRing = new LogRing();
// Without the list of fields that the hub's own log leaves out: no PIN may rely on that.
const log = pino(
  {
    level: 'trace',
    base: null,
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
  },
  {
    write: (line: string) => {
      logged(line);
      logRing.write(line);
    },
  },
);
const { hub, http, locks, databaseFile } = startDirectHub({
  folder,
  seed,
  lockCount: LOCKS,
  slots: SLOTS,
  haste: HASTE,
  log,
  logRing,
});

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
  const database = new Database(databaseFile, { readonly: true });
  const verdict = String(database.pragma('integrity_check', { simple: true }));
  database.close();
  return verdict;
}

async function answer({ ask }: Asked): Promise<unknown> {
  if (ask === 'login') return http.loginPath();
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
