import { afterAll, beforeAll, expect, it } from 'vitest';
import { heldBy, lockOf, pinOf, startRigWithLocks, type Rig } from './zwave-rig.ts';

let rig: Rig;

beforeAll(async () => {
  rig = await startRigWithLocks();
});

afterAll(async () => {
  await rig.stop();
  await rig.house.stop();
});

/** How each family proves a write. */
it.each([
  { model: 'uc-v1', proof: 'read_back', gone: 'read_back' },
  { model: 'uc-v1-masked', proof: 'read_back', gone: 'read_back' },
  // What has to be gone is looked at, also where Supervision confirmed it.
  { model: 'uc-v2', proof: 'supervision', gone: 'read_back' },
  { model: 'u3c', proof: 'event', gone: 'event' },
] as const)('$model proves its writes by $proof', async ({ model, proof, gone }) => {
  const lock = lockOf(rig, model);
  const write = { kind: 'set_pin', slot: 3, pin: pinOf('0123'), enabled: true } as const;
  expect(await rig.execute(lock, write)).toMatchObject({ kind: 'done', proof });
  expect(await rig.execute(lock, { kind: 'clear_slot', slot: 3 })).toMatchObject({
    kind: 'done',
    proof: gone,
  });
  expect(rig.told(lock, 'found')[0]?.description.secure).toBe(lock.model.secure);
  expect(rig.told(lock, 'found')[0]?.snapshot).toHaveLength(lock.model.slots);
});

it('does not take asterisks over an occupied slot for the code that was written', async () => {
  const lock = lockOf(rig, 'uc-v1-masked');
  lock.programPin(7, '7778');
  lock.programPin(8, '8889');
  await rig.execute(lock, { kind: 'read_slot', slot: 8 });
  const outcome = await rig.execute(lock, { kind: 'set_pin', slot: 8, pin: pinOf('7778'), enabled: true });
  expect(outcome.kind).not.toBe('done');
  expect(heldBy(lock, 8)).toBe('8889');
  lock.unprogramPin(7);
  lock.unprogramPin(8);
});

it('writes although the library remembers something else about the slot', async () => {
  const lock = lockOf(rig, 'u3c');
  await rig.execute(lock, { kind: 'set_pin', slot: 15, pin: pinOf('1515'), enabled: true });
  lock.codes.clear(15);
  const overGone = await rig.execute(lock, { kind: 'set_pin', slot: 15, pin: pinOf('5151'), enabled: true });
  expect(overGone).toMatchObject({ kind: 'done' });
  expect(heldBy(lock, 15)).toBe('5151');
  await rig.execute(lock, { kind: 'clear_slot', slot: 15 });
});
