import type { Events, Models } from 'zigbee-herdsman';
import type { LockEventBody } from '../../../src/core/lock-event.ts';
import { Pin } from '../../../src/core/pin.ts';
import { batteryLevel } from '../battery.ts';
import { batteryOf } from '../listen/listen.ts';
import type { Repeats } from '../listen/repeats.ts';
import { fingerprintOf } from '../profile.ts';
import { quirksOf } from '../quirks.ts';
import type { Keypad } from './keypad.ts';
import { respond } from './respond.ts';

type Message = Events.MessagePayload;

/** Bits of the zone status (ZCL 8.2.2.2.1.3). */
const TAMPER = 0b0100;
const BATTERY_LOW = 0b1000;

/** Arm mode of the key with the open lock. All others arm an alarm, for which this hub is no panel. */
const DISARM = 0;

/**
 * A door is shut until somebody may open it: armed, without a sound and without an alarm. Keypads that take a code only
 * to disarm do so in this state.
 */
const PANEL = { panelstatus: 3, secondsremain: 0, audiblenotif: 0, alarmstatus: 0 } as const;

/** Hears what a keypad says, and answers what no one else has to. The message may hold a code: it is not logged. */
export function hearKeypad(message: Message, keypad: Keypad, repeats: Repeats): readonly LockEventBody[] {
  switch (message.cluster) {
    case 'ssIasAce':
      return ofKeys(message, keypad, repeats);
    case 'ssIasZone':
      return zoneEvents(field(message, 'zonestatus') ?? field(message, 'zoneStatus'), message);
    case 'genPowerCfg': {
      const battery = batteryOf(message, quirksOf(fingerprintOf(message.device)));
      return battery === undefined ? [] : [battery];
    }
    default:
      return [];
  }
}

/** What the state of a keypad's own alarms means. It is told when one begins or ends, and by some makes every now and then. */
export function zoneEvents(
  status: unknown,
  { device, endpoint }: { readonly device: Models.Device; readonly endpoint: Models.Endpoint },
): readonly LockEventBody[] {
  if (typeof status !== 'number' || Number.isNaN(status)) return [];
  const shown = endpoint.getClusterAttributeValue('genPowerCfg', 'batteryPercentageRemaining');
  const level = batteryLevel(shown, quirksOf(fingerprintOf(device)));
  return [
    { kind: (status & TAMPER) === 0 ? 'tamper_cleared' : 'tampered' },
    { kind: 'battery', level, low: (status & BATTERY_LOW) !== 0 },
  ];
}

/** Codes come as text in the command that disarms. Emergency, fire and panic keys have no meaning at a door. */
function ofKeys(message: Message, keypad: Keypad, repeats: Repeats): readonly LockEventBody[] {
  const transaction = message.meta.zclTransactionSequenceNumber;
  if (transaction === undefined) return [];
  if (message.type === 'commandGetPanelStatus') void respond(keypad, 'getPanelStatusRsp', PANEL, transaction);
  if (message.type !== 'commandArm' || repeats.isRepeated(String(transaction))) return [];
  const code = field(message, 'code');
  const isOpening = field(message, 'armmode') === DISARM;
  const digits = isOpening && typeof code === 'string' ? Pin.parse(code) : undefined;
  if (digits === undefined) {
    void keypad.typed.refuse(transaction);
    return [];
  }
  keypad.typed.ask(transaction);
  return [{ kind: 'keypad_entry', digits }];
}

function field({ data }: Message, name: string): unknown {
  return Reflect.get(data, name);
}
