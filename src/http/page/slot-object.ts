import type { Explanations } from '../../core/plan/explain.ts';
import { isWeekSchedule } from '../../core/schedule.ts';
import type { ScheduleBelief, Slot } from '../../core/slot.ts';
import { instantText } from '../../wire/instant-text.ts';
import { whyOf } from './code-object.ts';
import type { PageSlot } from './types.ts';

/** One row of the code slot table, without its PIN. */
export function pageSlotOf(row: Slot, explanations: Explanations): PageSlot {
  const { slot, content, owner, unmanaged, proof, provenAt, writtenAt, pending, schedule } = row;
  return {
    slot,
    content: content.kind,
    enabled: content.kind === 'pin' || content.kind === 'masked' ? content.enabled : null,
    access_code_id: unmanaged?.accessCodeId ?? owner,
    is_managed: unmanaged === null && owner !== null,
    proof,
    proven_at: instantText(provenAt),
    written_at: instantText(writtenAt),
    is_writing: pending !== null,
    schedule: scheduleText(schedule),
    why: whyOf(explanations.slots.get(slot)),
  };
}

/** In the wall time of the lock. */
function scheduleText(schedule: ScheduleBelief): string | null {
  if (schedule.kind === 'unknown' || schedule.window === null) return null;
  const { window } = schedule;
  if (!isWeekSchedule(window)) return `${window.start.replace('T', ' ')} to ${window.stop.replace('T', ' ')}`;
  return window.weekDays
    .map(({ day, start, stop }) => `${day[0]?.toUpperCase()}${day.slice(1, 3)} ${start}–${stop}`)
    .join(', ');
}
