import type { Finding } from '../../core/finding.ts';
import { MINUTE_MS, type Instant } from '../../core/time.ts';
import type { HubWords, LockSeen } from '../observations.ts';
import { textOf } from './machine.ts';

/** Of Z-Wave below 1 GHz: frames are lost from about -95 dBm on, and with less than 5 dB left a lock is often late. */
const WEAK_DBM = -90;
/** Of Zigbee, 0 to 255: below it frames have to be repeated. */
const WEAK_LINK_QUALITY = 30;
/** From this far off a clock is an alarm. */
const CLOCK_OFF_MS = 5 * MINUTE_MS;
/** Zones differ by multiples of this; a clock that is off by that much to the minute has the wrong one. */
const ZONE_STEP_MS = 30 * MINUTE_MS;
const ZONE_SLACK_MS = 2 * MINUTE_MS;

export function judgeLock(lock: LockSeen, words: HubWords | null, at: Instant): readonly Finding[] {
  return [...judgeReach(lock), ...judgeCare(lock, at), ...judgeSignal(lock, words), ...judgeClock(lock)];
}

function judgeReach(lock: LockSeen): readonly Finding[] {
  const found: Finding[] = [];
  if (!lock.isOnline && lock.radio !== null) {
    found.push({
      id: 'lock_unreachable',
      severity: 'error',
      subject: lock.name,
      what: 'The lock does not answer. Codes that are on it go on working.',
      fix: 'Look at its batteries, wake it at its keypad, and bring the stick nearer or put a repeater between them.',
      seen: 'it is noted as offline',
    });
  }
  if (lock.isKeyMissing) {
    found.push({
      id: 'lock_keys_missing',
      severity: 'error',
      subject: lock.name,
      what: 'The lock does not understand the keys of this hub.',
      fix: 'Name the keys of its network with security_keys_file, or pair it anew.',
      seen: 'it wants keys that the hub lacks',
    });
  }
  if (!lock.isSecure) {
    found.push({
      id: 'lock_low_security',
      severity: 'warning',
      subject: lock.name,
      what: 'The lock was let in without the security that locks need, so others can listen in or command it.',
      fix: 'Remove it from the network and pair it anew, with its QR code or PIN.',
      seen: 'it joined with low security',
    });
  }
  return found;
}

function judgeCare(lock: LockSeen, at: Instant): readonly Finding[] {
  const found: Finding[] = [];
  if (lock.isBatteryLow) {
    const level =
      lock.batteryLevel === null ? 'the lock says so' : `${Math.round(lock.batteryLevel * 100)} % left`;
    found.push({
      id: 'lock_battery_low',
      severity: 'warning',
      subject: lock.name,
      what: 'The batteries of the lock are nearly empty.',
      fix: 'Replace all of them, with new ones of the kind that its manual names.',
      seen: level,
    });
  }
  if (lock.heldBackUntil !== null && lock.heldBackUntil > at) {
    found.push({
      id: 'lock_fights_back',
      severity: 'warning',
      subject: lock.name,
      what: 'So much had to be written to the lock again that the hub holds back: something works against it.',
      fix: 'Look for another program or person that edits codes of this lock, and at its radio link.',
      seen: `repeated writes wait until ${textOf(lock.heldBackUntil)}`,
    });
  }
  return found;
}

function judgeSignal(lock: LockSeen, words: HubWords | null): readonly Finding[] {
  const heard = words?.signals.find(({ deviceId }) => deviceId === lock.deviceId);
  const dbm = heard?.rssiDbm ?? lock.rssiDbm;
  const quality = heard?.linkQuality ?? null;
  const isWeak = (dbm !== null && dbm <= WEAK_DBM) || (quality !== null && quality < WEAK_LINK_QUALITY);
  if (!isWeak) return [];
  return [
    {
      id: 'lock_signal_weak',
      severity: 'warning',
      subject: lock.name,
      what: 'The lock is heard so weakly that frames get lost.',
      fix: 'Move the stick nearer, with an extension cable and away from metal, or put a repeater between them.',
      seen: dbm !== null && dbm <= WEAK_DBM ? `${dbm} dBm` : `link quality ${quality} of 255`,
    },
  ];
}

function judgeClock({ name, aheadMs }: LockSeen): readonly Finding[] {
  if (aheadMs === null || Math.abs(aheadMs) <= CLOCK_OFF_MS) return [];
  const minutes = Math.round(aheadMs / MINUTE_MS);
  const seen = `its clock was ${Math.abs(minutes)} minutes ${minutes > 0 ? 'fast' : 'slow'}`;
  const offStepMs = Math.abs(aheadMs - Math.round(aheadMs / ZONE_STEP_MS) * ZONE_STEP_MS);
  if (offStepMs <= ZONE_SLACK_MS) {
    return [
      {
        id: 'lock_zone_wrong',
        severity: 'warning',
        subject: name,
        what: 'The lock lives in another time zone, or has missed the change to or from summer time.',
        fix: 'Look whether site.timezone is the zone of the door. The hub sets the clock again by itself.',
        seen,
      },
    ];
  }
  return [
    {
      id: 'lock_clock_wrong',
      severity: 'warning',
      subject: name,
      what: 'The clock of the lock is wrong, and it gets no schedules until it is right.',
      fix: 'The hub sets it again by itself. If it stays wrong, take the batteries out for a minute.',
      seen,
    },
  ];
}
