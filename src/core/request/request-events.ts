import type { AccessCode } from '../access-code.ts';
import type { Entries } from './accept.ts';
import type { DomainEvent } from '../event.ts';
import { instantText } from '../instant-text.ts';
import type { LockState } from '../lock.ts';
import { sameWindows, wasAccepted } from './request.ts';
import type { Instant, TimeReading } from '../time.ts';

/** A document can't take over or delete a code that was made on the hub (rule 2). */
export function localClashes(
  state: LockState,
  entries: Entries,
  dead: ReadonlySet<string>,
  now: TimeReading,
): readonly DomainEvent[] {
  return state.codes
    .filter(({ origin, accessCodeId, removingSince }) => {
      const isBuried = dead.has(accessCodeId) && removingSince === null;
      return origin === 'local' && (entries.has(accessCodeId) || isBuried);
    })
    .map((code) => ({
      event_type: 'hub.message_rejected',
      occurredAt: now.earliest,
      device_id: state.lock.deviceId,
      access_code_id: code.accessCodeId,
      details: { reason: 'access_code_is_local', count: 1 },
    }));
}

/**
 * `created` for what was taken for the first time; for what differs, `changed` with the properties and
 * `mutations_requested` with the edits that the lock is to take. Values of a PIN are never told.
 */
export function changeEvents(
  before: LockState,
  codes: readonly AccessCode[],
  now: TimeReading,
): readonly DomainEvent[] {
  const old = new Map(before.codes.map((code) => [code.accessCodeId, code]));
  return codes.flatMap((code): DomainEvent[] => {
    const previous = old.get(code.accessCodeId);
    if (code === previous || !wasAccepted(code)) return [];
    const base = {
      occurredAt: now.earliest,
      device_id: before.lock.deviceId,
      access_code_id: code.accessCodeId,
    };
    if (previous === undefined || !wasAccepted(previous)) {
      return [{ event_type: 'access_code.created', ...base }];
    }
    const events: DomainEvent[] = [];
    const requested_mutations = requestedMutations(previous, code);
    if (requested_mutations.length > 0) {
      events.push({
        event_type: 'access_code.mutations_requested',
        ...base,
        details: { requested_mutations },
      });
    }
    const changed_properties = changedProperties(previous, code);
    if (changed_properties.length > 0) {
      events.push({ event_type: 'access_code.changed', ...base, details: { changed_properties } });
    }
    return events;
  });
}

function changedProperties(from: AccessCode, to: AccessCode): readonly { readonly property: string }[] {
  return [
    ...(from.name === to.name ? [] : ['name']),
    ...(hasOtherPin(from, to) ? ['code'] : []),
    ...(from.startsAt === to.startsAt ? [] : ['starts_at']),
    ...(from.endsAt === to.endsAt ? [] : ['ends_at']),
    ...(sameWindows(from.weeklyWindows, to.weeklyWindows) ? [] : ['weekly_windows']),
    ...(from.maxUses === to.maxUses ? [] : ['max_uses']),
  ].map((property) => ({ property }));
}

type Mutation = Readonly<Record<string, unknown>> & { readonly mutation_code: string };

function requestedMutations(from: AccessCode, to: AccessCode): readonly Mutation[] {
  const mutations: Mutation[] = [];
  if (from.name !== to.name) {
    mutations.push({ mutation_code: 'updating_name', from: { name: from.name }, to: { name: to.name } });
  }
  if (hasOtherPin(from, to)) mutations.push({ mutation_code: 'updating_code' });
  if (from.startsAt !== to.startsAt || from.endsAt !== to.endsAt) {
    mutations.push({ mutation_code: 'updating_time_frame', from: timeFrame(from), to: timeFrame(to) });
  }
  return mutations;
}

function hasOtherPin(from: AccessCode, to: AccessCode): boolean {
  return to.pin !== null && from.pin?.equals(to.pin) !== true;
}

function timeFrame({ startsAt, endsAt }: AccessCode): Readonly<Record<string, string | null>> {
  return { starts_at: text(startsAt), ends_at: text(endsAt) };
}

function text(at: Instant | null): string | null {
  return at === null ? null : instantText(at);
}
