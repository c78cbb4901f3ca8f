import { z } from 'zod';

import type { AccessCodeStatus, Origin, PendingEdits, WeeklyWindow } from '../core/access-code.ts';
import type { RefusalReason } from '../core/operation.ts';
import type { ErrorCode, WarningCode } from '../core/problem.ts';
import { WEEK_DAYS } from '../core/slot.ts';
import { offlineAsked, offlineIssue } from './offline-row.ts';
import { blob, flag, json, words } from './rows.ts';

const status = words<AccessCodeStatus>({
  unset: true,
  setting: true,
  set: true,
  removing: true,
  unknown: true,
});

const refusalReason = words<RefusalReason>({
  duplicate_pin: true,
  pin_format: true,
  slot_out_of_range: true,
  no_space: true,
  unsupported: true,
  refused: true,
});

const errorCode = words<ErrorCode>({
  failed_to_set_on_device: true,
  failed_to_remove_from_device: true,
  duplicate_code_on_device: true,
  no_space_for_access_code_on_device: true,
  code_modified_external_to_seam: true,
  code_constraints_violated: true,
  access_code_state_unconfirmed: true,
  invalid_input: true,
  duplicate_access_code: true,
  device_offline: true,
});

const warningCode = words<WarningCode>({
  delay_in_issuing: true,
  igloo_algopin_must_be_used_within_24_hours: true,
  delay_in_setting_on_device: true,
  delay_in_removing_from_device: true,
  code_modified_external_to_seam: true,
  being_deleted: true,
  access_code_inactive: true,
  using_backup_access_code: true,
  native_scheduling_refused: true,
});

const problem = {
  message: z.string(),
  createdAt: z.number(),
  details: z
    .object({
      managedAccessCodeId: z.string().exactOptional(),
      unmanagedAccessCodeId: z.string().exactOptional(),
      changeType: z.enum(['modified', 'removed']).exactOptional(),
    })
    .exactOptional(),
};

const weeklyWindow: z.ZodType<WeeklyWindow> = z.object({
  days: z.array(z.enum(WEEK_DAYS)),
  start: z.string(),
  stop: z.string(),
});

const edits: z.ZodType<PendingEdits> = z.object({
  name: z.object({ from: z.string().nullable(), since: z.number() }).exactOptional(),
  code: z.object({ since: z.number() }).exactOptional(),
  timeFrame: z
    .object({ startsAt: z.number().nullable(), endsAt: z.number().nullable(), since: z.number() })
    .exactOptional(),
});

/** One row of the table of desired codes, as SQLite gives it. */
export const codeRow = z.object({
  device_id: z.string(),
  access_code_id: z.string(),
  name: z.string().nullable(),
  /** Missing only for a request that was rejected. */
  pin: blob.nullable(),
  starts_at: z.number().nullable(),
  ends_at: z.number().nullable(),
  prefer_native_scheduling: flag,
  allow_external_modification: flag,
  strict_start: flag,
  preferred_code_length: z.int().nullable(),
  common_code_key: z.string().nullable(),
  use_backup_pool: flag,
  weekly_windows: json(z.array(weeklyWindow)).nullable(),
  max_uses: z.int().nullable(),
  offline: json(offlineAsked).nullable(),
  issue: json(offlineIssue).nullable(),
  is_pin_drawn: flag,
  origin: words<Origin>({ cloud: true, local: true }),
  created_at: z.number(),
  revision: z.int(),
  edits: json(edits),
  is_backup: flag,
  backup_of: z.string().nullable(),
  pulled_backup_id: z.string().nullable(),
  uses: z.int(),
  removing_since: z.number().nullable(),
  rejected: json(z.object({ code: errorCode, message: z.string() })).nullable(),
  refused: json(z.object({ reason: refusalReason, message: z.string() })).nullable(),
  slot: z.int().nullable(),
  status,
  status_since: z.number(),
  is_scheduled_on_device: flag,
  ever_on_device: flag,
  externally_modified: flag,
  failures: z.int(),
  retry_at: z.number().nullable(),
  errors: json(z.array(z.object({ code: errorCode, ...problem }))),
  warnings: json(z.array(z.object({ code: warningCode, ...problem }))),
});
