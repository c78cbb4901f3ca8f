import { NotificationCCValues } from '@zwave-js/cc/NotificationCC';
import { UserCodeCCValues } from '@zwave-js/cc/UserCodeCC';
import { CommandClasses } from '@zwave-js/core';
import type {
  CredentialChangedArgs,
  CredentialDeletedArgs,
  ZWaveNode,
  ZWaveNodeValueAddedArgs,
  ZWaveNodeValueUpdatedArgs,
} from 'zwave-js';
import type { LockEventBody } from '../../src/core/lock-event.ts';
import type { ZwaveLock } from './lock.ts';
import { meaningOfAlarm, meaningOfNotification } from './notification.ts';
import { isJam, meaningOfValue } from './state-value.ts';

/** From this version on a lock sends notifications, and its version 1 alarm fields repeat them. */
const NOTIFICATION_CC = 2;

/** Where heard events go. */
type Tell = (lock: ZwaveLock, body: LockEventBody) => void;

/**
 * Turns everything a node says into lock events, for as long as the node exists.
 *
 * @param lockOf the lock that this node is; `undefined` until it is interviewed, and then nothing is told
 */
export function listen(node: ZWaveNode, lockOf: () => ZwaveLock | undefined, tell: Tell): void {
  const edits = new EditCollector(lockOf, tell);
  const say = (body: LockEventBody | undefined): void => {
    const lock = lockOf();
    if (lock === undefined || body === undefined) return;
    if (body.kind === 'duplicate_refused') lock.occupation.work?.duplicate.note();
    if (body.kind === 'jammed') lock.occupation.work?.jam.note();
    if (body.kind === 'slot_cleared' && body.slot === null) edits.forget();
    if (!isOwnEcho(lock, body)) tell(lock, body);
  };
  node.on('alive', () => say({ kind: 'online' }));
  node.on('dead', () => say({ kind: 'offline' }));
  // The library types the arguments as a union over command classes; this narrows it by the second of them.
  node.on('notification', (...[, commandClass, args]) => {
    if (commandClass === CommandClasses.Battery) say({ kind: 'battery', level: null, low: true });
    if (commandClass !== CommandClasses.Notification) return;
    const lock = lockOf();
    if (lock) say(meaningOfNotification(args.type, args.event, args.parameters, lock.profile));
  });
  const onValue = (_node: ZWaveNode, change: ZWaveNodeValueAddedArgs | ZWaveNodeValueUpdatedArgs): void => {
    edits.onValue(change);
    // A bolt that was stuck already sticks again without a change.
    if (isJam(change)) lockOf()?.occupation.work?.jam.note();
    say(meaningOfValue(change));
    say(meaningOfAlarmValue(node, lockOf(), change));
  };
  node.on('value added', onValue);
  node.on('value updated', onValue);
  listenToCredentials(node, lockOf, say);
}

/** On User Code locks the library makes these events of our own writes only; others go through values (note 2). */
function listenToCredentials(
  node: ZWaveNode,
  lockOf: () => ZwaveLock | undefined,
  say: (body: LockEventBody) => void,
): void {
  const isOurs = ({ credentialType }: CredentialDeletedArgs): boolean => {
    const profile = lockOf()?.profile;
    return profile?.family === 'user_credential' && profile.credentialType === credentialType;
  };
  const onChanged = (_endpoint: unknown, args: CredentialChangedArgs): void => {
    if (isOurs(args)) say({ kind: 'slot_changed', slot: args.credentialSlot });
  };
  node.on('credential added', onChanged);
  node.on('credential modified', onChanged);
  node.on('credential deleted', (_endpoint, args) => {
    if (isOurs(args)) say({ kind: 'slot_cleared', slot: args.credentialSlot });
  });
}

/** A lock that is being written to reports that slot: the echo of our own work. */
function isOwnEcho(lock: ZwaveLock, body: LockEventBody): boolean {
  return (
    (body.kind === 'slot_changed' || body.kind === 'slot_cleared') &&
    body.slot !== null &&
    lock.occupation.work?.slot === body.slot
  );
}

/** A version 1 alarm that the library has no mapping for, and so only shows as two values. */
function meaningOfAlarmValue(
  node: ZWaveNode,
  lock: ZwaveLock | undefined,
  { commandClass, property }: ZWaveNodeValueAddedArgs,
): LockEventBody | undefined {
  if (lock === undefined || commandClass !== CommandClasses.Notification) return undefined;
  if (property !== NotificationCCValues.alarmLevel.id.property) return undefined;
  if (node.getCCVersion(CommandClasses.Notification) >= NOTIFICATION_CC) return undefined;
  // The library sets the type just before the level, both at each alarm.
  const type = node.getValue<number>(NotificationCCValues.alarmType.id) ?? 0;
  const level = node.getValue<number>(NotificationCCValues.alarmLevel.id) ?? 0;
  const isMapped = node.deviceConfig?.compat?.alarmMapping?.some(
    ({ from }) => from.alarmType === type && (from.alarmLevel ?? level) === level,
  );
  return isMapped ? undefined : meaningOfAlarm(type, level, lock.profile);
}

/**
 * Codes edited at the keypad of a User Code lock show up as changed values only (field note 2), two for one edit,
 * so they are collected for one turn of the event loop.
 */
class EditCollector {
  readonly #lockOf: () => ZwaveLock | undefined;
  readonly #tell: Tell;
  readonly #slots = new Set<number>();
  #isScheduled = false;

  constructor(lockOf: () => ZwaveLock | undefined, tell: Tell) {
    this.#lockOf = lockOf;
    this.#tell = tell;
  }

  onValue(change: ZWaveNodeValueAddedArgs | ZWaveNodeValueUpdatedArgs): void {
    const slot = change.propertyKey;
    const lock = this.#lockOf();
    if (lock === undefined || typeof slot !== 'number' || !isCode(change)) return;
    if ('prevValue' in change && change.prevValue === change.newValue) return;
    if (lock.occupation.work?.slot === slot) return;
    this.#slots.add(slot);
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => this.#flush());
  }

  /** One event has told of all slots at once. */
  forget(): void {
    this.#slots.clear();
  }

  #flush(): void {
    this.#isScheduled = false;
    const lock = this.#lockOf();
    const slots = [...this.#slots];
    this.#slots.clear();
    if (lock === undefined) return;
    // An answer to a question of ours that comes after we gave up waiting looks the same.
    for (const slot of slots) this.#tell(lock, { kind: 'slot_changed', slot, unsure: true });
  }
}

function isCode(change: ZWaveNodeValueAddedArgs): boolean {
  return UserCodeCCValues.userCode.is(change) || UserCodeCCValues.userIdStatus.is(change);
}
