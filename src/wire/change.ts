import type { CodeChange } from '../core/request/local.ts';
import type { CreateParameters } from './request.ts';

/** What an update request asks for. A parameter that is left out or `null` leaves the code as it is. */
export function changeOf(given: Partial<CreateParameters>): CodeChange {
  const allow = given.allow_external_modification ?? given.is_external_modification_allowed;
  return {
    ...(given.type == null ? {} : { type: given.type }),
    ...(given.name == null ? {} : { name: given.name }),
    ...(given.code == null ? {} : { pin: given.code }),
    ...(given.preferred_code_length == null ? {} : { preferredCodeLength: given.preferred_code_length }),
    ...(given.common_code_key == null ? {} : { commonCodeKey: given.common_code_key }),
    ...(given.starts_at == null ? {} : { startsAt: given.starts_at }),
    ...(given.ends_at == null ? {} : { endsAt: given.ends_at }),
    ...(given.prefer_native_scheduling == null
      ? {}
      : { preferNativeScheduling: given.prefer_native_scheduling }),
    ...(allow == null ? {} : { allowExternalModification: allow }),
    ...(given.strict_start == null ? {} : { strictStart: given.strict_start }),
    ...(given.use_backup_access_code_pool == null
      ? {}
      : { useBackupPool: given.use_backup_access_code_pool }),
    ...(given.weekly_windows == null ? {} : { weeklyWindows: given.weekly_windows }),
    ...(given.max_uses == null ? {} : { maxUses: given.max_uses }),
  };
}
