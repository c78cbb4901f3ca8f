import { z } from 'zod';
import { whole, yesOrNo } from './config-value.ts';
import { DEFAULT_POLICY } from './core/lock.ts';

export const scheduling = z.strictObject(
  {
    jit_lead_minutes: whole(1, 24 * 60).default(30),
    native_preload_hours: whole(1, 30 * 24).default(72),
    strict_start: yesOrNo().default(false),
  },
  { error: 'a map' },
);

export const radioBudget = z.strictObject(
  {
    audit_frames_per_day: whole(0, 10_000).default(DEFAULT_POLICY.auditFramesPerDay),
    repeated_writes_per_hour: whole(4, 1000).default(DEFAULT_POLICY.repeatedWritesPerHour),
  },
  { error: 'a map' },
);
