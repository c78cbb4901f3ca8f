import type { Operation, Outcome } from '../../../src/core/operation.ts';
import type { Pin } from '../../../src/core/pin.ts';
import type { LocalWindow, Proof, SlotContent, SlotReading } from '../../../src/core/slot.ts';
import { MINUTE_MS, type Instant } from '../../../src/core/time.ts';
import type { Refusal } from '../lock/code-table.ts';
import type { SimLock } from '../lock/lock.ts';
import { exchange, send, type Air, type Heard } from './link.ts';

/** What an operation needs besides the lock. */
export interface Radio extends Air {
  /** The hub's time, which `set_clock` gives to the lock. */
  readonly hubNow: () => Instant;
  /** Minutes east of UTC at the site at an instant. */
  readonly utcOffsetMinutes: (at: Instant) => number;
  /** True when the lock was heard to refuse a duplicate since the operation began. */
  readonly heardDuplicate: () => boolean;
}

type Failure = Exclude<Outcome, { kind: 'done' }>;

/** Executes one operation with the frames, proofs and doubts that its family has on a real radio. */
export async function executeOn(radio: Radio, lock: SimLock, operation: Operation): Promise<Outcome> {
  if ('slot' in operation && !lock.codes.hasSlot(operation.slot)) {
    return refused('slot_out_of_range', 'the lock has no such slot');
  }
  switch (operation.kind) {
    case 'read_slot':
      return proveByReading(radio, lock, operation.slot);
    case 'set_pin':
      return setPin(radio, lock, operation.slot, operation.pin);
    case 'clear_slot':
      return clearSlot(radio, lock, operation.slot);
    case 'set_schedule':
      if ('weekDays' in operation.window) return refused('unsupported', 'the lock keeps no weekly schedules');
      return setSchedule(radio, lock, operation.slot, operation.window);
    case 'clear_schedule':
      return setSchedule(radio, lock, operation.slot, null);
    case 'set_clock':
      return setClock(radio, lock);
    case 'read_clock':
    case 'compare_checksum':
      return refused('unsupported', 'the lock cannot be asked for this');
  }
}

/** What the lock shows of a slot when it is asked. */
export function contentOf(lock: SimLock, slot: number): SlotContent {
  const held = lock.codes.read(slot);
  if (held === undefined) return { kind: 'empty' };
  const enabled = held.status === 'enabled';
  return lock.model.masksPins ? { kind: 'masked', enabled } : { kind: 'pin', pin: held.pin, enabled };
}

/** The schedule of a slot, `null` for none. */
export function scheduleOf(lock: SimLock, slot: number): LocalWindow | null {
  const held = lock.codes.schedule(slot);
  return held === undefined ? null : { start: held.start, stop: held.stop };
}

async function proveByReading(radio: Radio, lock: SimLock, slot: number): Promise<Outcome> {
  const content = await exchange(radio, lock, () => contentOf(lock, slot));
  if (content.kind !== 'answer') return failure(content);
  if (!lock.model.schedules) return done('read_back', { slot, content: content.value });
  const schedule = await exchange(radio, lock, () => scheduleOf(lock, slot));
  if (schedule.kind !== 'answer') return failure(schedule);
  return done('read_back', { slot, content: content.value, schedule: schedule.value });
}

async function setPin(radio: Radio, lock: SimLock, slot: number, pin: Pin): Promise<Outcome> {
  const { min, max } = lock.model.pinLength;
  if (pin.length < min || pin.length > max)
    return refused('pin_format', `the lock takes ${min} to ${max} digits`);
  switch (lock.model.family) {
    case 'user_code_v1':
      return setPinAndRead(radio, lock, slot, pin);
    case 'user_code_v2':
      return setPinSupervised(radio, lock, slot, pin);
    case 'user_credential':
      return addCredential(radio, lock, slot, pin);
  }
}

async function setPinAndRead(radio: Radio, lock: SimLock, slot: number, pin: Pin): Promise<Outcome> {
  if (lock.model.masksPins) {
    // A refused write over an occupied masked slot reads like a taken one, so the slot is emptied first.
    const emptied = await emptyMaskedSlot(radio, lock, slot);
    if (emptied !== undefined) return emptied;
  }
  const sent = await send(radio, lock, () => lock.radioSetPin(slot, pin.reveal()));
  if (sent.kind !== 'answer') return failure(sent);
  return proveWritten(radio, lock, slot, pin);
}

async function emptyMaskedSlot(radio: Radio, lock: SimLock, slot: number): Promise<Failure | undefined> {
  const before = await exchange(radio, lock, () => contentOf(lock, slot));
  if (before.kind !== 'answer') return before.kind === 'no_answer' ? unreachable() : failure(before);
  if (before.value.kind === 'empty') return undefined;
  const outcome = await clearAndRead(radio, lock, slot);
  return outcome.kind === 'done' ? undefined : outcome;
}

/** Reads what was just written, and never takes silence for a no. */
async function proveWritten(radio: Radio, lock: SimLock, slot: number, pin: Pin): Promise<Outcome> {
  const read = await exchange(radio, lock, () => contentOf(lock, slot));
  if (read.kind === 'radio_down') return failure(read);
  if (read.kind !== 'answer') return unknown('written, and not read back');
  const content = read.value;
  const written = content.kind === 'masked' || (content.kind === 'pin' && content.pin.equals(pin));
  if (written && content.enabled) return done('read_back', { slot, content });
  return radio.heardDuplicate() ? duplicate() : unknown('written, and the slot reads as something else');
}

async function setPinSupervised(radio: Radio, lock: SimLock, slot: number, pin: Pin): Promise<Outcome> {
  const answer = await exchange(radio, lock, () => lock.radioSetPin(slot, pin.reveal()));
  if (answer.kind === 'answer' && answer.value === undefined) return done('supervision');
  if (answer.kind === 'no_ack' || answer.kind === 'radio_down') return failure(answer);
  const proven = await proveWritten(radio, lock, slot, pin);
  if (answer.kind === 'answer' && proven.kind === 'unknown') return refused('refused', 'the lock said no');
  return proven;
}

async function addCredential(radio: Radio, lock: SimLock, slot: number, pin: Pin): Promise<Outcome> {
  // First the user, then its PIN; this model's lock counts only PINs as writes.
  const user = await exchange(radio, lock, () => undefined);
  if (user.kind !== 'answer') return failure(user);
  const credential = await exchange(radio, lock, () => lock.radioSetPin(slot, pin.reveal()));
  if (credential.kind !== 'answer') return failure(credential);
  if (credential.value === undefined) return done('event');
  // The user without a PIN must not stay behind.
  await exchange(radio, lock, () => undefined);
  return credential.value === 'duplicate_pin' ? duplicate() : refused('refused', 'the lock said no');
}

async function clearSlot(radio: Radio, lock: SimLock, slot: number): Promise<Outcome> {
  if (lock.model.family === 'user_code_v1') return clearAndRead(radio, lock, slot);
  const cleared = await confirm(radio, lock, () => lock.radioClearPin(slot));
  if (cleared !== undefined) return cleared;
  if (lock.model.schedules) {
    const erased = await confirm(radio, lock, () => lock.radioSetSchedule(slot, null));
    if (erased !== undefined) return erased;
  }
  return done(lock.model.family === 'user_credential' ? 'event' : 'supervision');
}

async function clearAndRead(radio: Radio, lock: SimLock, slot: number): Promise<Outcome> {
  const sent = await send(radio, lock, () => lock.radioClearPin(slot));
  if (sent.kind !== 'answer') return failure(sent);
  const read = await exchange(radio, lock, () => contentOf(lock, slot));
  if (read.kind === 'radio_down') return failure(read);
  if (read.kind !== 'answer') return unknown('cleared, and not read back');
  if (read.value.kind !== 'empty') return unknown('cleared, and the slot still reads as occupied');
  return done('read_back', { slot, content: read.value });
}

async function setSchedule(
  radio: Radio,
  lock: SimLock,
  slot: number,
  window: LocalWindow | null,
): Promise<Outcome> {
  if (!lock.model.schedules) return refused('unsupported', 'the lock keeps no schedules');
  const set = await confirm(radio, lock, () => lock.radioSetSchedule(slot, window));
  if (set !== undefined) return set;
  const read = await exchange(radio, lock, () => scheduleOf(lock, slot));
  if (read.kind === 'radio_down') return failure(read);
  if (read.kind !== 'answer') return unknown('schedule written, and not read back');
  const same = read.value?.start === window?.start && read.value?.stop === window?.stop;
  return same ? done('read_back') : unknown('schedule written, and it reads as another');
}

async function setClock(radio: Radio, lock: SimLock): Promise<Outcome> {
  if (lock.model.clock === 'none') return refused('unsupported', 'the lock has no clock that can be set');
  const localOffsetMs = (at: Instant): number => radio.utcOffsetMinutes(at) * MINUTE_MS;
  const failed =
    lock.model.clock === 'clock'
      ? await confirm(radio, lock, () => lock.clock.setLocal(radio.hubNow() + localOffsetMs(radio.hubNow())))
      : ((await confirm(radio, lock, () => lock.clock.setUtc(radio.hubNow()))) ??
        (await confirm(radio, lock, () => setZone(radio, lock))));
  return failed ?? done('supervision');
}

function setZone(radio: Radio, lock: SimLock): void {
  const minutes = radio.utcOffsetMinutes(radio.hubNow());
  lock.clock.zone = { standardMinutes: minutes, dstMinutes: minutes, dst: null };
}

/** Sends a command that the lock confirms; answers only what went wrong. */
async function confirm(
  radio: Radio,
  lock: SimLock,
  execute: () => Refusal | undefined | void,
): Promise<Failure | undefined> {
  const heard = await exchange(radio, lock, execute);
  if (heard.kind !== 'answer') return failure(heard);
  return heard.value === undefined ? undefined : refused('refused', 'the lock said no');
}

function failure(heard: Exclude<Heard<unknown>, { kind: 'answer' }>): Failure {
  switch (heard.kind) {
    case 'no_ack':
      return unreachable();
    case 'no_answer':
      return unknown('the lock acknowledged and did not answer');
    case 'radio_down':
      return { kind: 'radio_down', message: 'the radio is gone' };
  }
}

function done(proof: Proof, reading?: SlotReading): Outcome {
  return reading === undefined ? { kind: 'done', proof } : { kind: 'done', proof, reading };
}

function unreachable(): Failure {
  return { kind: 'unreachable', message: 'the lock does not acknowledge' };
}

function unknown(message: string): Failure {
  return { kind: 'unknown', message };
}

function duplicate(): Failure {
  return refused('duplicate_pin', 'another slot of the lock holds this PIN');
}

function refused(reason: Extract<Failure, { kind: 'refused' }>['reason'], message: string): Failure {
  return { kind: 'refused', reason, message };
}
