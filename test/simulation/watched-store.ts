import type { DomainEvent } from '../../src/core/event.ts';
import type { LockState } from '../../src/core/lock.ts';
import { Pin } from '../../src/core/pin.ts';
import type { Store } from '../../src/store/store.ts';

/** Every so many commits, what was committed is read back from the database and compared. */
const READ_BACK_EVERY = 50;

export interface StoreWatch {
  /** Before a commit: it may put work off to a later turn of the event loop. */
  readonly stir: () => void;
  readonly onCommit: (
    before: LockState | undefined,
    after: LockState,
    events: readonly DomainEvent[],
  ) => void;
  /** The database does not hold what was committed. */
  readonly onFailure: (failure: string) => void;
}

/**
 * The same store, with every commit of a lock watched. A state is read from the database once in the life of a hub,
 * and from then on it is what was committed last, which saves three quarters of a simulation's time; samples of it
 * are read back.
 */
export function watched(store: Store, watch: StoreWatch): Store {
  const states = new Map<string, LockState>();
  let commits = 0;
  const overrides: Pick<Store, 'lockState' | 'commit' | 'append' | 'transaction'> = {
    lockState(deviceId) {
      const state = states.get(deviceId) ?? store.lockState(deviceId);
      if (state !== undefined) states.set(deviceId, state);
      return state;
    },
    commit(before, after, events) {
      watch.stir();
      store.commit(before, after, events);
      states.set(after.lock.deviceId, after);
      commits += 1;
      if (commits % READ_BACK_EVERY === 0) {
        const difference = differenceOf(after, store.lockState(after.lock.deviceId), '');
        if (difference !== null)
          watch.onFailure(`The database holds something else than was committed:${difference}`);
      }
      watch.onCommit(before, after, events);
    },
    append(events) {
      watch.stir();
      store.append(events);
    },
    transaction(work) {
      try {
        return store.transaction(work);
      } catch (error) {
        // What was rolled back is read again.
        states.clear();
        throw error;
      }
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

/** Where two values differ first, as a path of keys; `null` where they don't. Never shows a value. */
function differenceOf(a: unknown, b: unknown, path: string): string | null {
  if (a instanceof Pin && b instanceof Pin) return a.equals(b) ? null : path;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null)
    return Object.is(a, b) ? null : path;
  const left = new Map<string, unknown>(Object.entries(a));
  const right = new Map<string, unknown>(Object.entries(b));
  for (const key of new Set([...left.keys(), ...right.keys()])) {
    const difference = differenceOf(left.get(key), right.get(key), `${path} ${key}`);
    if (difference !== null) return difference;
  }
  return null;
}
