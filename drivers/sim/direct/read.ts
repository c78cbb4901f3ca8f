import type { HeldPin, Outcome } from '../../../src/core/operation.ts';
import type { SlotContent } from '../../../src/core/slot.ts';
import { checksumOf } from '../lock/checksum.ts';
import type { SimLock } from '../lock/lock.ts';
import { exchange } from './link.ts';
import { done, refused, unanswered, type Radio } from './outcome.ts';
import { askSchedules, scheduleFrom } from './schedule.ts';

/** What the lock shows of a slot when it is asked. */
export function contentOf(lock: SimLock, slot: number): SlotContent {
  const held = lock.shown(slot);
  if (held === undefined) return { kind: 'empty' };
  const enabled = held.status === 'enabled';
  return lock.model.masksPins ? { kind: 'masked', enabled } : { kind: 'pin', pin: held.pin, enabled };
}

/** Reads a slot; on a lock with schedules also those, one question for each that is there and one for the end. */
export async function proveByReading(radio: Radio, lock: SimLock, slot: number): Promise<Outcome> {
  const content = await exchange(radio, lock, () => contentOf(lock, slot));
  if (content.kind !== 'answer') return unanswered(content);
  if (!lock.model.schedules) return done('read_back', { slot, content: content.value });
  const schedules = await askSchedules(radio, lock, slot);
  if (schedules.kind !== 'answer') return unanswered(schedules);
  return done('read_back', { slot, content: content.value, schedule: scheduleFrom(schedules.value) });
}

/** Asks for the checksum over all codes and compares it with that of what should be there. */
export async function compareChecksum(
  radio: Radio,
  lock: SimLock,
  held: readonly HeldPin[],
): Promise<Outcome> {
  if (!lock.model.checksum) return refused('unsupported', 'the lock has no checksum');
  const shown = await exchange(radio, lock, () => lock.codes.checksum());
  if (shown.kind !== 'answer') return unanswered(shown);
  return { kind: 'done', proof: 'checksum', matches: shown.value === checksumOf(held) };
}
