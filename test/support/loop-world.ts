import type { Clock } from '../../src/clock.ts';
import { accept, type DesiredEntry } from '../../src/core/request/accept.ts';
import type { Operation, Outcome } from '../../src/core/operation.ts';
import { Pin } from '../../src/core/pin.ts';
import { MINUTE_MS, SECOND_MS } from '../../src/core/time.ts';
import { NO_PAIRING, type DriverHost, type LockDriver, type Pairing } from '../../src/lock-driver.ts';
import { Reconciler } from '../../src/reconcile/reconciler.ts';
import type { Store } from '../../src/store/store.ts';
import { VirtualTime } from '../simulation/virtual-clock.ts';
import { hubPlace } from '../unit/store-fixture.ts';
import { PLAIN, POLICY } from './core-world.ts';
import { seededDraw } from './seeded-draw.ts';

/** A wall clock that steps, over time that does not; sleeps in slices of a second, as the real one does. */
class SteppingClock implements Clock {
  offsetMs = 0;
  /** How far from the truth it may be, each way. */
  uncertaintyMs = 0;
  readonly #time: VirtualTime;

  constructor(time: VirtualTime) {
    this.#time = time;
  }

  now() {
    const at = this.#time.now + this.offsetMs;
    return { earliest: at - this.uncertaintyMs, latest: at + this.uncertaintyMs };
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

const EMPTY = { kind: 'empty' } as const;

const quiet = (): void => {};
const SILENT = { debug: quiet, info: quiet, warn: quiet, error: quiet };

/** The real loop over the real store, with one lock that a test makes up. */
export class LoopWorld {
  readonly time = new VirtualTime(Date.parse('2026-03-02T12:00:00Z'));
  readonly clock = new SteppingClock(this.time);
  readonly pins: Map<number, string>;
  readonly store: Store;
  isThere = true;
  execute: (operation: Operation) => Promise<Outcome> = (operation) => Promise.resolve(this.lock(operation));
  act: LockDriver['act'] = () => Promise.resolve({ kind: 'done' });
  checkLink: LockDriver['checkLink'] = () => Promise.resolve({ kind: 'unsupported', message: 'No check.' });
  readonly pairing: { -readonly [Key in keyof Pairing]: Pairing[Key] } = { ...NO_PAIRING };
  setRadio: DriverHost['onRadioState'] = () => undefined;
  /** Has a device tell something. */
  hear: DriverHost['onEvent'] = () => undefined;
  mayWrite = (): boolean => true;
  readonly reconciler: Reconciler;
  #version = 0;

  constructor(store: Store, pins = new Map<number, string>()) {
    this.store = store;
    this.pins = pins;
    const driver: LockDriver = {
      radio: 'zwave',
      start: (host) => {
        this.setRadio = (state, message) => host.onRadioState(state, message);
        this.hear = (deviceId, body, at) => host.onEvent(deviceId, body, at);
        host.onRadioState('ready', 'up');
        const description = { radio: 'zwave', address: 2, model: 'test lock', capabilities: PLAIN } as const;
        const rest = { secure: true, batteryLevel: 1, locked: true };
        host.onEvent('lock', { kind: 'found', description: { ...description, ...rest }, snapshot: [] });
        return Promise.resolve();
      },
      execute: (_deviceId, operation) => this.execute(operation),
      act: (deviceId, action) => this.act(deviceId, action),
      pairing: {
        start: (asked) => this.pairing.start(asked),
        stop: () => this.pairing.stop(),
        remove: (deviceId) => this.pairing.remove(deviceId),
        replace: (deviceId, asked) => this.pairing.replace(deviceId, asked),
        enterPin: (pin) => this.pairing.enterPin(pin),
        progress: () => this.pairing.progress(),
      },
      ping: () => Promise.resolve(this.isThere),
      checkLink: (deviceId) => this.checkLink(deviceId),
      network: () => null,
      stop: () => Promise.resolve(),
    };
    const { clock } = this;
    this.reconciler = new Reconciler({
      store,
      drivers: [driver],
      clock,
      policy: POLICY,
      draw: () => 0,
      mayWrite: () => this.mayWrite(),
      onRadioState: () => undefined,
      onPairing: () => undefined,
      log: SILENT,
    });
    this.reconciler.start();
  }

  /** What an honest lock does. */
  lock(operation: Operation): Outcome {
    if (!this.isThere) return { kind: 'unreachable', message: 'no acknowledgement' };
    if (operation.kind === 'set_pin') this.pins.set(operation.slot, operation.pin.reveal());
    if (operation.kind === 'clear_slot') this.pins.delete(operation.slot);
    if (operation.kind !== 'read_slot') return { kind: 'done', proof: 'supervision' };
    const held = Pin.parse(this.pins.get(operation.slot) ?? '');
    const content = held === undefined ? EMPTY : ({ kind: 'pin', pin: held, enabled: true } as const);
    return { kind: 'done', proof: 'read_back', reading: { slot: operation.slot, content } };
  }

  desire(...codes: readonly DesiredEntry[]): void {
    const before = this.store.lockState('lock');
    if (before === undefined) throw new Error('the lock was not met');
    this.#version += 1;
    const document = { generation: 1, version: this.#version, codes, tombstones: [] };
    const sources = { draw: seededDraw(1), siblings: () => [] };
    const { step } = accept(before, document, sources, this.clock.now(), POLICY);
    this.store.commit(before, step.state, step.events);
    this.reconciler.wake('lock');
  }

  pass(durationMs: number): Promise<void> {
    return this.time.pass(this.time.now + durationMs, () => {});
  }
}

/** A hub that has met its lock. The store is closed at the end of the test, and the loop with it. */
export async function loopWorld(store: Store = hubPlace().open()): Promise<LoopWorld> {
  const made = new LoopWorld(store);
  await made.pass(MINUTE_MS);
  return made;
}
