import { expect, test } from 'vitest';
import type { Operation } from '../../src/core/operation.ts';
import { MINUTE_MS, SECOND_MS } from '../../src/core/time.ts';
import { request } from '../support/core-world.ts';
import { LoopWorld, loopWorld } from '../support/loop-world.ts';
import { hubPlace } from './store-fixture.ts';

const STEPS = ['reach', 'find_slot', 'write', 'read_back', 'remove', 'prove_empty'];
const GUEST = '4711';

let tests = 0;

/** Asks for a self-test; its outcome is looked up after some time. */
function ask(world: LoopWorld): () => unknown {
  tests += 1;
  const commandId = `test-${tests}`;
  const at = world.clock.now().earliest;
  const wish = { type: 'self_test', deviceId: 'lock' } as const;
  const times = { receivedAt: at, expiresAt: at + MINUTE_MS, outcomeAt: at };
  const outcome = { state: 'accepted' } as const;
  const command = { commandId, type: wish.type, request: wish, outcome, ...times };
  world.store.transaction(() => world.store.commands.add(command));
  world.reconciler.wake('lock');
  return () => world.store.commands.get(commandId)?.outcome;
}

/** The steps that were done, `!` marks one that failed. */
function stepsOf(outcome: unknown): readonly string[] {
  const { result } = outcome as { result: { steps: { step: string; ok: boolean; message: string }[] } };
  for (const { message } of result.steps) expect(message).toMatch(/^[A-Z].*\.$/);
  return result.steps.map(({ step, ok }) => (ok ? step : `${step}!`));
}

/** Nobody was told of a code, and the hub has none. */
function expectNoTrace(world: LoopWorld): void {
  const types = world.store.outbox.after(0, 1_000).map(({ event }) => event.event_type);
  expect(types.filter((type) => String(type).startsWith('access_code'))).toEqual([]);
  expect(world.pins.size).toBe(0);
  expect(world.store.lockState('lock')?.codes).toEqual([]);
}

test('a lock that works passes every step, and nothing of it stays', async () => {
  const world = await loopWorld();
  const written: Operation[] = [];
  world.execute = (operation) => {
    if (operation.kind === 'set_pin') written.push(operation);
    return Promise.resolve(world.lock(operation));
  };
  const outcome = ask(world);
  await world.pass(MINUTE_MS);
  expect(stepsOf(outcome())).toEqual(STEPS);
  expect(written).toHaveLength(1);
  expectNoTrace(world);
});

test('a lock that does not answer is asked nothing more', async () => {
  const world = await loopWorld();
  world.isThere = false;
  const outcome = ask(world);
  await world.pass(SECOND_MS);
  expect(stepsOf(outcome())).toEqual(['reach!']);
});

test('what a lock only says it removed is removed all the same, and is nobody’s code meanwhile', async () => {
  const world = await loopWorld();
  let clears = 0;
  world.execute = (operation) => {
    if (operation.kind !== 'clear_slot' || (clears += 1) > 1) return Promise.resolve(world.lock(operation));
    return Promise.resolve({ kind: 'done', proof: 'supervision' });
  };
  const outcome = ask(world);
  await world.pass(5 * MINUTE_MS);
  expect(stepsOf(outcome())).toEqual([...STEPS.slice(0, 5), 'prove_empty!']);
  expectNoTrace(world);
});

test.each(['set_pin', 'clear_slot', 'read_slot'] as const)(
  'a lock that falls silent at %s, having done it, holds no test code in the end',
  async (kind) => {
    const world = await loopWorld();
    let isSilent = false;
    let writes = 0;
    world.execute = (operation) => {
      if (operation.kind === 'set_pin') writes += 1;
      const done = world.lock(operation);
      const isIt = operation.kind === kind && writes > 0 && !isSilent;
      if (isIt) isSilent = true;
      return Promise.resolve(isIt ? { kind: 'unknown', message: 'no result' } : done);
    };
    const outcome = ask(world);
    await world.pass(10 * MINUTE_MS);
    expect(stepsOf(outcome()).filter((step) => step.endsWith('!'))).toHaveLength(1);
    expectNoTrace(world);
  },
);

test('a hub that dies in the middle clears the slot when it is back', async () => {
  const place = hubPlace();
  const first = await loopWorld(place.open());
  first.execute = (operation) => {
    if (operation.kind !== 'set_pin') return Promise.resolve(first.lock(operation));
    first.lock(operation);
    return new Promise(() => {});
  };
  ask(first);
  await first.pass(SECOND_MS);
  expect(first.pins.size).toBe(1);
  first.store.close();
  const world = new LoopWorld(place.open(), first.pins);
  await world.pass(5 * MINUTE_MS);
  expectNoTrace(world);
});

test('a lock with a code that is due soon is left alone, and the code is set', async () => {
  const world = await loopWorld();
  world.execute = (operation) =>
    Promise.resolve(
      operation.kind === 'set_pin' ? { kind: 'unknown', message: 'slow' } : world.lock(operation),
    );
  world.desire(request('guest', GUEST));
  await world.pass(SECOND_MS);
  const outcome = ask(world);
  await world.pass(SECOND_MS);
  expect(outcome()).toMatchObject({ state: 'failed', error: { code: 'busy' } });
  world.execute = (operation) => Promise.resolve(world.lock(operation));
  await world.pass(30 * MINUTE_MS);
  expect([...world.pins.values()]).toEqual([GUEST]);
});
