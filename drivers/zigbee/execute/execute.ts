import { isUserSlot } from '../../../src/core/capability.ts';
import type { Operation, Outcome } from '../../../src/core/operation.ts';
import type { ZigbeeLock } from '../lock.ts';
import { outcomeOfSilence, refused, unsupported } from '../outcome.ts';
import { readClock, setClock } from './clock.ts';
import { readContent } from './content.ts';
import { clearSlot, setPin } from './pin.ts';
import { clearSchedule, scheduleAt, setSchedule } from './schedule.ts';
import { clearUnreadable, readUnreadable, setUnreadable } from './write-only.ts';

const noSlot = refused('slot_out_of_range', 'this lock has no such slot');

/** Executes one operation on one lock, without a deadline. Never rejects but on a bug. */
export function execute(lock: ZigbeeLock, operation: Operation): Promise<Outcome> {
  const refusal = refusalOf(lock, operation);
  if (refusal !== undefined) return Promise.resolve(refusal);
  const isReadable = lock.profile.findings.readable;
  switch (operation.kind) {
    case 'read_slot':
      return isReadable ? readSlot(lock, operation.slot) : readUnreadable(lock, operation.slot);
    case 'set_pin':
      return isReadable ? setPin(lock, operation) : setUnreadable(lock, operation.slot, operation.pin);
    case 'clear_slot':
      return isReadable ? clearSlot(lock, operation.slot) : clearUnreadable(lock, operation.slot);
    case 'set_schedule':
      return setSchedule(lock, operation.slot, operation.window);
    case 'clear_schedule':
      return clearSchedule(lock, operation.slot);
    case 'set_clock':
      return setClock(lock);
    case 'read_clock':
      return readClock(lock);
    case 'compare_checksum':
      return Promise.resolve(unsupported);
  }
}

/** What is known to be impossible costs no frame. */
function refusalOf({ profile: { capabilities } }: ZigbeeLock, operation: Operation): Outcome | undefined {
  if ('slot' in operation && !isUserSlot(capabilities, operation.slot)) return noSlot;
  switch (operation.kind) {
    case 'set_pin': {
      const { min, max } = capabilities.pinLength;
      if (operation.pin.length < min || operation.pin.length > max)
        return refused('pin_format', `this lock takes PINs of ${min} to ${max} digits`);
      return operation.enabled || capabilities.disabledCodes ? undefined : unsupported;
    }
    case 'set_schedule':
    case 'clear_schedule':
      return capabilities.nativeScheduling === null ? unsupported : undefined;
    case 'read_slot':
    case 'clear_slot':
    case 'set_clock':
    case 'read_clock':
    case 'compare_checksum':
      return undefined;
  }
}

async function readSlot(lock: ZigbeeLock, slot: number): Promise<Outcome> {
  const shown = await readContent(lock, slot);
  if (shown.kind !== 'shown') return outcomeOfSilence(shown);
  const { content, type } = shown;
  if (lock.profile.capabilities.nativeScheduling === null)
    return { kind: 'done', proof: 'read_back', reading: { slot, content } };
  const schedule = await scheduleAt(lock, slot, content.kind === 'empty', type);
  if (schedule !== null && 'kind' in schedule) return outcomeOfSilence(schedule);
  return { kind: 'done', proof: 'read_back', reading: { slot, content, schedule } };
}
