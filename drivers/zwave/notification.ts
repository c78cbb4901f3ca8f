import type { LockEventBody } from '../../src/core/lock-event.ts';
import { notifiedSlot, type Meaning } from './quirks.ts';
import type { LockProfile } from './profile.ts';

/** Notification type 6 of the Z-Wave specification. */
const ACCESS_CONTROL = 0x06;

/** Events of notification type 6 (field note 6, verified events; numbers from the notification registry). */
const MEANINGS: Readonly<Record<number, Meaning>> = {
  0x01: { kind: 'locked', method: 'manual', slot: false },
  0x02: { kind: 'unlocked', method: 'manual', slot: false },
  0x03: { kind: 'locked', method: 'remote', slot: false },
  0x04: { kind: 'unlocked', method: 'remote', slot: false },
  0x05: { kind: 'locked', method: 'keycode', slot: true },
  0x06: { kind: 'unlocked', method: 'keycode', slot: true },
  0x09: { kind: 'locked', method: 'automatic', slot: false },
  0x0c: { kind: 'slot_cleared', slot: false },
  0x0d: { kind: 'slot_cleared', slot: true },
  0x0e: { kind: 'slot_changed', slot: true },
  0x0f: { kind: 'duplicate_refused', slot: true },
  // Wrong codes: too many at the keypad, by radio, or valid but not now.
  0x13: { kind: 'access_denied' },
  0x14: { kind: 'access_denied' },
  0x15: { kind: 'access_denied' },
  0x23: { kind: 'locked', method: 'keycode', slot: true },
  0x24: { kind: 'unlocked', method: 'keycode', slot: true },
  0x2f: { kind: 'access_denied' },
  0x30: { kind: 'access_denied' },
  0x31: { kind: 'access_denied' },
  0x32: { kind: 'access_denied' },
};

/** A User Code Report inside a notification starts with its command class and command (field note 7, YRD446). */
const USER_CODE_REPORT = [0x63, 0x03];

/** What a lock's notification tells the hub; `undefined` for what does not concern it. */
export function meaningOfNotification(
  type: number,
  event: number,
  parameters: unknown,
  profile: LockProfile,
): LockEventBody | undefined {
  const meaning = type === ACCESS_CONTROL ? MEANINGS[event] : undefined;
  return meaning && bodyOf(meaning, reportedSlot(parameters), profile);
}

/** What a version 1 alarm of this make tells the hub. */
export function meaningOfAlarm(type: number, level: number, profile: LockProfile): LockEventBody | undefined {
  const meaning = profile.quirks.alarms?.[type];
  return meaning && bodyOf(meaning, level, profile);
}

function bodyOf(
  meaning: Meaning,
  reported: number | undefined,
  { quirks, capabilities }: LockProfile,
): LockEventBody | undefined {
  const isNamed = 'slot' in meaning && meaning.slot && reported !== undefined;
  const slot = isNamed ? notifiedSlot(reported, quirks, capabilities.lastSlot) : null;
  switch (meaning.kind) {
    case 'locked':
    case 'unlocked':
      return { kind: meaning.kind, method: meaning.method, slot };
    case 'slot_changed':
    case 'duplicate_refused':
      return { kind: meaning.kind, slot };
    case 'slot_cleared':
      // A number that is no slot of ours (an admin code) must not read as "all slots".
      return isNamed && slot === null ? undefined : { kind: 'slot_cleared', slot };
    case 'battery_low':
      return { kind: 'battery', level: null, low: true };
    case 'access_denied':
    case 'jammed':
      return { kind: meaning.kind };
  }
}

/** The slot number in the parameters of a notification, which the library parses where it can. */
function reportedSlot(parameters: unknown): number | undefined {
  if (parameters instanceof Uint8Array) {
    const isReport = USER_CODE_REPORT.every((byte, index) => parameters[index] === byte);
    return isReport ? parameters[USER_CODE_REPORT.length] : parameters[0];
  }
  if (typeof parameters !== 'object' || parameters === null || !('userId' in parameters)) return undefined;
  return typeof parameters.userId === 'number' ? parameters.userId : undefined;
}
