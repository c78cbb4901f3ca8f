import type { Outcome } from '../../../src/core/operation.ts';
import type { Pin } from '../../../src/core/pin.ts';
import type { SlotContent } from '../../../src/core/slot.ts';
import type { SlotStatus } from '../lock/code-table.ts';
import type { SimLock } from '../lock/lock.ts';
import type { LockModel } from '../lock/model.ts';
import { exchange, send } from './link.ts';
import {
  confirm,
  done,
  duplicate,
  failure,
  refused,
  unanswered,
  unknown,
  type Failure,
  type Radio,
} from './outcome.ts';
import { contentOf, proveByReading } from './read.ts';

/** A PIN for a slot, enabled or not. */
interface Write {
  readonly slot: number;
  readonly pin: Pin;
  readonly enabled: boolean;
}

/** The lock can be given a disabled code and shows that it is one. */
export function takesDisabledCodes({ family, masksPins }: LockModel): boolean {
  return family !== 'user_code_v1' && !masksPins;
}

/** Writes a PIN as the family of the lock wants it. */
export async function setPin(radio: Radio, lock: SimLock, write: Write): Promise<Outcome> {
  const { min, max } = lock.model.pinLength;
  if (write.pin.length < min || write.pin.length > max)
    return refused('pin_format', `the lock takes ${min} to ${max} digits`);
  if (!write.enabled && !takesDisabledCodes(lock.model))
    return refused('unsupported', 'the lock shows no disabled codes');
  switch (lock.model.family) {
    case 'user_code_v1':
      return setPinAndRead(radio, lock, write);
    case 'user_code_v2':
    case 'door_lock':
      return setPinSupervised(radio, lock, write);
    case 'user_credential':
      return setCredential(radio, lock, write);
  }
}

/** Empties a slot, with its schedules where the lock keeps any. */
export async function clearPin(radio: Radio, lock: SimLock, slot: number): Promise<Outcome> {
  if (lock.model.family === 'user_code_v1') return clearAndRead(radio, lock, slot);
  const failed = await confirm(radio, lock, () => lock.radioClearPin(slot));
  if (failed !== undefined) return failed;
  return lock.model.family === 'user_credential' ? done('event') : readEmpty(radio, lock, slot);
}

async function setPinAndRead(radio: Radio, lock: SimLock, write: Write): Promise<Outcome> {
  if (lock.model.masksPins) {
    // A refused write over an occupied masked slot reads like a taken one, so the slot is emptied first.
    const emptied = await emptyMaskedSlot(radio, lock, write.slot);
    if (emptied !== undefined) return emptied;
  }
  const sent = await send(radio, lock, () => lock.radioSetPin(write.slot, write.pin.reveal()));
  if (sent.kind !== 'answer') return failure(sent);
  return proveWritten(radio, lock, write);
}

async function emptyMaskedSlot(radio: Radio, lock: SimLock, slot: number): Promise<Failure | undefined> {
  const before = await exchange(radio, lock, () => contentOf(lock, slot));
  if (before.kind !== 'answer') return unanswered(before);
  if (before.value.kind === 'empty') return undefined;
  const outcome = await clearAndRead(radio, lock, slot);
  return outcome.kind === 'done' ? undefined : outcome;
}

/** Reads what was just written, and never takes silence for a no. */
async function proveWritten(radio: Radio, lock: SimLock, { slot, pin, enabled }: Write): Promise<Outcome> {
  const read = await exchange(radio, lock, () => contentOf(lock, slot));
  if (read.kind === 'radio_down') return failure(read);
  if (read.kind !== 'answer') return unknown('written, and not read back');
  const content = read.value;
  if (holds(content, pin) && (content.enabled || !enabled)) return done('read_back', { slot, content });
  return radio.heardDuplicate() ? duplicate() : unknown('written, and the slot reads as something else');
}

function holds(content: SlotContent, pin: Pin): content is Exclude<SlotContent, { kind: 'empty' }> {
  return content.kind === 'masked' || (content.kind === 'pin' && content.pin.equals(pin));
}

async function setPinSupervised(radio: Radio, lock: SimLock, write: Write): Promise<Outcome> {
  const answer = await exchange(radio, lock, () =>
    lock.radioSetPin(write.slot, write.pin.reveal(), statusOf(write)),
  );
  const isTaken = answer.kind === 'answer' && answer.value === undefined;
  if (isTaken && write.enabled) return done('supervision');
  if (answer.kind === 'no_ack' || answer.kind === 'radio_down') return failure(answer);
  // Supervision says that the lock took the code and not that it left it disabled, so that is read.
  const proven = await proveWritten(radio, lock, write);
  if (!isTaken && answer.kind === 'answer' && proven.kind === 'unknown') {
    return refused('refused', 'the lock said no');
  }
  return proven;
}

/** A code is disabled by its user, before its PIN is written; and enabled after. */
async function setCredential(radio: Radio, lock: SimLock, write: Write): Promise<Outcome> {
  const { slot, enabled } = write;
  // This model's lock counts only codes, so a user that is new or already right costs frames and no write.
  const user = await exchange(radio, lock, () => {
    const wasEnabled = lock.codes.read(slot)?.status === 'enabled';
    if (!enabled && wasEnabled) lock.radioSetStatus(slot, 'disabled');
    return { wasEnabled };
  });
  if (user.kind !== 'answer') return failure(user);
  const credential = await exchange(radio, lock, () =>
    lock.radioSetPin(slot, write.pin.reveal(), statusOf(write)),
  );
  if (credential.kind !== 'answer') return failure(credential);
  if (credential.value === undefined) return enabled ? done('event') : proveByReading(radio, lock, slot);
  // A user without a PIN must not stay behind.
  await exchange(radio, lock, () => undefined);
  if (!enabled && user.value.wasEnabled) return unknown('disabled, and the new PIN was refused');
  switch (credential.value) {
    case 'duplicate_pin':
      return duplicate();
    case 'pin_format':
      return refused('pin_format', "against the manufacturer's rules for PINs");
    case 'slot_out_of_range':
    case 'unsupported':
    case 'refused':
      return refused('refused', 'the lock said no');
  }
}

function statusOf({ enabled }: Write): SlotStatus {
  return enabled ? 'enabled' : 'disabled';
}

async function clearAndRead(radio: Radio, lock: SimLock, slot: number): Promise<Outcome> {
  const sent = await send(radio, lock, () => lock.radioClearPin(slot));
  return sent.kind === 'answer' ? readEmpty(radio, lock, slot) : failure(sent);
}

async function readEmpty(radio: Radio, lock: SimLock, slot: number): Promise<Outcome> {
  const read = await exchange(radio, lock, () => contentOf(lock, slot));
  if (read.kind === 'radio_down') return failure(read);
  if (read.kind !== 'answer') return unknown('cleared, and not read back');
  if (read.value.kind !== 'empty') return unknown('cleared, and the slot still reads as occupied');
  return done('read_back', { slot, content: read.value });
}
