import type { DomainEvent } from '../../src/core/event.ts';
import type { LockState } from '../../src/core/lock.ts';
import { StoreError } from '../../src/store/errors.ts';
import type { Store } from '../../src/store/store.ts';

export interface StoreWatch {
  /** Before a commit: it may put work off to a later turn of the event loop. */
  readonly stir: () => void;
  /** The disk takes nothing now. */
  readonly isFull: () => boolean;
  readonly onCommit: (
    before: LockState | undefined,
    after: LockState,
    events: readonly DomainEvent[],
  ) => void;
}

type Watched = Pick<Store, 'transaction' | 'commit' | 'append' | 'begin' | 'settled'>;

/**
 * The same store, with every commit of a lock watched. While the disk is full, what would write is rolled back and
 * fails as the store does then; reading goes on.
 */
export function watched(store: Store, watch: StoreWatch): Store {
  /** Of the transaction that is to fail if it writes; `null`: there is none. */
  let attempt: { wrote: boolean } | null = null;
  const refusing = <T>(work: () => T): T => {
    if (attempt !== null || !watch.isFull()) return store.transaction(work);
    const mine = { wrote: false };
    attempt = mine;
    try {
      return store.transaction(() => {
        const result = work();
        if (mine.wrote) throw new StoreError('disk', 'The simulated disk is full.');
        return result;
      });
    } finally {
      attempt = null;
    }
  };
  const writing = <T>(work: () => T): T =>
    refusing(() => {
      if (attempt !== null) attempt.wrote = true;
      return work();
    });
  const overrides: Watched = {
    transaction: refusing,
    commit(before, after, events) {
      watch.stir();
      writing(() => store.commit(before, after, events));
      if (attempt === null) watch.onCommit(before, after, events);
    },
    append(events) {
      watch.stir();
      writing(() => store.append(events));
    },
    begin: (...operation) => writing(() => store.begin(...operation)),
    settled: (...operation) => writing(() => store.settled(...operation)),
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
