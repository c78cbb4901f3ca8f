import type { Events } from 'zigbee-herdsman';
import type { LockEventBody } from '../../../src/core/lock-event.ts';
import { noteEdit } from '../execute/write-only.ts';
import type { ZigbeeLock } from '../lock.ts';
import { batteryLevel, meaningOfAlarm, meaningOfEvent, meaningOfLockState } from './meaning.ts';
import { parseRawEvent, userOf, type DoorLockEvent } from './raw-event.ts';
import type { Repeats } from './repeats.ts';

type Message = Events.MessagePayload;

/** What most locks report a full battery as, in halves of a percent. */
const BATTERY_FULL = 200;

/** What a message of a lock means, in the order in which it is to be told. The message may hold PINs: it is not logged. */
export function meaningsOf(message: Message, lock: ZigbeeLock, repeats: Repeats): readonly LockEventBody[] {
  const body = meaningOf(message, lock, repeats);
  if (body === undefined || isOwnEcho(lock, body)) return [];
  if (body.kind === 'jammed') lock.occupation.work?.jam.note();
  return [body];
}

function meaningOf(message: Message, lock: ZigbeeLock, repeats: Repeats): LockEventBody | undefined {
  const { type, cluster } = message;
  if (cluster === 'genPowerCfg') return ofBattery(message, lock);
  if (cluster === 'genAlarms' && type === 'commandAlarm') return meaningOfAlarm(field(message, 'alarmcode'));
  if (cluster !== 'closuresDoorLock') return undefined;
  const transaction = message.meta.zclTransactionSequenceNumber;
  switch (type) {
    case 'raw': {
      const raw = Buffer.isBuffer(message.data) ? parseRawEvent(message.data) : undefined;
      return raw && ofEvent(raw.event, raw.transaction, lock, repeats);
    }
    case 'commandOperationEventNotification':
      return ofEvent(
        event('operation', 'opereventsrc', 'opereventcode', message),
        transaction,
        lock,
        repeats,
      );
    case 'commandProgrammingEventNotification':
      return ofEvent(
        event('programming', 'programeventsrc', 'programeventcode', message),
        transaction,
        lock,
        repeats,
      );
    case 'attributeReport':
      return lock.profile.quirks.blindBolt ? undefined : meaningOfLockState(field(message, 'lockState'));
    case 'read':
    case 'readResponse':
    case 'write':
      return undefined;
    default:
      return type.endsWith('Rsp') ? ofLateAnswer(transaction, lock) : undefined;
  }
}

/** An answer that came after its time says that the lock did something then: the slot is to be looked at. */
function ofLateAnswer(transaction: number | undefined, { late }: ZigbeeLock): LockEventBody | undefined {
  const slot = transaction === undefined ? undefined : late.take(transaction);
  return slot === undefined ? undefined : { kind: 'slot_changed', slot, unsure: true };
}

function ofEvent(
  said: DoorLockEvent,
  transaction: number | undefined,
  lock: ZigbeeLock,
  repeats: Repeats,
): LockEventBody | undefined {
  if (transaction !== undefined && repeats.isRepeated(`${transaction} ${JSON.stringify(said)}`))
    return undefined;
  if (!lock.profile.findings.readable) noteEdit(lock, said);
  return meaningOfEvent(said, lock.profile);
}

function event(kind: DoorLockEvent['kind'], source: string, code: string, message: Message): DoorLockEvent {
  return {
    kind,
    source: Number(field(message, source)),
    code: Number(field(message, code)),
    user: userOf(field(message, 'userid')),
  };
}

function ofBattery(message: Message, { profile }: ZigbeeLock): LockEventBody | undefined {
  if (message.type !== 'attributeReport' && message.type !== 'readResponse') return undefined;
  const shown = field(message, 'batteryPercentageRemaining');
  const alarm = field(message, 'batteryAlarmState');
  const level = batteryLevel(shown, profile.quirks.batteryFull ?? BATTERY_FULL);
  const low = typeof alarm === 'number' && alarm !== 0;
  return level === null && !low ? undefined : { kind: 'battery', level, low };
}

function field({ data }: Message, name: string): unknown {
  return Reflect.get(data, name);
}

/** A lock that is being written to tells of that slot: the echo of our own work. */
function isOwnEcho({ occupation }: ZigbeeLock, body: LockEventBody): boolean {
  if (body.kind !== 'slot_changed' && body.kind !== 'slot_cleared') return false;
  return body.slot !== null && occupation.work?.slot === body.slot;
}
