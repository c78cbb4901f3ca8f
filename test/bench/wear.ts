import { mkdirSync, mkdtempSync, readFileSync, rmSync, statfsSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../src/core/time.ts';
import { wallMs } from '../../src/core/timing/local-time.ts';
import { Mosquitto } from '../e2e/mosquitto.ts';
import { ieeeOf, startPeerHouse, type PlannedLock } from '../peers/house.ts';
import { HubSide, startHub } from './parts/zigbee-hub.ts';
import { residentMb } from './parts/zigbee-side.ts';

const USAGE = 'scripts/bench wear [--hours H]';
/** What follows from the start is over by then. */
const SETTLE_MS = 2 * MINUTE_MS;
const BUDGET_BYTES = 5_000_000;
const PINS = 3;
/** Of `statfs`: memory, whose pages are never written. */
const TMPFS = 0x0102_1994;
/** What is done once a night is counted once, and not for each such time of the day. */
const NIGHT_FROM = { hour: 3, minute: 16 };
const NIGHT_MINUTES = 10;
const MEGABYTE = 1_000_000;

const ZWAVE_MODELS = ['uc-v1', 'uc-v1-masked', 'uc-v2', 'u3c', 'uc-v2'];
const ZIGBEE_MODELS = ['dl-schedules', 'dl-plain', 'dl-base-0'];

/** Of one process since its start, from the kernel: bytes that it had written to block devices, and took back unwritten. */
interface Written {
  readonly writeBytes: number;
  readonly cancelledBytes: number;
}

function writtenBy(pid: number | undefined): Written {
  const text = readFileSync(`/proc/${pid}/io`, 'utf8');
  const read = (name: string): number => Number(new RegExp(`^${name}: (\\d+)$`, 'm').exec(text)?.[1]);
  return { writeBytes: read('write_bytes'), cancelledBytes: read('cancelled_write_bytes') };
}

/** A zone in which the night's work falls into the time that is measured, if an hour does. */
function zoneWithNight(fromMs: number): string {
  const at = new Date(fromMs);
  const hour = at.getUTCMinutes() < NIGHT_FROM.minute ? at.getUTCHours() : at.getUTCHours() + 1;
  const east = ((NIGHT_FROM.hour - hour + 36) % 24) - 12;
  // These names count westwards.
  return `Etc/GMT${east > 0 ? '-' : '+'}${Math.abs(east)}`;
}

function isNight(timezone: string, atMs: number): boolean {
  const minuteOfDay = Math.floor(wallMs(timezone, atMs) / MINUTE_MS) % (DAY_MS / MINUTE_MS);
  const sinceMinutes = minuteOfDay - (NIGHT_FROM.hour * 60 + NIGHT_FROM.minute);
  return sinceMinutes >= 0 && sinceMinutes < NIGHT_MINUTES;
}

/** One process under test. */
class Meter {
  readonly name: string;
  readonly #pid: number | undefined;
  readonly #timezone: string;
  #before: Written;
  readonly atFirst: Written;
  readonly firstMb: number;
  usualBytes = 0;
  usualMs = 0;
  nightBytes = 0;
  sawNight = false;
  #atMs = Date.now();

  constructor(name: string, pid: number | undefined, timezone: string) {
    this.name = name;
    this.#pid = pid;
    this.#timezone = timezone;
    this.#before = writtenBy(pid);
    this.atFirst = this.#before;
    this.firstMb = residentMb(pid);
  }

  sample(): void {
    const now = writtenBy(this.#pid);
    const bytes = now.writeBytes - this.#before.writeBytes;
    if (isNight(this.#timezone, this.#atMs)) {
      this.sawNight = true;
      this.nightBytes += bytes;
    } else {
      this.usualBytes += bytes;
      this.usualMs += Date.now() - this.#atMs;
    }
    this.#before = now;
    this.#atMs = Date.now();
  }

  get dayBytes(): number {
    return (this.usualBytes * DAY_MS) / this.usualMs + this.nightBytes;
  }

  tell(): void {
    const cancelled = this.#before.cancelledBytes - this.atFirst.cancelledBytes;
    const night = this.sawNight
      ? `the night's work ${this.nightBytes} bytes, once a day`
      : "without the night's work";
    console.log(
      `${this.name}: ${(this.dayBytes / MEGABYTE).toFixed(2)} MB a day (${this.usualBytes} bytes in ` +
        `${(this.usualMs / MINUTE_MS).toFixed(0)} minutes; ${night}; ${cancelled} of them taken back unwritten). ` +
        `Memory ${this.firstMb.toFixed(0)} MB, then ${residentMb(this.#pid).toFixed(0)} MB.`,
    );
  }
}

function hoursAsked(): number {
  try {
    const { values } = parseArgs({ options: { hours: { type: 'string', default: '1' } } });
    const hours = Number(values.hours);
    if (hours > 0 && hours <= 48) return hours;
  } catch {
    // What is wrong with it is said below.
  }
  console.error(`${USAGE}\nHours are more than 0 and at most 48.`);
  process.exit(2);
}

const hours = hoursAsked();
/** Not in `/tmp`, which may be memory. */
const cache = path.join(
  process.env['XDG_CACHE_HOME'] ?? path.join(process.env['HOME'] ?? '/', '.cache'),
  'lockhub',
);
mkdirSync(cache, { recursive: true });
if (statfsSync(cache).type === TMPFS)
  throw new Error(`${cache} is memory: set XDG_CACHE_HOME to a folder on a disk.`);
const folder = mkdtempSync(path.join(cache, 'wear-'));
const ends: (() => Promise<unknown>)[] = [];
try {
  const broker = await Mosquitto.start(folder);
  ends.push(() => broker.stop());
  const zwave: readonly PlannedLock[] = ZWAVE_MODELS.map((model, index) => ({
    id: `z${index}`,
    model,
    address: index + 2,
  }));
  const zigbee: readonly PlannedLock[] = ZIGBEE_MODELS.map((model, index) => ({
    id: `g${index}`,
    model,
    address: ieeeOf(index + 1),
  }));
  const house = await startPeerHouse(folder, [...zwave, ...zigbee]);
  ends.push(() => house.end());
  const brokerUrl = `mqtt://127.0.0.1:${broker.port}`;
  const timezone = zoneWithNight(Date.now() + SETTLE_MS + MINUTE_MS);
  const hub = await HubSide.start(
    { folder, brokerUrl, house, radios: ['zwave', 'zigbee'], timezone },
    zigbee.length,
  );
  ends.push(() => hub.end());
  const wanted = zigbee.map(
    ({ address }, lock) =>
      [String(address), Array.from({ length: PINS }, (_, index) => `${4100 + 10 * lock + index}`)] as const,
  );
  await hub.setPins(new Map(wanted));
  const empty = await startHub({ folder, brokerUrl, house, radios: [], hubId: 'empty', timezone });
  ends.push(() => empty.program.end('SIGTERM'));
  const started = writtenBy(hub.pid);
  console.log(
    `From its first start until ${PINS} PINs were on each of three locks the hub wrote ${started.writeBytes} bytes, once in its life.`,
  );
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  const meters = [
    new Meter(`idle with ${zwave.length} Z-Wave and ${zigbee.length} Zigbee locks`, hub.pid, timezone),
    new Meter('idle without locks and radios', empty.program.child.pid, timezone),
  ];
  const end = performance.now() + hours * HOUR_MS;
  while (performance.now() < end) {
    const leftMs = end - performance.now();
    await new Promise((resolve) => setTimeout(resolve, Math.min(leftMs, 10 * SECOND_MS)));
    for (const meter of meters) meter.sample();
  }
  for (const meter of meters) meter.tell();
  const [busy] = meters;
  const isWithin = busy !== undefined && busy.dayBytes <= BUDGET_BYTES;
  console.log(`The budget is ${BUDGET_BYTES / MEGABYTE} MB a day: ${isWithin ? 'kept' : 'broken'}.`);
  process.exitCode = isWithin ? 0 : 1;
} finally {
  for (const end of ends.reverse()) await end();
  rmSync(folder, { recursive: true, force: true });
}
