import { describe, expect, test } from 'vitest';
import type { Clock } from '../../src/clock.ts';
import { accept, type DesiredEntry } from '../../src/core/request/accept.ts';
import type { Operation, Outcome } from '../../src/core/operation.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../src/core/time.ts';
import { NO_PAIRING, type LockDriver } from '../../src/lock-driver.ts';
import { Reconciler } from '../../src/reconcile/reconciler.ts';
import type { Store } from '../../src/store/store.ts';
import { VirtualTime } from '../simulation/virtual-clock.ts';
import { PLAIN, POLICY, request } from '../support/core-world.ts';
import { seededDraw } from '../support/seeded-draw.ts';
import { hubPlace } from './store-fixture.ts';

/** A wall clock that steps, over time that does not; sleeps in slices of a second, as the real one does. */
class SteppingClock implements Clock {
  offsetMs = 0;
  readonly #time: VirtualTime;

  constructor(time: VirtualTime) {
    this.#time = time;
  }

  now() {
    const at = this.#time.now + this.offsetMs;
    return { earliest: at, latest: at };
  }

  monotonicMs() {
    return this.#time.now;
  }

  async sleepUntil(at: number, signal: AbortSignal) {
    while (!signal.aborted && this.now().earliest < at) {
      await this.sleepFor(Math.min(at - this.now().earliest, SECOND_MS), signal);
    }
  }

  sleepFor(durationMs: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const finish = (): void => {
        cancel();
        signal.removeEventListener('abort', finish);
        resolve();
      };
      const cancel = this.#time.at(this.#time.now + durationMs, finish);
      if (signal.aborted) finish();
      else signal.addEventListener('abort', finish);
    });
  }
}

const quiet = (): void => {};
const SILENT = { debug: quiet, info: quiet, warn: quiet, error: quiet };

/** The real loop over the real store, with one lock that a test makes up. */
class LoopWorld {
  readonly time = new VirtualTime(Date.parse('2026-03-02T12:00:00Z'));
  readonly clock = new SteppingClock(this.time);
  readonly pins = new Map<number, string>();
  readonly store: Store;
  isThere = true;
  execute: (operation: Operation) => Promise<Outcome> = (operation) => Promise.resolve(this.lock(operation));
  readonly #reconciler: Reconciler;
  #version = 0;

  constructor(store: Store) {
    this.store = store;
    const driver: LockDriver = {
      radio: 'zwave',
      start: (host) => {
        host.onRadioState('ready', 'up');
        const description = { radio: 'zwave', address: 2, model: 'test lock', capabilities: PLAIN } as const;
        const rest = { secure: true, batteryLevel: 1, locked: true };
        host.onEvent('lock', { kind: 'found', description: { ...description, ...rest }, snapshot: [] });
        return Promise.resolve();
      },
      execute: (_deviceId, operation) => this.execute(operation),
      act: () => Promise.resolve({ kind: 'done' }),
      pairing: NO_PAIRING,
      ping: () => Promise.resolve(this.isThere),
      stop: () => Promise.resolve(),
    };
    const { clock } = this;
    this.#reconciler = new Reconciler({
      store,
      drivers: [driver],
      clock,
      policy: POLICY,
      draw: () => 0,
      onRadioState: () => undefined,
      log: SILENT,
    });
    this.#reconciler.start();
  }

  /** What an honest lock does. */
  lock(operation: Operation): Outcome {
    if (!this.isThere) return { kind: 'unreachable', message: 'no acknowledgement' };
    if (operation.kind === 'set_pin') this.pins.set(operation.slot, operation.pin.reveal());
    if (operation.kind === 'clear_slot') this.pins.delete(operation.slot);
    if (operation.kind !== 'read_slot') return { kind: 'done', proof: 'supervision' };
    return {
      kind: 'done',
      proof: 'read_back',
      reading: { slot: operation.slot, content: { kind: 'empty' } },
    };
  }

  desire(...codes: readonly DesiredEntry[]): void {
    const before = this.store.lockState('lock');
    if (before === undefined) throw new Error('the lock was not met');
    this.#version += 1;
    const document = { generation: 1, version: this.#version, codes, tombstones: [] };
    const sources = { draw: seededDraw(1), siblings: () => [] };
    const { step } = accept(before, document, sources, this.clock.now(), POLICY);
    this.store.commit(before, step.state, step.events);
    this.#reconciler.wake('lock');
  }

  pass(durationMs: number): Promise<void> {
    return this.time.pass(this.time.now + durationMs, () => {});
  }
}

/** A hub that has met its lock. The store is closed at the end of the test, and the loop with it. */
async function world(): Promise<LoopWorld> {
  const made = new LoopWorld(hubPlace().open());
  await made.pass(MINUTE_MS);
  return made;
}

describe('when the wall clock steps', () => {
  test('back by a week, what was put on too early comes off', async () => {
    const hub = await world();
    hub.clock.offsetMs = 7 * DAY_MS;
    await hub.pass(MINUTE_MS);
    const startsAt = hub.time.now + 7 * DAY_MS - HOUR_MS;
    hub.desire(request('a', '1234', { startsAt, endsAt: startsAt + 5 * HOUR_MS }));
    await hub.pass(MINUTE_MS);
    expect(hub.pins.size).toBe(1);
    hub.clock.offsetMs = 0;
    await hub.pass(2 * HOUR_MS);
    expect(hub.pins.size).toBe(0);
  });

  test('back by a day while a lock is lost, it is served soon after its return', async () => {
    const hub = await world();
    hub.isThere = false;
    hub.desire(request('a', '1234'));
    await hub.pass(5 * MINUTE_MS);
    hub.clock.offsetMs = -DAY_MS;
    hub.isThere = true;
    await hub.pass(200 * SECOND_MS);
    expect([...hub.pins.values()]).toEqual(['1234']);
  });

  test('forward during an operation, the lock still has only that one', async () => {
    const hub = await world();
    let running = 0;
    let most = 0;
    hub.execute = async (operation) => {
      running += 1;
      most = Math.max(most, running);
      await hub.time.sleep(5 * SECOND_MS);
      running -= 1;
      return hub.lock(operation);
    };
    hub.desire(request('a', '1234'), request('b', '5678'));
    await hub.pass(2 * SECOND_MS);
    hub.clock.offsetMs = HOUR_MS;
    await hub.pass(MINUTE_MS);
    expect(most).toBe(1);
    expect(hub.pins.size).toBe(2);
  });

  test('back while a driver hangs, its deadline still comes', async () => {
    const hub = await world();
    let calls = 0;
    hub.execute = () => {
      calls += 1;
      return new Promise(() => {});
    };
    hub.desire(request('a', '1234'));
    await hub.pass(2 * SECOND_MS);
    hub.clock.offsetMs = -DAY_MS;
    await hub.pass(10 * MINUTE_MS);
    expect(calls).toBeGreaterThan(1);
  });
});

test('a lock that answers pings and no question costs few operations and events', async () => {
  const hub = await world();
  let calls = 0;
  hub.execute = async () => {
    calls += 1;
    await hub.time.sleep(4 * SECOND_MS);
    return { kind: 'unreachable', message: 'no answer' };
  };
  hub.desire(request('a', '1234'));
  const head = hub.store.outbox.head();
  await hub.pass(HOUR_MS);
  expect(calls).toBeLessThan(60);
  expect(hub.store.outbox.head() - head).toBeLessThan(120);
});
