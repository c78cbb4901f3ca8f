import type { Events } from 'zigbee-herdsman';
import type { LockEventBody } from '../../../src/core/lock-event.ts';
import { batteryLevel } from '../battery.ts';
import { noteEdit } from '../execute/write-only.ts';
import type { ZigbeeLock } from '../lock.ts';
import type { Quirks } from '../quirks.ts';
import { meaningOfAlarm, meaningOfEvent, meaningOfLastAction, meaningOfLockState } from './meaning.ts';
import { parseRawEvent, userOf, type DoorLockEvent } from './raw-event.ts';
import type { Repeats } from './repeats.ts';

type Message = Events.MessagePayload;

/** Onesti's own attributes of the Door Lock cluster: who moved the bolt last, and the PIN that was typed. */
const LAST_ACTION = 0x0100;
const TYPED_PIN = 0x0101;

/** Some locks report the PIN that was typed, and the library keeps all attributes in its files: it is overwritten there. */
export function forgetTypedPin(message: Message): void {
  if (message.cluster !== 'closuresDoorLock' || field(message, TYPED_PIN) === undefined) return;
  message.endpoint.saveClusterAttributeKeyValue('closuresDoorLock', { [TYPED_PIN]: null });
}

/** What a lock said. `by`: an event names who did it, a report only shows how things are. */
export interface Heard {
  readonly by: 'event' | 'report';
  readonly body: LockEventBody;
}

/** What a message of a lock means, in the order in which it is to be told. The message may hold PINs: it is not logged. */
export function meaningsOf(message: Message, lock: ZigbeeLock, repeats: Repeats): readonly Heard[] {
  const isReport = message.cluster === 'closuresDoorLock' && message.type === 'attributeReport';
  const heard = isReport ? ofReport(message, lock) : asEvent(meaningOf(message, lock, repeats));
  for (const { body } of heard) if (body.kind === 'jammed') lock.occupation.work?.jam.note();
  return heard.filter(({ body }) => !isOwnEcho(lock, body));
}

function asEvent(body: LockEventBody | undefined): readonly Heard[] {
  return body === undefined ? [] : [{ by: 'event', body }];
}

function ofReport(message: Message, { profile }: ZigbeeLock): readonly Heard[] {
  const { quirks } = profile;
  const action = quirks.tellsLastAction
    ? meaningOfLastAction(field(message, LAST_ACTION), profile)
    : undefined;
  const state = quirks.blindBolt ? undefined : meaningOfLockState(field(message, 'lockState'));
  return [...asEvent(action), ...(state === undefined ? [] : [{ by: 'report', body: state } as const])];
}

function meaningOf(message: Message, lock: ZigbeeLock, repeats: Repeats): LockEventBody | undefined {
  const { type, cluster } = message;
  if (cluster === 'genPowerCfg') return batteryOf(message, lock.profile.quirks);
  if (cluster === 'genAlarms' && type === 'commandAlarm')
    return meaningOfAlarm(field(message, 'alarmcode'), field(message, 'clusterid'));
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

/** What a message about a battery means, of a lock or of a keypad. */
export function batteryOf(message: Message, quirks: Quirks): LockEventBody | undefined {
  if (message.type !== 'attributeReport' && message.type !== 'readResponse') return undefined;
  // The library keeps what the lock told before: a level without its alarm would call the alarm off.
  const known = (name: string): unknown =>
    field(message, name) ?? message.endpoint.getClusterAttributeValue('genPowerCfg', name);
  const alarm = known('batteryAlarmState');
  const level = batteryLevel(known('batteryPercentageRemaining'), quirks);
  if (level === null && typeof alarm !== 'number') return undefined;
  return { kind: 'battery', level, low: typeof alarm === 'number' && alarm !== 0 };
}

function field({ data }: Message, name: string | number): unknown {
  return Reflect.get(data, name);
}

/** A lock that is being written to tells of that slot: the echo of our own work. */
function isOwnEcho({ occupation }: ZigbeeLock, body: LockEventBody): boolean {
  if (body.kind !== 'slot_changed' && body.kind !== 'slot_cleared') return false;
  return body.slot !== null && occupation.work?.slot === body.slot;
}
