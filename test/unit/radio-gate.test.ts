import { expect, test } from 'vitest';
import type { Priority } from '../../src/core/plan/planned.ts';
import { RadioGate, type Place } from '../../src/reconcile/radio-gate.ts';
import { HubClock, WallClock } from '../simulation/hub-clock.ts';
import { VirtualTime } from '../simulation/virtual-clock.ts';

function world(places = 1) {
  const time = new VirtualTime(0);
  const gate = new RadioGate(new HubClock(time, new WallClock(time), () => false), places);
  const log: string[] = [];
  const work = (name: string, durationMs: number) => async () => {
    log.push(`${time.now} ${name}`);
    await time.sleep(durationMs);
  };
  const run = (priority: Priority, does: () => Promise<void>, more: Partial<Place> = {}) =>
    gate.run({ priority, ticket: gate.ticket(), signal: new AbortController().signal, ...more }, does);
  return { time, gate, log, work, run };
}

test('one operation at a time, removals first, and first come first served among equals', async () => {
  const { time, log, work, run } = world();
  const answers = [
    run('set', work('first', 100)),
    run('look', work('look', 100)),
    run('set', work('second', 100)),
    run('remove', work('removal', 100)),
    run('set', work('third', 100)),
  ];
  await time.pass(1000, () => {});
  expect(log).toEqual(['0 first', '100 removal', '200 second', '300 third', '400 look']);
  expect(await Promise.all(answers)).toEqual([true, true, true, true, true]);
});

test('as many operations at a time as there are places, and no more', async () => {
  const { time, log, work, run } = world(2);
  for (const name of ['first', 'second', 'third', 'fourth']) void run('set', work(name, 100));
  await time.pass(50, () => {});
  void run('remove', work('removal', 100));
  await time.pass(1000, () => {});
  void run('set', work('later', 100));
  void run('set', work('beside', 100));
  void run('set', work('last', 100));
  await time.pass(2000, () => {});
  const [first, second, ...rest] = log;
  expect([first, second]).toEqual(['0 first', '0 second']);
  expect(rest).toEqual(['100 removal', '100 third', '200 fourth', '1000 later', '1000 beside', '1100 last']);
});

test('a lock that does not answer keeps the others waiting for 3 s at most, and still gets its answer', async () => {
  const { time, log, work, run } = world();
  const slow = run('set', work('slow', 15_000));
  const quick = run('set', work('quick', 100));
  await time.pass(20_000, () => {});
  expect(log).toEqual(['0 slow', '3000 quick']);
  expect(await Promise.all([slow, quick])).toEqual([true, true]);
});

test('an operation that throws lets the next one in', async () => {
  const { time, log, work, run } = world();
  const failing = run('set', () => Promise.reject(new Error('a bug')));
  const caught = expect(failing).rejects.toThrow('a bug');
  const next = run('set', work('next', 100));
  await time.pass(1000, () => {});
  await caught;
  expect(await next).toBe(true);
  expect(log).toEqual(['0 next']);
});

test('who leaves the queue and comes back keeps its place, and a higher priority goes first', async () => {
  const { time, gate, log, work, run } = world();
  const leaving = new AbortController();
  const ticket = gate.ticket();
  void run('set', work('first', 100));
  const left = run('look', work('never', 100), { ticket, signal: leaving.signal });
  void run('set', work('other', 100));
  void run('set', work('another', 100));
  time.at(50, () => leaving.abort());
  await time.pass(60, () => {});
  expect(await left).toBe(false);
  void run('set', work('urgent now', 100), { ticket });
  await time.pass(1000, () => {});
  expect(log).toEqual(['0 first', '100 urgent now', '200 other', '300 another']);
});
