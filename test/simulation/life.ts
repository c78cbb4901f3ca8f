import type { Logger } from 'pino';
import { createDirectDriver, type DirectDriver, type RadioMemory } from '../../drivers/sim/direct.ts';
import type { SimLock } from '../../drivers/sim/lock/lock.ts';
import type { Random } from '../../drivers/sim/random.ts';
import type { Connection } from '../../src/cloud/connection.ts';
import { openInbox, type Inbox } from '../../src/cloud/inbox.ts';
import { topicsOf } from '../../src/cloud/messages/topics.ts';
import { Publisher } from '../../src/cloud/publisher.ts';
import { offsetMinutes } from '../../src/core/local-time.ts';
import type { Policy } from '../../src/core/lock.ts';
import type { LockDriver } from '../../src/lock-driver.ts';
import { Reconciler } from '../../src/reconcile/reconciler.ts';
import type { Store } from '../../src/store/store.ts';
import { HubClock, type VirtualTime } from './virtual-clock.ts';

export const HUB_ID = 'simulated';

export interface LifeParts {
  readonly time: VirtualTime;
  readonly random: Random;
  readonly locks: readonly SimLock[];
  readonly policy: Policy;
  readonly memory: RadioMemory;
  readonly store: Store;
  readonly bootId: string;
  readonly uncertaintyMs: () => number;
  readonly log: Logger;
  /** Told of every operation as it begins and as it ends. */
  readonly onOperation: (deviceId: string, line: string) => void;
}

/** One run of the hub's process over the real store, from its start to the moment it is killed. */
export class Life {
  readonly store: Store;
  readonly driver: DirectDriver;
  readonly inbox: Inbox;
  readonly reconciler: Reconciler;
  readonly #publisher: Publisher;
  #dead = false;

  constructor(parts: LifeParts) {
    const { time, random, locks, policy, memory, store, log } = parts;
    this.store = store;
    const clock = new HubClock(time, () => this.#dead, parts.uncertaintyMs);
    this.driver = createDirectDriver({
      locks,
      random,
      memory,
      sleep: (durationMs) => clock.sleepFor(durationMs, new AbortController().signal),
      hubNow: () => time.now,
      utcOffsetMinutes: (at) => offsetMinutes(policy.timezone, at),
    });
    this.reconciler = new Reconciler({
      store,
      clock,
      policy,
      log,
      drivers: [observed(this.driver, parts.onOperation)],
    });
    const hub = { hubId: HUB_ID, bootId: parts.bootId, version: '0' };
    const reportContext = { policy, fingerprint: store.fingerprint.bind(store) };
    this.#publisher = new Publisher({ hub, topics: topicsOf(HUB_ID), store, clock, log, reportContext });
    this.inbox = openInbox({
      hubId: HUB_ID,
      store,
      clock,
      policy,
      log,
      wake: (deviceId) => this.reconciler.wake(deviceId),
      reportAgain: (deviceId) => this.#publisher.reportAgain(deviceId),
      sentThrough: () => this.#publisher.sentThrough(),
      acknowledged: () => this.#publisher.acknowledged(),
    });
    this.reconciler.start();
  }

  connected(connection: Connection): void {
    this.#publisher.connected(connection);
  }

  /** Looks at every lock again, as the real clock makes its sleepers do when the time steps. */
  clockStepped(): void {
    for (const deviceId of this.store.deviceIds()) this.reconciler.wake(deviceId);
  }

  /** The power goes: nothing that was awaited ever returns, and what was not committed is lost. */
  kill(): void {
    this.#dead = true;
    void this.driver.stop();
    this.store.close();
  }
}

function observed(driver: LockDriver, onOperation: LifeParts['onOperation']): LockDriver {
  return {
    radio: driver.radio,
    start: (host) => driver.start(host),
    stop: () => driver.stop(),
    ping: (deviceId) => driver.ping(deviceId),
    execute: async (deviceId, operation) => {
      const what = `${deviceId.slice(0, 4)} ${operation.kind} ${'slot' in operation ? operation.slot : ''}`;
      onOperation(deviceId, what);
      const outcome = await driver.execute(deviceId, operation);
      onOperation(
        deviceId,
        `${what}: ${outcome.kind}${outcome.kind === 'done' ? '' : ` (${outcome.message})`}`,
      );
      return outcome;
    },
  };
}
