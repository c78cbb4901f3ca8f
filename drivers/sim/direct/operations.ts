import type { Operation, Outcome } from '../../../src/core/operation.ts';
import type { SimLock } from '../lock/lock.ts';
import { readClock, setClock } from './clock.ts';
import { refused, type Radio } from './outcome.ts';
import { compareChecksum, proveByReading } from './read.ts';
import { clearLeftSchedules, setSchedule } from './schedule.ts';
import { clearPin, setPin } from './write.ts';

/** Executes one operation with the frames, proofs and doubts that its family has on a real radio. */
export async function executeOn(radio: Radio, lock: SimLock, operation: Operation): Promise<Outcome> {
  if ('slot' in operation && !lock.codes.hasSlot(operation.slot)) {
    return refused('slot_out_of_range', 'the lock has no such slot');
  }
  switch (operation.kind) {
    case 'read_slot':
      return proveByReading(radio, lock, operation.slot);
    case 'set_pin':
      return setPin(radio, lock, operation);
    case 'clear_slot':
      return clearSlot(radio, lock, operation.slot);
    case 'set_schedule':
      return setSchedule(radio, lock, operation.slot, operation.window);
    case 'clear_schedule':
      return setSchedule(radio, lock, operation.slot, null);
    case 'set_clock':
      return setClock(radio, lock);
    case 'read_clock':
      return readClock(radio, lock);
    case 'compare_checksum':
      return compareChecksum(radio, lock, operation.held);
  }
}

/** The PIN goes first: what has ended must not open, whatever becomes of its schedule. */
async function clearSlot(radio: Radio, lock: SimLock, slot: number): Promise<Outcome> {
  const cleared = await clearPin(radio, lock, slot);
  if (cleared.kind !== 'done' || !lock.model.schedules) return cleared;
  return (await clearLeftSchedules(radio, lock, slot)) ?? cleared;
}
