import type { LockSummary, Signal } from '../http/page/types.ts';
import type { Tone } from './tone.ts';

/** Something that is shown, in words and with the colour of its weight. */
export interface Said {
  readonly text: string;
  readonly tone: Tone;
}

// Of Z-Wave below 1 GHz: receivers lose frames from about -95 dBm on, and with less than 10 dB left it gets unsteady.
const STRONG_DBM = -70;
const FAIR_DBM = -85;

const MIB = 1024 ** 2;
const GIB = 1024 ** 3;

// Of Zigbee: the last hop only, and the scale differs from stick to stick.
const STRONG_QUALITY = 120;
const FAIR_QUALITY = 50;

/** How well the radio hears a lock. */
export function signalSaid({
  rssi_dbm: rssi,
  link_quality: quality = null,
}: Pick<Signal, 'rssi_dbm'> & Partial<Pick<Signal, 'link_quality'>>): Said {
  if (rssi === null) return quality === null ? { text: 'Not known', tone: 'quiet' } : qualitySaid(quality);
  const dbm = `${rssi} dBm`.replace('-', '−');
  if (rssi >= STRONG_DBM) return { text: `Strong, ${dbm}`, tone: 'good' };
  return rssi >= FAIR_DBM ? { text: `Fair, ${dbm}`, tone: 'info' } : { text: `Weak, ${dbm}`, tone: 'warn' };
}

function qualitySaid(quality: number): Said {
  const text = `quality ${quality} of 255`;
  if (quality >= STRONG_QUALITY) return { text: `Strong, ${text}`, tone: 'good' };
  return quality >= FAIR_QUALITY
    ? { text: `Fair, ${text}`, tone: 'info' }
    : { text: `Weak, ${text}`, tone: 'warn' };
}

/** Where the bolt is. */
export function boltSaid({ locked, jammed }: Pick<LockSummary, 'locked' | 'jammed'>): Said {
  if (jammed) return { text: 'Jammed', tone: 'bad' };
  if (locked === null) return { text: 'Bolt not known', tone: 'quiet' };
  return locked ? { text: 'Locked', tone: 'good' } : { text: 'Unlocked', tone: 'info' };
}

/** Where the bolt is; of what has none that the hub hears of, what it is. */
export function stateSaid(lock: Pick<LockSummary, 'locked' | 'jammed' | 'is_keypad' | 'radio'>): Said {
  if (lock.is_keypad) return { text: 'Keypad', tone: 'quiet' };
  return lock.radio === 'offline' ? { text: 'Offline codes only', tone: 'quiet' } : boltSaid(lock);
}

/** `6 locks, 1 keypad`. */
export function devicesText(locks: readonly Pick<LockSummary, 'is_keypad'>[]): string {
  const keypads = locks.filter((lock) => lock.is_keypad).length;
  const doors = countText(locks.length - keypads, 'lock');
  return keypads === 0 ? doors : `${doors}, ${countText(keypads, 'keypad')}`;
}

export function batterySaid({
  battery_level: level,
  battery_status: status,
}: Pick<LockSummary, 'battery_level' | 'battery_status'>): Said {
  if (level === null) return { text: 'Not known', tone: 'quiet' };
  const percent = `${Math.round(level * 100)} %`;
  switch (status) {
    case 'critical':
      return { text: `${percent}, change it now`, tone: 'bad' };
    case 'low':
      return { text: `${percent}, low`, tone: 'warn' };
    case 'good':
    case 'full':
    case null:
      return { text: percent, tone: 'good' };
  }
}

/** `3 codes, 1 being changed, 1 with an error`. */
export function codesText({ total, pending, with_errors: wrong }: LockSummary['codes']): string {
  if (total === 0) return 'No codes';
  const parts = [countText(total, 'code')];
  if (pending > 0) parts.push(`${pending} being changed`);
  if (wrong > 0) parts.push(`${wrong} with an error`);
  return parts.join(', ');
}

/** `1 lock`, `2 locks`. */
export function countText(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

/** With a capital at its beginning. */
export function capital(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}

/** `512 MB`, `3.4 GB`. */
export function bytesText(bytes: number): string {
  if (bytes >= GIB) return `${(bytes / GIB).toFixed(1)} GB`;
  return bytes >= MIB ? `${Math.round(bytes / MIB)} MB` : `${Math.ceil(bytes / 1024)} kB`;
}

/** How wrong the clock may be. */
export function uncertaintyText(milliseconds: number): string {
  if (milliseconds < 1000) return 'a second';
  const seconds = milliseconds / 1000;
  return seconds < 90 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`;
}

/** Where a lock is in its network: tells apart locks of the same model. */
export function placeText({ radio, address, device_id: id }: LockSummary): string {
  if (radio === 'offline') return `in no radio network, ${address ?? id.slice(0, 8)}`;
  if (radio === null || address === null) return `in no network, ${id.slice(0, 8)}`;
  return radio === 'zwave' ? `Z-Wave node ${address}` : `Zigbee ${address}`;
}
