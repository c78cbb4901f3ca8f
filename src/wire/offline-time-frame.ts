import { z } from 'zod';
import type { OfflineWindow } from '../core/offline/window.ts';
import { time } from './access-code.ts';
import { notedText } from './instant-text.ts';

/** A window that an offline code may have. */
export const offlineTimeFrameSchema = z
  .object({
    kind: z.enum(['hourly', 'daily', 'one_time']),
    starts_at: time,
    ends_at: time,
    user_level_id: z
      .string()
      .nullable()
      .describe('Of dormakaba Oracode: the predefined time slot whose times these are.'),
  })
  .meta({ id: 'OfflineTimeFrame' });

export type OfflineTimeFrame = z.infer<typeof offlineTimeFrameSchema>;

export function offlineTimeFrameOf({ kind, startsAt, endsAt, levelId }: OfflineWindow): OfflineTimeFrame {
  return { kind, starts_at: notedText(startsAt), ends_at: notedText(endsAt), user_level_id: levelId };
}
