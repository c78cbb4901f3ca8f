import type { CodeLock, Draft, Wrong } from './draft.ts';
import { instantsOf } from '../../site-time.ts';

/** A lock with no slots to write to: its codes are offline codes, or there are none. */
export function takesOfflineOnly({ offline, slots }: CodeLock): boolean {
  return offline !== null && slots.total === 0;
}

/** Whether some code of these locks can be for one use. */
export function offersOneTime(locks: readonly CodeLock[]): boolean {
  return locks.some(
    ({ offline }) => offline?.rules.kind === 'spans' && offline.rules.one_time_hours !== null,
  );
}

/** A draft with the kind of code that its locks (`chosen`) allow. Offline codes have a time, and nothing else has. */
export function settled(draft: Draft, chosen: readonly CodeLock[]): Draft {
  const mayBe = chosen.some(({ offline }) => offline !== null);
  const isOffline = chosen.some(takesOfflineOnly) || (draft.isOffline && mayBe);
  if (!isOffline) return { ...draft, isOffline, isOneTime: false };
  return { ...draft, isOffline, isOneTime: draft.isOneTime && offersOneTime(chosen), span: 'window' };
}

/** All that is wrong with the draft of an offline code, as far as the page can tell. */
export function wrongOffline({ deviceIds, startsAt, endsAt, isOneTime }: Draft, zone: string): Wrong {
  const gap = (wall: string): boolean => wall !== '' && instantsOf(wall, zone).length === 0;
  const start = instantsOf(startsAt, zone).at(-1);
  const end = instantsOf(endsAt, zone).at(-1);
  return {
    ...(deviceIds.length > 1 && { deviceIds: 'An offline code is for one lock: choose one at a time.' }),
    ...(gap(startsAt) && { startsAt: SKIPPED }),
    ...(!isOneTime && {
      ...(endsAt === '' && { endsAt: 'Say when it ends.' }),
      ...(gap(endsAt) && { endsAt: SKIPPED }),
      ...(start !== undefined &&
        end !== undefined &&
        end <= start && { endsAt: 'It must end after it starts.' }),
    }),
  };
}

export const SKIPPED = 'This minute does not exist at the site: clocks go forward over it.';

/** The body of `create` and of `preview`. Without a start it is `now`, in ms, so that both ask for the same. */
export function offlineBody(draft: Draft, zone: string, now: number): Record<string, unknown> {
  const { deviceIds, name, startsAt, endsAt, isOneTime, rounding } = draft;
  return {
    device_id: deviceIds[0],
    is_offline_access_code: true,
    max_time_rounding: rounding,
    starts_at: instantsOf(startsAt, zone).at(-1) ?? new Date(now).toISOString(),
    ...(isOneTime ? { is_one_time_use: true } : { ends_at: instantsOf(endsAt, zone).at(-1) }),
    ...(name.trim() !== '' && { name: name.trim() }),
  };
}
