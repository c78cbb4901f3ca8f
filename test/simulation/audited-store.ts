import type { DomainEvent } from '../../src/core/event.ts';
import type { LockState } from '../../src/core/lock.ts';
import type { Store } from '../../src/store/store.ts';

/** The same store, with every commit of a lock checked: each change of a status has exactly one event. */
export function audited(
  store: Store,
  onCommit: (after: LockState, events: readonly DomainEvent[]) => void,
): Store {
  return new Proxy(store, {
    get(target, property) {
      if (property === 'commit') {
        return (before: LockState | undefined, after: LockState, events: readonly DomainEvent[]) => {
          checkStatusEvents(before, after, events);
          target.commit(before, after, events);
          onCommit(after, events);
        };
      }
      const value: unknown = Reflect.get(target, property, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

function checkStatusEvents(
  before: LockState | undefined,
  after: LockState,
  events: readonly DomainEvent[],
): void {
  const now = new Map(after.codes.map((code) => [code.accessCodeId, code.status]));
  const ids = new Set([...now.keys(), ...(before?.codes ?? []).map((code) => code.accessCodeId)]);
  for (const id of ids) {
    const old = before?.codes.find((code) => code.accessCodeId === id);
    const told = events.filter((event) => event.access_code_id === id && isStatusEvent(event));
    const status = now.get(id);
    // What was rejected from the start leaves without a word: nobody was told that it came.
    const silent = status === undefined && old?.pin === null;
    const changes = (old?.status ?? 'unset') !== (status ?? 'gone') && !silent;
    if (told.length !== (changes ? 1 : 0)) {
      const types = told.map((event) => event.event_type).join(', ');
      throw new Error(`Status ${old?.status} to ${now.get(id)} has ${told.length} events: ${types}`);
    }
  }
}

function isStatusEvent({ event_type, details }: DomainEvent): boolean {
  if (event_type === 'access_code.set_on_device' || event_type === 'access_code.deleted') return true;
  if (event_type !== 'access_code.changed') return false;
  const properties = details?.['changed_properties'] as readonly { readonly property: string }[];
  return properties.some(({ property }) => property === 'status');
}
