import type { Logger } from 'pino';
import { SECOND_MS, type TimeReading } from '../core/time.ts';
import type { DomainEvent } from '../core/event.ts';
import { builtAt } from './built-at.ts';
import { IntervalClock, type ClockMemory } from './interval-clock.ts';
import { thisMachine } from './machine.ts';

/** The part of the store that the clock uses. */
interface ClockStore extends ClockMemory {
  append(events: readonly DomainEvent[]): void;
}

/** The clock of a hub, and who wants to be told when it is another one than could be foreseen. */
export interface HubTime {
  readonly clock: IntervalClock;
  readonly now: () => TimeReading;
  /** Takes up what an earlier run knew, asks the system, and goes on: tells the log and the store what happens. */
  readonly start: (store: ClockStore, log: Logger) => Promise<void>;
  readonly onChange: (listener: () => void) => void;
}

/**
 * Makes the clock of this machine's hub, which knows nothing yet but when the program was made. `trusts`: the machine's
 * clock counts as right, or only while a time service holds it; `null`: nobody says. `machine`: another one than this,
 * for the demo.
 */
export function hubTime(trusts: boolean | null, machine = thisMachine(trusts)): HubTime {
  const clock = new IntervalClock(machine, builtAt());
  const listeners: (() => void)[] = [];
  return {
    clock,
    now: () => clock.now(),
    onChange: (listener) => void listeners.push(listener),
    start: (store, log) => {
      const tell = (event_type: DomainEvent['event_type'], details: DomainEvent['details']): void => {
        store.append([{ event_type, occurredAt: clock.now().earliest, details: details ?? {} }]);
      };
      const guarded = (work: () => void): void => {
        try {
          work();
        } catch (error) {
          log.error({ err: error }, 'the store failed to take what the clock told');
        }
      };
      return clock.start(store, {
        onChange: () => {
          for (const listener of listeners) listener();
        },
        onStep: (byMs) => {
          const by_seconds = Math.round(byMs / SECOND_MS);
          log.warn({ bySeconds: by_seconds, basis: clock.basis() }, 'the clock of the machine was set');
          guarded(() => tell('hub.clock_stepped', { by_seconds }));
        },
        onDoubt: (isDoubtful, basis) => {
          const { from, till, isDisputed: disputed } = basis;
          log.warn(basis, isDoubtful ? 'the hub does not know the time' : 'the hub knows the time');
          const type = isDoubtful ? 'hub.clock_uncertain' : 'hub.clock_certain';
          guarded(() => tell(type, { from, till, disputed }));
        },
        onFailure: (error) => log.error({ err: error }, 'the time could not be written down'),
      });
    },
  };
}
