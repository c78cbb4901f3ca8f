import { execFile } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { memoryPlace } from '../../memory-place.ts';
import type { CardSeen, MachineSeen, Seen } from '../observations.ts';
import type { Places } from './places.ts';
import { namesIn, textAt } from './text-file.ts';

const run = promisify(execFile);
const TIMEDATECTL_TIMEOUT_MS = 3000;
/** Bits of `get_throttled` of a Raspberry Pi: undervoltage now, and since it was started. */
const UNDERVOLTAGE_NOW = 0x1;
const UNDERVOLTAGE_SINCE_BOOT = 0x1_0000;
const KIB = 1024;

export async function seeMachine(places: Places): Promise<MachineSeen> {
  return {
    zone: zoneOf(places),
    isSynchronised: await synchronisation(places),
    hasMemoryPlace: memoryPlace() !== null,
    memory: memoryOf(places),
    cards: cardsOf(places),
    undervoltage: undervoltageOf(places),
  };
}

/** The zone of the operating system, whatever this process was told to use. */
function zoneOf({ etc }: Places): string {
  try {
    const [, zone] = realpathSync(path.join(etc, 'localtime')).split('/zoneinfo/');
    if (zone !== undefined) return zone;
  } catch {
    // Without that file the machine lives in UTC.
  }
  return textAt(path.join(etc, 'timezone')) ?? 'UTC';
}

/** systemd-timesyncd leaves a file; of other services only systemd knows. */
async function synchronisation({ run: runtime }: Places): Promise<Seen<boolean>> {
  if (existsSync(path.join(runtime, 'systemd/timesync/synchronized'))) return { seen: true };
  try {
    const { stdout } = await run('timedatectl', ['show', '-p', 'NTPSynchronized', '--value'], {
      timeout: TIMEDATECTL_TIMEOUT_MS,
    });
    const said = stdout.trim();
    if (said === 'yes' || said === 'no') return { seen: said === 'yes' };
  } catch {
    // There is no systemd here, or it may not be asked.
  }
  return { unseen: 'nobody here knows whether a time server sets the clock' };
}

function memoryOf({ proc }: Places): MachineSeen['memory'] {
  const text = textAt(path.join(proc, 'meminfo')) ?? '';
  const available = /^MemAvailable:\s+(\d+) kB/m.exec(text)?.[1];
  const total = /^MemTotal:\s+(\d+) kB/m.exec(text)?.[1];
  if (available === undefined || total === undefined)
    return { unseen: 'the system does not show its memory' };
  return { seen: { availableBytes: Number(available) * KIB, totalBytes: Number(total) * KIB } };
}

/** eMMC and some SD cards tell their wear (Linux, mmc-dev-attrs: `life_time` and `pre_eol_info`; 0 is "not defined"). */
function cardsOf({ sys }: Places): readonly CardSeen[] {
  const block = path.join(sys, 'block');
  return namesIn(block)
    .filter((name) => /^mmcblk\d+$/.test(name))
    .map((name) => {
      const areas = numbersOf(textAt(path.join(block, name, 'device/life_time')));
      const [preEndOfLife = 0] = numbersOf(textAt(path.join(block, name, 'device/pre_eol_info')));
      return { name, lifeTenths: Math.max(0, ...areas) || null, preEndOfLife: preEndOfLife || null };
    });
}

function numbersOf(text: string | null): readonly number[] {
  return (text ?? '').split(/\s+/).flatMap((word) => (/^0x[0-9a-f]+$/i.test(word) ? [Number(word)] : []));
}

/** The Raspberry Pi's firmware tells it in two places, of which kernels have one or both. */
function undervoltageOf({ sys }: Places): MachineSeen['undervoltage'] {
  const throttled = textAt(path.join(sys, 'devices/platform/soc/soc:firmware/get_throttled'));
  const bits = throttled === null ? Number.NaN : Number.parseInt(throttled, 16);
  const hwmon = path.join(sys, 'class/hwmon');
  const sensor = namesIn(hwmon).find((name) => textAt(path.join(hwmon, name, 'name')) === 'rpi_volt');
  const alarm = sensor === undefined ? null : textAt(path.join(hwmon, sensor, 'in0_lcrit_alarm'));
  if (Number.isNaN(bits) && alarm === null) return null;
  if (alarm === '1' || (bits & UNDERVOLTAGE_NOW) !== 0) return 'now';
  return (bits & UNDERVOLTAGE_SINCE_BOOT) === 0 ? 'none' : 'since_boot';
}
