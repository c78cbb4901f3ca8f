import { z } from 'zod';
import type { OfflineCapability, OfflineRules, UserLevel } from '../core/offline/window.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../core/time.ts';

const timePair = z.object({
  display_name: z.string(),
  start_time: z.string().describe('HH:MM'),
  end_time: z.string().describe('HH:MM'),
});

const timeFrameOption = z.object({
  display_name: z.string(),
  min_duration: z.string().describe('ISO 8601, such as `PT1H`.'),
  max_duration: z.string(),
  matching_start_end_time: z
    .literal(true)
    .describe('It ends at the time of day at which it starts.')
    .optional(),
  time_pairs: z.array(timePair).optional(),
  time_zone: z.string(),
});

/** `HH:MM:SS[IANA/Zone]`, as the documentation prints it. */
const wallTime = z.string();
const timeSlot = z.object({
  name: z.string(),
  prefix: z.number(),
  is_master: z.boolean(),
  is_24_hour: z.boolean(),
  is_one_shot: z.boolean(),
  check_in_time: wallTime,
  check_out_time: wallTime,
  is_biweekly_mode: z.boolean(),
  dormakaba_oracode_user_level_id: z.string(),
  ext_dormakaba_oracode_user_level_prefix: z.number(),
});

/** Of the device object's `properties`: which windows offline codes of the lock may have. Missing where it takes none. */
export const offlinePropertiesSchema = z.object({
  offline_time_frame_options: z
    .array(timeFrameOption)
    .describe('What windows its offline codes may have.')
    .optional(),
  dormakaba_oracode_metadata: z
    .object({ iana_timezone: z.string(), predefined_time_slots: z.array(timeSlot) })
    .optional(),
});

type OfflineProperties = z.infer<typeof offlinePropertiesSchema>;

export function offlinePropertiesOf(offline: OfflineCapability | null): OfflineProperties {
  if (offline === null) return {};
  const { vendor, rules } = offline;
  const offline_time_frame_options = optionsOf(rules);
  if (vendor !== 'dormakaba_oracode' || rules.kind !== 'levels') return { offline_time_frame_options };
  const [first] = rules.levels;
  const dormakaba_oracode_metadata = {
    iana_timezone: first?.zone ?? '',
    predefined_time_slots: rules.levels.map(timeSlotOf),
  };
  return { offline_time_frame_options, dormakaba_oracode_metadata };
}

function optionsOf(rules: OfflineRules): z.infer<typeof timeFrameOption>[] {
  if (rules.kind === 'levels') {
    return rules.levels
      .filter(({ isMaster, isOneShot }) => !isMaster && !isOneShot)
      .map(({ name, zone, checkInMs, checkOutMs }) => ({
        display_name: name,
        min_duration: 'P1D',
        max_duration: `P${rules.daysMax}D`,
        time_pairs: [{ display_name: name, start_time: minuteOf(checkInMs), end_time: minuteOf(checkOutMs) }],
        time_zone: zone,
      }));
  }
  const { zone: time_zone, hoursMax, daysMin, daysMax, oneTimeHours } = rules;
  const oneTime = `PT${oneTimeHours}H`;
  return [
    { display_name: 'Hourly', min_duration: 'PT1H', max_duration: `PT${hoursMax}H`, time_zone },
    {
      display_name: 'Daily',
      min_duration: `P${daysMin}D`,
      max_duration: `P${daysMax}D`,
      matching_start_end_time: true,
      time_zone,
    },
    ...(oneTimeHours === null
      ? []
      : [{ display_name: 'One-time', min_duration: oneTime, max_duration: oneTime, time_zone }]),
  ];
}

function timeSlotOf(level: UserLevel): z.infer<typeof timeSlot> {
  const wall = (timeMs: number): string => {
    const seconds = String((timeMs % MINUTE_MS) / SECOND_MS).padStart(2, '0');
    return `${minuteOf(timeMs)}:${seconds}[${level.zone}]`;
  };
  return {
    name: level.name,
    prefix: level.prefix,
    is_master: level.isMaster,
    is_24_hour: level.is24Hour,
    is_one_shot: level.isOneShot,
    check_in_time: wall(level.checkInMs),
    check_out_time: wall(level.checkOutMs),
    is_biweekly_mode: level.isBiweekly,
    dormakaba_oracode_user_level_id: level.levelId,
    ext_dormakaba_oracode_user_level_prefix: level.prefix,
  };
}

/** `HH:MM` of a time of day. */
export function minuteOf(timeMs: number): string {
  const hours = Math.floor(timeMs / HOUR_MS);
  const minutes = Math.floor((timeMs % HOUR_MS) / MINUTE_MS);
  return `${String(hours).padStart(2, '0')}:${String(minutes).padStart(2, '0')}`;
}
