import type { WeeklyWindow } from '../../src/core/access-code.ts';
import type { Instant } from '../../src/core/time.ts';

/** One code as the cloud wants it: plain data, the oracle that the hub is compared with. */
export interface Spec {
  readonly id: string;
  /** `null`: the hub makes one up. */
  readonly pin: string | null;
  readonly startsAt: Instant | null;
  readonly endsAt: Instant | null;
  readonly native: boolean;
  readonly strict: boolean;
  readonly allowEdits: boolean;
  readonly maxUses: number | null;
  readonly weekly: readonly WeeklyWindow[] | null;
  readonly commonKey: string | null;
  readonly usePool: boolean;
}

/** The entry of a desired document. What is at its default is left out. */
export function entryOf(spec: Spec): Readonly<Record<string, unknown>> {
  return {
    access_code_id: spec.id,
    ...(spec.pin === null ? {} : { code: spec.pin }),
    ...(spec.startsAt === null ? {} : { starts_at: new Date(spec.startsAt).toISOString() }),
    ...(spec.endsAt === null ? {} : { ends_at: new Date(spec.endsAt).toISOString() }),
    ...(spec.native ? {} : { prefer_native_scheduling: false }),
    ...(spec.strict ? { strict_start: true } : {}),
    ...(spec.allowEdits ? { allow_external_modification: true } : {}),
    ...(spec.maxUses === null ? {} : { max_uses: spec.maxUses }),
    ...(spec.weekly === null
      ? {}
      : { weekly_windows: spec.weekly.map(({ days, start, stop }) => ({ days, start, end: stop })) }),
    ...(spec.commonKey === null ? {} : { common_code_key: spec.commonKey }),
    ...(spec.usePool ? { use_backup_access_code_pool: true } : {}),
  };
}
