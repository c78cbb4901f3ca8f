import type { LockDescription } from '../../../src/core/lock-event.ts';
import type { SlotReading } from '../../../src/core/slot.ts';
import { MINUTE_MS } from '../../../src/core/time.ts';
import type { SimLock } from '../lock/lock.ts';
import { contentOf } from './read.ts';
import { heldSchedules, scheduleFrom } from './schedule.ts';
import { takesDisabledCodes } from './write.ts';

/** All slots as an interview reads them. */
export function snapshot(lock: SimLock): readonly SlotReading[] {
  return Array.from({ length: lock.model.slots }, (_, index) => {
    const slot = index + 1;
    const content = contentOf(lock, slot);
    return lock.model.schedules
      ? { slot, content, schedule: scheduleFrom(heldSchedules(lock, slot)) }
      : { slot, content };
  });
}

/** What an interview finds out about a lock. */
export function describe(lock: SimLock): LockDescription {
  const { model } = lock;
  return {
    radio: 'zwave',
    address: lock.address,
    model: model.name,
    capabilities: {
      firstSlot: 1,
      lastSlot: model.slots,
      adminSlots: adminSlotsOf(model),
      pinLength: model.pinLength,
      nativeScheduling: model.schedules ? { kind: 'year_day', granuleMs: MINUTE_MS } : null,
      weekDaySchedules: model.weekDaySchedules,
      disabledCodes: takesDisabledCodes(model),
      // What the admin slot holds is nobody's to know, so a checksum that counts it could not be compared.
      checksum: model.checksum && adminSlotsOf(model).length === 0,
      offline: null,
      constraints: model.constraints,
    },
    secure: model.secure,
    batteryLevel: lock.batteryPercent / 100,
    locked: lock.bolt === 'locked',
  };
}

/** An admin slot outside the user slots is nothing the hub has to know of. */
function adminSlotsOf({ adminSlot, slots }: SimLock['model']): readonly number[] {
  return adminSlot !== null && adminSlot <= slots ? [adminSlot] : [];
}
