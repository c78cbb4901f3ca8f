import type { DomainEvent } from '../../src/core/event.ts';
import type { LockState } from '../../src/core/lock.ts';
import type { Store } from '../../src/store/store.ts';

export interface StoreWatch {
  /** Before a commit: it may put work off to a later turn of the event loop. */
  readonly stir: () => void;
  readonly onCommit: (
    before: LockState | undefined,
    after: LockState,
    events: readonly DomainEvent[],
  ) => void;
}

/** The same store, with every commit of a lock watched. */
export function watched(store: Store, watch: StoreWatch): Store {
  const overrides: Pick<Store, 'commit' | 'append'> = {
    commit(before, after, events) {
      watch.stir();
      store.commit(before, after, events);
      watch.onCommit(before, after, events);
    },
    append(events) {
      watch.stir();
      store.append(events);
    },
  };
  const bound = new Map<PropertyKey, unknown>(Object.entries(overrides));
  return new Proxy(store, {
    get(target, property) {
      const known = bound.get(property);
      if (known !== undefined) return known;
      const value: unknown = Reflect.get(target, property, target);
      const answer: unknown = typeof value === 'function' ? value.bind(target) : value;
      bound.set(property, answer);
      return answer;
    },
  });
}
