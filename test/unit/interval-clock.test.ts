import { expect, test } from 'vitest';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../src/core/time.ts';
import { IntervalClock, type ClockMemory, type Machine } from '../../src/time/interval-clock.ts';
import { VirtualTime } from '../simulation/virtual-clock.ts';

const BUILT = Date.parse('2025-06-01T00:00:00Z');
const TRUTH = Date.parse('2026-11-22T14:00:00Z');
const YEAR_MS = 365 * DAY_MS;
const never = new AbortController().signal;

/** A machine whose wall clock, sleep and system a test decides on, over true time that passes only when told to. */
class FakeMachine implements Machine {
  upStepMs = 1;
  readonly time = new VirtualTime(TRUTH);
  aheadMs = 0;
  isHeld = false;
  /** What the monotonic clock has missed while the machine slept. */
  sleptMs = 0;
  asked = 0;

  wallMs() {
    return this.time.now + this.aheadMs;
  }

  monotonicMs() {
    return this.time.now - TRUTH - this.sleptMs;
  }

  upMs() {
    const upMs = this.time.now - TRUTH;
    return upMs - (upMs % this.upStepMs);
  }

  isHosted = false;

  holder() {
    this.asked += 1;
    return Promise.resolve(
      this.isHeld ? ('service' as const) : this.isHosted ? ('host' as const) : ('nobody' as const),
    );
  }

  sleepFor(durationMs: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.time.at(this.time.now + Math.ceil(Math.max(0, durationMs)), resolve);
      signal.addEventListener('abort', () => {
        cancel();
        resolve();
      });
      if (signal.aborted) resolve();
    });
  }

  /** Its timers stand still meanwhile, and its monotonic clock. */
  async sleep(durationMs: number): Promise<void> {
    await this.pass(MINUTE_MS);
    this.time.now += durationMs;
    this.sleptMs += durationMs;
    await this.pass(MINUTE_MS);
  }

  pass(durationMs: number): Promise<void> {
    return this.time.pass(this.time.now + durationMs, () => undefined);
  }
}

class Memory implements ClockMemory {
  beats: number[] = [];
  isFull = false;
  readonly #before: number | null;

  constructor(before: number | null) {
    this.#before = before;
  }

  floor() {
    return this.#before;
  }

  beat(floor: number) {
    if (this.isFull) throw new Error('The disk is full.');
    this.beats.push(floor);
  }
}

async function started(machine: FakeMachine, floor: number | null = null) {
  const clock = new IntervalClock(machine, BUILT);
  const memory = new Memory(floor);
  const told: string[] = [];
  await clock.start(memory, {
    onChange: () => told.push('changed'),
    onStep: (byMs) => told.push(`stepped by ${Math.round(byMs / SECOND_MS)} s`),
    onDoubt: (isDoubtful) => told.push(isDoubtful ? 'doubtful' : 'sure'),
    onFailure: () => told.push('failed'),
  });
  return { clock, memory, told };
}

function isTrue(clock: IntervalClock, machine: FakeMachine): boolean {
  const { earliest, latest } = clock.now();
  return earliest <= machine.time.now && machine.time.now <= latest;
}

test('without anybody who knows the time it counts on from the floor, whatever the wall clock shows', async () => {
  const machine = new FakeMachine();
  machine.aheadMs = YEAR_MS;
  const { clock, told } = await started(machine, TRUTH - HOUR_MS);
  await machine.pass(30 * MINUTE_MS);
  const { earliest, latest } = clock.now();
  expect(earliest).toBeGreaterThan(machine.time.now - HOUR_MS - SECOND_MS);
  expect(earliest).toBeLessThanOrEqual(machine.time.now - HOUR_MS);
  expect(latest).toBe(Number.POSITIVE_INFINITY);
  expect(clock.basis()).toMatchObject({ isTrusted: false, from: 'floor', till: null });
  expect(told).toEqual(['doubtful']);
  await clock.stop();
});

test('a step of the wall clock by a time service is noticed within seconds, and what waits goes on', async () => {
  const machine = new FakeMachine();
  machine.aheadMs = -YEAR_MS;
  const { clock, told } = await started(machine, TRUTH - DAY_MS);
  let woken: number | null = null;
  void clock.sleepUntil(TRUTH - HOUR_MS, never).then(() => (woken = machine.time.now));
  await machine.pass(10 * MINUTE_MS);
  expect(woken).toBeNull();
  machine.aheadMs = 0;
  machine.isHeld = true;
  await machine.pass(11 * SECOND_MS);
  expect(told).toContain(`stepped by ${YEAR_MS / SECOND_MS} s`);
  expect(told.slice(-2)).toEqual(['changed', 'sure']);
  expect(woken).toBeGreaterThan(TRUTH + 10 * MINUTE_MS);
  expect(isTrue(clock, machine)).toBe(true);
  expect(clock.basis()).toMatchObject({ isTrusted: true, from: 'system', till: 'system' });
  await clock.stop();
});

test.each([YEAR_MS, -DAY_MS])(
  'a date that somebody sets %i ms off moves nothing: it counts on from the last good reading',
  async (byMs) => {
    const machine = new FakeMachine();
    machine.isHeld = true;
    const { clock, told } = await started(machine);
    await machine.pass(10 * MINUTE_MS);
    Object.assign(machine, { aheadMs: byMs, isHeld: false });
    await machine.pass(6 * HOUR_MS);
    expect(isTrue(clock, machine)).toBe(true);
    expect(clock.basis().isTrusted).toBe(true);
    expect(told).toEqual([`stepped by ${byMs / SECOND_MS} s`]);
    await clock.stop();
  },
);

test('it goes on while the machine sleeps, and wakes what was due meanwhile', async () => {
  const machine = new FakeMachine();
  machine.isHeld = true;
  const { clock } = await started(machine);
  let isWoken = false;
  void clock.sleepUntil(TRUTH + HOUR_MS, never).then(() => (isWoken = true));
  await machine.pass(MINUTE_MS);
  machine.isHeld = false;
  await machine.sleep(2 * HOUR_MS);
  expect(isTrue(clock, machine)).toBe(true);
  expect(isWoken).toBe(true);
  await clock.stop();
});

test('an answer of the cloud says that it is no later, a message that may have waited only that it is so late', async () => {
  const machine = new FakeMachine();
  const { clock } = await started(machine, TRUTH - DAY_MS);
  clock.hear({ kind: 'cloud', at: TRUTH - HOUR_MS, askedMs: null });
  expect(clock.now().latest).toBe(Number.POSITIVE_INFINITY);
  expect(clock.now().earliest).toBeGreaterThan(TRUTH - HOUR_MS - MINUTE_MS);
  const askedMs = clock.monotonicMs();
  await machine.pass(2 * SECOND_MS);
  clock.hear({ kind: 'cloud', at: machine.time.now - SECOND_MS, askedMs });
  expect(isTrue(clock, machine)).toBe(true);
  expect(clock.basis()).toMatchObject({ isTrusted: true, till: 'cloud' });
  await clock.stop();
});

test('two locks tell the time that they were given; what they say alone is not kept for the next run', async () => {
  const machine = new FakeMachine();
  const { clock, memory } = await started(machine, TRUTH - 2 * DAY_MS);
  const setAt = TRUTH - 3 * DAY_MS;
  clock.hear({ kind: 'lock', deviceId: 'front', shows: TRUTH + 30 * SECOND_MS, setAt });
  expect(clock.now().latest).toBe(Number.POSITIVE_INFINITY);
  clock.hear({ kind: 'lock', deviceId: 'back', shows: TRUTH - 20 * SECOND_MS, setAt });
  expect(isTrue(clock, machine)).toBe(true);
  expect(clock.basis()).toMatchObject({ isTrusted: false, from: 'locks', till: 'locks' });
  await machine.pass(2 * MINUTE_MS);
  expect(memory.beats.at(-1)).toBeLessThan(TRUTH - DAY_MS);
  await clock.stop();
});

test('an uptime in whole seconds is no sleep', async () => {
  const machine = new FakeMachine();
  machine.isHeld = true;
  machine.upStepMs = SECOND_MS;
  machine.time.now += 900;
  const { clock } = await started(machine);
  const startedMs = clock.monotonicMs();
  await machine.pass(25 * MINUTE_MS + 100);
  clock.hear({ kind: 'cloud', at: TRUTH, askedMs: null });
  expect(clock.monotonicMs() - startedMs).toBe(25 * MINUTE_MS + 100);
  expect(isTrue(clock, machine)).toBe(true);
  await clock.stop();
});

test('the floor is written down every quarter of an hour and at the end, and a disk that takes nothing stops nothing', async () => {
  const machine = new FakeMachine();
  machine.isHeld = true;
  const { clock, memory, told } = await started(machine);
  await machine.pass(30 * MINUTE_MS + SECOND_MS);
  expect(memory.beats).toHaveLength(3);
  for (const beat of memory.beats) expect(beat).toBeLessThanOrEqual(machine.time.now);
  memory.isFull = true;
  await machine.pass(15 * MINUTE_MS);
  expect(told).toEqual(['failed']);
  expect(isTrue(clock, machine)).toBe(true);
  memory.isFull = false;
  await clock.stop();
  expect(memory.beats).toHaveLength(4);
  expect(memory.beats.at(-1)).toBeGreaterThan(machine.time.now - SECOND_MS);
});

test('in a container the clock of its host is believed, until somebody sets it', async () => {
  const machine = new FakeMachine();
  machine.isHosted = true;
  const { clock, told } = await started(machine, TRUTH - DAY_MS);
  expect(clock.basis()).toMatchObject({ isTrusted: true, from: 'system', till: 'system' });
  machine.aheadMs = DAY_MS;
  await machine.pass(2 * HOUR_MS);
  expect(told).toContain(`stepped by ${DAY_MS / SECOND_MS} s`);
  expect(isTrue(clock, machine)).toBe(true);
  expect(clock.basis().isTrusted).toBe(true);
  await clock.stop();
});

test('the clock of a host that is far ahead of what the hub knew is believed after a steady day', async () => {
  const machine = new FakeMachine();
  machine.isHosted = true;
  const { clock } = await started(machine, TRUTH - 31 * DAY_MS);
  await machine.sleep(23 * HOUR_MS);
  expect(clock.basis()).toMatchObject({ isTrusted: false, from: 'floor', till: null });
  await machine.sleep(2 * HOUR_MS);
  expect(clock.basis()).toMatchObject({ isTrusted: true, from: 'system' });
  expect(isTrue(clock, machine)).toBe(true);
  await clock.stop();
});

test('a floor that a wrong clock left behind is given up after a day of a steady time service', async () => {
  const machine = new FakeMachine();
  machine.isHeld = true;
  const { clock } = await started(machine, TRUTH + YEAR_MS);
  expect(clock.basis()).toMatchObject({ isDisputed: true, isTrusted: false });
  await machine.sleep(23 * HOUR_MS);
  expect(clock.basis().isDisputed).toBe(true);
  await machine.sleep(2 * HOUR_MS);
  expect(clock.basis()).toMatchObject({ isDisputed: false, isTrusted: true });
  expect(isTrue(clock, machine)).toBe(true);
  await clock.stop();
});

test('a clock that shows a time before the program was made is not believed, whoever vouches for it', async () => {
  const machine = new FakeMachine();
  Object.assign(machine, { aheadMs: -TRUTH, isHeld: true });
  const { clock } = await started(machine, TRUTH - HOUR_MS);
  await machine.sleep(26 * HOUR_MS);
  expect(clock.basis()).toMatchObject({ from: 'floor', till: null, overruled: ['system'] });
  expect(clock.now().earliest).toBeLessThanOrEqual(machine.time.now);
  await clock.stop();
});

test('a system that is synchronised is asked every half hour, and one that is not every half minute', async () => {
  const machine = new FakeMachine();
  const { clock } = await started(machine);
  await machine.pass(10 * MINUTE_MS);
  const whileNot = machine.asked;
  machine.isHeld = true;
  await machine.pass(HOUR_MS);
  expect(whileNot).toBeGreaterThan(18);
  expect(machine.asked - whileNot).toBeLessThan(15);
  await clock.stop();
});
