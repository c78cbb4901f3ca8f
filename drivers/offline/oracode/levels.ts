import { z } from 'zod';
import type { LevelRules } from '../../../src/core/offline/window.ts';
import { MINUTE_MS, SECOND_MS } from '../../../src/core/time.ts';

/** Longest code of any user level. */
const DAYS_MAX = 31;

/** `16:00:00[Europe/Tirane]` as time of day in milliseconds and zone. */
const wallTimeSchema = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d:[0-5]\d\[[^\]]+\]$/)
  .transform((text) => {
    const [time = '', zone = ''] = text.slice(0, -1).split('[');
    const [hours = 0, minutes = 0, seconds = 0] = time.split(':').map(Number);
    return { ms: (hours * 60 + minutes) * MINUTE_MS + seconds * SECOND_MS, zone };
  })
  .refine(({ zone }) => isZone(zone), 'not an IANA zone');

/** `properties.dormakaba_oracode_metadata.predefined_time_slots[]` of a lock. */
const slotSchema = z
  .object({
    name: z.string(),
    prefix: z.number().int(),
    check_in_time: wallTimeSchema,
    check_out_time: wallTimeSchema,
    is_24_hour: z.boolean(),
    is_one_shot: z.boolean(),
    is_biweekly_mode: z.boolean(),
    is_master: z.boolean(),
    dormakaba_oracode_user_level_id: z.string(),
  })
  .refine((slot) => slot.check_in_time.zone === slot.check_out_time.zone, 'two zones in one time slot');

function isZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: zone }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

/** The predefined time slots of a lock as rules. Throws a `ZodError` that names what is wrong with them. */
export function oracodeRules(predefinedTimeSlots: unknown): LevelRules {
  const levels = z
    .array(slotSchema)
    .parse(predefinedTimeSlots)
    .map((slot) => ({
      levelId: slot.dormakaba_oracode_user_level_id,
      name: slot.name,
      prefix: slot.prefix,
      zone: slot.check_in_time.zone,
      checkInMs: slot.check_in_time.ms,
      checkOutMs: slot.check_out_time.ms,
      is24Hour: slot.is_24_hour,
      isOneShot: slot.is_one_shot,
      isMaster: slot.is_master,
      isBiweekly: slot.is_biweekly_mode,
    }));
  return { kind: 'levels', levels, daysMax: DAYS_MAX };
}
