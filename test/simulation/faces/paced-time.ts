import timersPromises from 'node:timers/promises';
import { syncBuiltinESMExports } from 'node:module';
import { promisify } from 'node:util';
import type { Instant } from '../../../src/core/time.ts';
import { VirtualTime } from '../virtual-clock.ts';

/** Milliseconds that pass in the world in one that this process spends waiting for something to happen. */
const PACE = 100;
/** Most that passes at once. */
const STEP_MAX_MS = 100;
/** Node's timers take no longer delay; one that asks for more gets the shortest. */
const DELAY_MAX_MS = 2 ** 31 - 1;
const NANOSECONDS_PER_MS = 1_000_000;

const realSetTimeout = globalThis.setTimeout;

/**
 * Time for worlds with real sockets and libraries in them: it passes by itself, faster than the real one, and stands
 * still while the process works, so that a slow machine makes a slow world and no timeouts. What comes over a socket
 * comes at any moment, so no two runs are the same.
 */
export class PacedTime extends VirtualTime {
  override async pass(till: Instant, each: () => void): Promise<void> {
    let horizon = this.now;
    let idleMs = performance.eventLoopUtilization().idle;
    while (this.now < till) {
      const { idle } = performance.eventLoopUtilization();
      const gainedMs = isReading() ? 0 : (idle - idleMs) * PACE;
      horizon = Math.min(horizon + gainedMs, this.now + STEP_MAX_MS, till);
      idleMs = idle;
      if (this.ringNext(horizon)) await new Promise((resolve) => setImmediate(resolve));
      else {
        this.now = Math.floor(horizon);
        await new Promise((resolve) => realSetTimeout(resolve, 1));
      }
      each();
    }
  }

  /** Lets time pass until something has ended; rejects when that takes longer than `maxMs`. */
  async during<T>(work: Promise<T>, maxMs: number, each: () => void = () => undefined): Promise<T> {
    const end = { isOver: false };
    const noted = work.finally(() => (end.isOver = true));
    noted.catch(() => undefined);
    const deadline = this.now + maxMs;
    while (!end.isOver && this.now < deadline) await this.pass(this.now + STEP_MAX_MS, each);
    if (!end.isOver) throw new Error(`It took longer than ${maxMs} ms`);
    return noted;
  }

  /** From now on this process knows no other time; libraries and simulated locks are to be imported after it. */
  install(): void {
    const start = this.now;
    const elapsedMs = (): number => this.now - start;
    const RealDate = Date;
    globalThis.Date = new Proxy(RealDate, {
      construct: (target, args, newTarget) =>
        Reflect.construct(target, args.length === 0 ? [this.now] : args, newTarget) as Date,
      apply: () => new RealDate(this.now).toString(),
      get: (target, name) => (name === 'now' ? () => this.now : Reflect.get(target, name)),
    });
    performance.now = elapsedMs;
    const hrtime = (since: readonly [number, number] = [0, 0]): [number, number] => {
      const ns = elapsedMs() * NANOSECONDS_PER_MS - since[0] * 1e9 - since[1];
      return [Math.floor(ns / 1e9), ns % 1e9];
    };
    process.hrtime = Object.assign(hrtime, {
      bigint: () => BigInt(Math.floor(elapsedMs() * NANOSECONDS_PER_MS)),
    });
    this.#installTimers();
  }

  #installTimers(): void {
    const start = (ring: () => void, delayMs: number | undefined, again: boolean): Timer =>
      new Timer(this, ring, delayOf(delayMs), again);
    const setTimeout = (work: (...args: unknown[]) => void, delayMs?: number, ...args: unknown[]): Timer =>
      start(() => work(...args), delayMs, false);
    const setInterval = (work: (...args: unknown[]) => void, delayMs?: number, ...args: unknown[]): Timer =>
      start(() => work(...args), delayMs, true);
    const pause = (delayMs?: number, value?: unknown, options: { signal?: AbortSignal } = {}) =>
      new Promise((resolve, reject) => {
        const timer = start(() => resolve(value), delayMs, false);
        options.signal?.addEventListener('abort', () => {
          timer.close();
          reject(options.signal?.reason as Error);
        });
      });
    Object.defineProperty(setTimeout, promisify.custom, { value: pause });
    Object.assign(globalThis, { setTimeout, setInterval, clearTimeout: stop, clearInterval: stop });
    Object.assign(timersPromises, { setTimeout: pause });
    syncBuiltinESMExports();
  }
}

/** A library reads files, for which it has no timeouts: a second for a thousand of them is to be none in the world. */
function isReading(): boolean {
  return process.getActiveResourcesInfo().some((name) => name.startsWith('FSReq'));
}

/** What the functions for timers answer: as much of Node's as libraries use. */
class Timer {
  readonly #time: VirtualTime;
  readonly #ring: () => void;
  readonly #delayMs: number;
  readonly #again: boolean;
  #cancel: () => void = () => undefined;

  constructor(time: VirtualTime, ring: () => void, delayMs: number, again: boolean) {
    this.#time = time;
    this.#ring = ring;
    this.#delayMs = delayMs;
    this.#again = again;
    this.refresh();
  }

  refresh(): this {
    this.#cancel();
    this.#cancel = this.#time.at(this.#time.now + this.#delayMs, () => {
      if (this.#again) this.refresh();
      this.#ring();
    });
    return this;
  }

  close(): this {
    this.#cancel();
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  hasRef(): boolean {
    return true;
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

function stop(timer: unknown): void {
  if (timer instanceof Timer) timer.close();
}

function delayOf(delayMs: number | undefined): number {
  const isPossible = delayMs !== undefined && delayMs >= 1 && delayMs <= DELAY_MAX_MS;
  return isPossible ? Math.ceil(delayMs) : 1;
}
