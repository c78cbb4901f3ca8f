import { expect, test } from 'vitest';
import { RadioGate } from '../../src/reconcile/radio-gate.ts';
import { HubClock, WallClock } from '../simulation/hub-clock.ts';
import { VirtualTime } from '../simulation/virtual-clock.ts';

function world() {
  const time = new VirtualTime(0);
  const gate = new RadioGate(new HubClock(time, new WallClock(time), () => false));
  const log: string[] = [];
  const work = (name: string, durationMs: number) => async () => {
    log.push(`${time.now} ${name}`);
    await time.sleep(durationMs);
    return name;
  };
  return { time, gate, log, work };
}

test('one operation at a time, removals first, and first come first served among equals', async () => {
  const { time, gate, log, work } = world();
  const answers = [
    gate.run('set', work('first', 100)),
    gate.run('look', work('look', 100)),
    gate.run('set', work('second', 100)),
    gate.run('remove', work('removal', 100)),
    gate.run('set', work('third', 100)),
  ];
  await time.pass(1000, () => {});
  expect(log).toEqual(['0 first', '100 removal', '200 second', '300 third', '400 look']);
  expect(await Promise.all(answers)).toEqual(['first', 'look', 'second', 'removal', 'third']);
});

test('a lock that does not answer keeps the others waiting for 3 s at most, and still gets its answer', async () => {
  const { time, gate, log, work } = world();
  const slow = gate.run('set', work('slow', 15_000));
  const quick = gate.run('set', work('quick', 100));
  await time.pass(20_000, () => {});
  expect(log).toEqual(['0 slow', '3000 quick']);
  expect(await Promise.all([slow, quick])).toEqual(['slow', 'quick']);
});

test('an operation that throws lets the next one in', async () => {
  const { time, gate, log, work } = world();
  const failing = gate.run('set', () => Promise.reject(new Error('a bug')));
  const caught = expect(failing).rejects.toThrow('a bug');
  const next = gate.run('set', work('next', 100));
  await time.pass(1000, () => {});
  await caught;
  expect(await next).toBe('next');
  expect(log).toEqual(['0 next']);
});
