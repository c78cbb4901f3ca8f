import { isZWaveError, ZWaveErrorCodes } from '@zwave-js/core';
import type { Operation, Outcome } from '../../../src/core/operation.ts';
import { isUserSlot } from '../../../src/core/capability.ts';
import type { Evidence } from '../evidence.ts';
import type { ZwaveLock } from '../lock.ts';
import { noAnswer } from '../outcome.ts';
import { compareChecksum } from './checksum.ts';
import { readClock, setClock } from './clock.ts';
import { clearLeftSchedules, clearSchedule, readSchedule, setSchedule } from './schedule.ts';
import { armUserCode, clearUserCode, readUserCode, setUserCode } from './user-code.ts';
import { clearCredential, readCredential, setCredential } from './user-credential.ts';

const unsupported: Outcome = {
  kind: 'refused',
  reason: 'unsupported',
  message: 'this lock cannot do this',
};

const noSlot: Outcome = {
  kind: 'refused',
  reason: 'slot_out_of_range',
  message: 'this lock has no such slot',
};

/**
 * Executes one operation on one lock, without a deadline. Throws what zwave-js throws.
 *
 * The first secured frame after a restart or a lost report also carries a nonce, and then a schedule does not fit
 * into it. A short question takes the nonce along, and the second attempt fits.
 */
export async function execute(lock: ZwaveLock, operation: Operation, duplicate: Evidence): Promise<Outcome> {
  if ('slot' in operation && !isUserSlot(lock.profile.capabilities, operation.slot)) return noSlot;
  try {
    return await attempt(lock, operation, duplicate);
  } catch (error) {
    if (!isZWaveError(error) || error.code !== ZWaveErrorCodes.Controller_MessageTooLarge) throw error;
    await readSlot(lock, lock.profile.capabilities.firstSlot);
    return attempt(lock, operation, duplicate);
  }
}

function attempt(lock: ZwaveLock, operation: Operation, duplicate: Evidence): Promise<Outcome> {
  switch (operation.kind) {
    case 'read_slot':
      return readSlot(lock, operation.slot);
    case 'set_pin':
      return setPin(lock, operation, duplicate);
    case 'clear_slot':
      return clearSlot(lock, operation.slot);
    case 'set_schedule':
      return withSchedules(lock, () => setSchedule(lock, operation.slot, operation.window));
    case 'clear_schedule':
      return withSchedules(lock, () => clearSchedule(lock, operation.slot));
    case 'set_clock':
      return setClock(lock);
    case 'read_clock':
      return readClock(lock);
    case 'compare_checksum':
      return lock.profile.capabilities.checksum
        ? compareChecksum(lock, operation.held)
        : Promise.resolve(unsupported);
  }
}

async function readSlot(lock: ZwaveLock, slot: number): Promise<Outcome> {
  const { family, capabilities } = lock.profile;
  const content = family === 'user_code' ? await readUserCode(lock, slot) : await readCredential(lock, slot);
  if (content === 'no_answer') return noAnswer;
  if (content === 'no_slot') return noSlot;
  if (capabilities.nativeScheduling === null) {
    return { kind: 'done', proof: 'read_back', reading: { slot, content } };
  }
  const schedule = await readSchedule(lock, slot);
  if (schedule === 'no_answer') return noAnswer;
  return { kind: 'done', proof: 'read_back', reading: { slot, content, schedule } };
}

async function setPin(
  lock: ZwaveLock,
  operation: Extract<Operation, { kind: 'set_pin' }>,
  duplicate: Evidence,
): Promise<Outcome> {
  const { slot, pin, enabled } = operation;
  const { family, capabilities } = lock.profile;
  const { min, max } = capabilities.pinLength;
  if (pin.length < min || pin.length > max) {
    return {
      kind: 'refused',
      reason: 'pin_format',
      message: `this lock takes PINs of ${min} to ${max} digits`,
    };
  }
  if (!enabled && !capabilities.disabledCodes) return unsupported;
  if (family === 'user_credential') return setCredential(lock, operation, duplicate);
  const write = enabled ? setUserCode : armUserCode;
  return write(lock, slot, pin, duplicate);
}

/** The PIN goes first: what has ended must not open, whatever becomes of its schedule. */
async function clearSlot(lock: ZwaveLock, slot: number): Promise<Outcome> {
  const cleared =
    lock.profile.family === 'user_code' ? await clearUserCode(lock, slot) : await clearCredential(lock, slot);
  if (cleared.kind !== 'done' || lock.profile.capabilities.nativeScheduling === null) return cleared;
  return (await clearLeftSchedules(lock, slot)) ?? cleared;
}

function withSchedules(lock: ZwaveLock, work: () => Promise<Outcome>): Promise<Outcome> {
  if (lock.profile.capabilities.nativeScheduling !== null) return work();
  return Promise.resolve({ kind: 'refused', reason: 'unsupported', message: 'this lock keeps no schedules' });
}
