import { z } from 'zod';

import type { OfflineAsked, OfflineIssue } from '../core/offline/issue.ts';
import type {
  OfflineCapability,
  OfflineRules,
  OfflineVendor,
  OfflineWindow,
} from '../core/offline/window.ts';
import { words } from './rows.ts';

const rules: z.ZodType<OfflineRules> = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('spans'),
    zone: z.string(),
    hoursMax: z.int(),
    daysMin: z.int(),
    daysMax: z.int(),
    oneTimeHours: z.int().nullable(),
  }),
  z.object({
    kind: z.literal('levels'),
    daysMax: z.int(),
    levels: z.array(
      z.object({
        levelId: z.string(),
        name: z.string(),
        prefix: z.number(),
        zone: z.string(),
        checkInMs: z.number(),
        checkOutMs: z.number(),
        is24Hour: z.boolean(),
        isOneShot: z.boolean(),
        isMaster: z.boolean(),
        isBiweekly: z.boolean(),
      }),
    ),
  }),
]);

/** In a lock's capabilities. */
export const offlineCapability: z.ZodType<OfflineCapability> = z.object({
  vendor: words<OfflineVendor>({ igloohome: true, dormakaba_oracode: true, lockhub: true }),
  rules,
});

/** What was asked of an offline code. */
export const offlineAsked: z.ZodType<OfflineAsked> = z.object({
  isOneTimeUse: z.boolean(),
  maxRoundingMs: z.number(),
});

const window: z.ZodType<OfflineWindow> = z.object({
  kind: z.enum(['hourly', 'daily', 'one_time']),
  startsAt: z.number(),
  endsAt: z.number(),
  levelId: z.string().nullable(),
});

/** How far the issuing of an offline code is. */
export const offlineIssue: z.ZodType<OfflineIssue> = z.object({
  window,
  asked: z.object({ startsAt: z.number(), endsAt: z.number().nullable() }),
  state: z.enum(['waiting', 'asked', 'issued', 'refused']),
  trouble: z
    .object({
      reason: words<NonNullable<OfflineIssue['trouble']>['reason']>({
        no_internet: true,
        vendor_down: true,
        timed_out: true,
        rate_limited: true,
        token_refused: true,
        quota_reached: true,
        window_refused: true,
        clock_refused: true,
        device_unknown: true,
        unauthorized: true,
        duplicate_pin: true,
      }),
      message: z.string(),
    })
    .nullable(),
  reference: z.string().nullable(),
});
